#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# man_pages.sh QUELL FOLDER [COMPLETIONS [EMULATOR]]: writes a manual page for the program, each command, each verb and each front
# end to the first folder, and completion for bash, zsh and fish to the second; all of it from what the program says.
set -eu
program=$1
folder=$2
emulator=${4:-}
run() { $emulator "$program" "$@"; }
# A program that cannot run here, as after a cross build, would leave nothing, or its shell's complaint, as a page.
run --version >/dev/null || { echo "$0: $program does not run on this machine" >&2; exit 1; }
sources=$(dirname "$0")/../src
mkdir -p "$folder"
run --list-commands | while read -r words; do
  # shellcheck disable=SC2086 # the words of a command
  run --print-manual ${words#quell} >"$folder/$(echo "$words" | tr ' ' -).1"
done

# The help text with roff's special characters made harmless.
help() { run "$1" --help 2>&1 | sed -e 's/\\/\\e/g' -e "s/^\([.']\)/\\\\\&\1/" -e 's/-/\\-/g'; }

sed -n 's/^QUELL_FRONTEND(\([a-z_]*\),.*/\1/p' "$sources/compat/frontends.def" | while read -r name; do
  {
    run --print-manual | sed -n "1 s/^.TH QUELL 1/.TH QUELL-$(echo "$name" | tr a-z A-Z) 1/p"
    printf '.SH NAME\nquell\\-%s \\- the options and the bytes of %s\n' "$name" "$name"
    printf '.SH SYNOPSIS\n.B quell %s ARGUMENTS\n' "$name"
    printf '.SH DESCRIPTION\nStands in for %s, also through a link of that name.\n' "$name"
    printf '.SH OPTIONS\n.nf\n'
    help "$name" | sed 's/^$/.sp/'
    printf '.fi\n.SH EXIT STATUS\nAs the tool whose options these are.\n.SH SEE ALSO\n.BR quell (1)\n'
  } >"$folder/quell-$name.1"
done

if [ $# -gt 2 ]; then
  mkdir -p "$3"
  run --print-completion bash >"$3/quell.bash"
  run --print-completion zsh >"$3/_quell"
  run --print-completion fish >"$3/quell.fish"
fi
