# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for quell: commands, their options, file names. Asks the program itself, so it is never out of date.
_quell() {
  local current=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} command=
  [ "$COMP_CWORD" -gt 1 ] && command=${COMP_WORDS[1]}
  if [ -z "$command" ] && [[ $current != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null |
      sed -n '/^Subcommands:/,$ s/^  \([a-z_]*\) .*/\1/p') me_cleaner" -- "$current")
  elif [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$("$program" $command --help 2>/dev/null |
      grep -oE -- '(^|,| )--[a-z][a-z0-9-]*' | tr -d ', ' | sort -u)" -- "$current")
  else
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -F _quell quell
