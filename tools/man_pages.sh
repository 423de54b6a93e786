#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# man_pages.sh QUELL FOLDER: writes quell.1, one quell-COMMAND.1 a command with its verbs, and one a front end there,
# from what --help says.
set -eu
program=$1
folder=$2
sources=$(dirname "$0")/../src
mkdir -p "$folder"

# The help text with roff's special characters made harmless.
help() { "$program" "$@" --help 2>&1 | sed -e 's/\\/\\e/g' -e "s/^[.']/\\\\\&&/" -e 's/-/\\-/g'; }

# verbs COMMAND: its subcommands with their summaries.
verbs() { "$program" "$@" --help | sed -n '/^Subcommands:/,/^$/ s/^  \([a-z_-]*\)  *\(.*\)/\1 \2/p'; }

# page NAME SUMMARY STATUS [COMMAND]
page() {
  {
    printf '.TH %s 1 "" "%s" "quell"\n' "$(echo "$1" | tr a-z A-Z)" "$("$program" --version | head -n 1)"
    printf '.SH NAME\n%s \\- %s\n.SH DESCRIPTION\n.nf\n' "$1" "$2"
    help ${4:+"$4"}
    printf '.fi\n'
    if [ -n "${4:-}" ] && [ "$3" = own ]; then
      verbs "$4" | while read -r verb _; do
        printf '.SH %s\n.nf\n' "$(echo "$4 $verb" | tr a-z A-Z)"
        help "$4" "$verb"
        printf '.fi\n'
      done
    fi
    printf '.SH EXIT STATUS\n.nf\n'
    if [ "$3" = own ]; then
      printf '%s\n' '0  done, verdict good' '1  done, verdict bad' '2  usage' \
        '3  input not recognised or damaged beyond use' '4  refused for safety' '5  input, output, device or network'
    else
      printf 'As the tool whose options these are.\n'
    fi
    printf '.fi\n.SH SEE ALSO\n.BR quell (1)\n'
  } >"$folder/$1.1"
}

page quell 'look into firmware images, and quiet the engines in them' own
verbs | while read -r command summary; do
  page "quell-$command" "$summary" own "$command"
done
sed -n 's/^QUELL_FRONTEND(\([a-z_]*\),.*/\1/p' "$sources/compat/frontends.def" | while read -r name; do
  page "quell-$name" "the options and the bytes of $name" other "$name"
done
