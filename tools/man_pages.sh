#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# man_pages.sh QUELL FOLDER: writes quell.1 and one quell-COMMAND.1 a command there, from what --help says.
set -eu
program=$1
folder=$2
mkdir -p "$folder"

# The help text with roff's special characters made harmless.
help() { "$program" "$@" --help | sed -e 's/\\/\\e/g' -e "s/^[.']/\\\\\&&/" -e 's/-/\\-/g'; }

# page NAME SUMMARY [COMMAND]
page() {
  {
    printf '.TH %s 1 "" "%s" "quell"\n' "$(echo "$1" | tr a-z A-Z)" "$("$program" --version)"
    printf '.SH NAME\n%s \\- %s\n.SH DESCRIPTION\n.nf\n' "$1" "$2"
    help ${3:+"$3"}
    printf '.fi\n.SH EXIT STATUS\n.nf\n'
    printf '%s\n' '0  done, verdict good' '1  done, verdict bad' '2  usage' '3  input not recognised or damaged beyond use' \
      '4  refused for safety' '5  input, output, device or network'
    printf '.fi\n.SH SEE ALSO\n.BR quell (1)\n'
  } >"$folder/$1.1"
}

page quell 'look into firmware images, and quiet the engines in them'
"$program" --help | sed -n '/^Subcommands:/,$ s/^  \([a-z_]*\)  *\(.*\)/\1 \2/p' | while read -r command summary; do
  page "quell-$command" "$summary" "$command"
done
