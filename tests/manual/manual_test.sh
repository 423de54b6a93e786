#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# manual_test.sh QUELL SOURCE: the manual pages without a warning of man and mandoc, and completion in real shells. What is not
# installed is left out with a line.
set -u
quell=$(realpath "$1")
source=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0
fail() { echo "FAILED: $*"; failed=1; }
same() { [ "$2" = "$3" ] || fail "$1: '$2' where '$3' belongs"; }

sh "$source/tools/man_pages.sh" "$quell" "$folder/man" "$folder/completions" || fail "man_pages.sh"

for page in "$folder"/man/*.1; do
  for section in NAME SYNOPSIS DESCRIPTION OPTIONS "EXIT STATUS" "SEE ALSO"; do
    grep -q "^.SH $section" "$page" || fail "$(basename "$page") has no section $section"
  done
  if command -v man >/dev/null; then
    said=$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -l "$page" 2>&1 >/dev/null)
    [ -z "$said" ] || fail "man: $page: $said"
  fi
  if command -v mandoc >/dev/null; then
    said=$(mandoc -T lint -W warning "$page" 2>&1)
    [ -z "$said" ] || fail "mandoc: $said"
  fi
done
for section in EXAMPLES FILES ENVIRONMENT; do
  grep -q "^.SH $section" "$folder/man/quell-backup.1" || fail "quell-backup.1 has no section $section"
done
[ -f "$folder/man/quell-vault-verify.1" ] || fail "no page of a verb"
echo "$(ls "$folder/man" | wc -l) pages"
for tool in man mandoc; do command -v $tool >/dev/null || echo "without $tool"; done

in_bash() {
  bash --norc -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _quell; echo "${COMPREPLY[*]}"' - \
    "$folder/completions/quell.bash" "$@" 2>/dev/null
}
same "bash, a command" "$(in_bash quell vau)" "vault"
same "bash, a verb" "$(in_bash quell vault ver)" "verify"
same "bash, an option" "$(in_bash quell backup --pull)" "--pull-ups"
same "bash, words of an option" "$(in_bash quell inspect --color a)" "auto always"
touch "$folder/dump.rom"
same "bash, a file" "$(cd "$folder" && in_bash quell inspect dum)" "dump.rom"

if command -v fish >/dev/null; then
  in_fish() { HOME=$folder fish --no-config -c "source '$folder/completions/quell.fish'; complete -C '$1'" 2>/dev/null | cut -f 1 | tr '\n' ' '; }
  same "fish, a command" "$(in_fish 'quell vau')" "vault "
  same "fish, a verb" "$(in_fish 'quell vault ver')" "verify "
  same "fish, an option" "$(in_fish 'quell backup --pull')" "--pull-ups "
else
  echo "without fish"
fi

if command -v zsh >/dev/null; then
  # The words that the completion system would be offered, of those that begin as typed.
  in_zsh() {
    zsh -f -c 'compadd() { local w; for w in "${@:2}"; do [[ $w == ${words[CURRENT]}* ]] && print -n -- "$w "; done }
      _files() { print -n files; }; compdef() { :; }
      source "$1"; shift; words=("$@"); CURRENT=$#; _quell' - "$folder/completions/_quell" "$@" 2>&1
  }
  same "zsh, a command" "$(in_zsh quell vau)" "vault "
  same "zsh, a verb" "$(in_zsh quell vault ver)" "verify "
  same "zsh, an option" "$(in_zsh quell backup --pull)" "--pull-ups "
  same "zsh, words of an option" "$(in_zsh quell inspect --color a)" "auto always "
  same "zsh, a file" "$(in_zsh quell inspect dum)" "files"
else
  echo "without zsh"
fi
exit $failed
