#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# complete.sh SOURCE: every function of quell.h stands under a comment and in all that goes with the C interface: its
# export list, its recorded names, the Python module, the storm of calls, the guide. Every
# header of the library stands in the README beside it, and no other.
set -u
source=$1
header=$source/include/quell/quell.h
bad=0
functions=$(grep -oE '^QUELL_API .*[ *](quell_[a-z_]+)\(' "$header" | sed -E 's/.*[ *](quell_[a-z_]+)\($/\1/')
[ -n "$functions" ] || { echo "no functions in $header"; exit 1; }

for place in src/capi/libquell.map tests/capi/symbols.abi python/quell/_library.py tests/capi/storm_caller.cpp docs/guide/library.md; do
  for function in $functions; do
    grep -qw "$function" "$source/$place" || { bad=1; echo "$place lacks $function"; }
  done
  for named in $(grep -oE '\bquell_[a-z_]+\b' "$source/$place" | sort -u); do
    grep -qw "$named" "$header" || { bad=1; echo "$place names $named, which is not in quell.h"; }
  done
done

readme=$source/include/quell/README.md
present=$(cd "$source/include/quell" && find . -name '*.h' | sed 's,^\./,,' | sort)
named=$(grep '^|' "$readme" | grep -oE '`[a-z_/]+\.h`' | tr -d '`' | sort -u)
[ "$present" = "$(printf '%s\n' $named quell.h | sort -u)" ] ||
  { bad=1; echo "the headers and $readme differ:"; diff <(echo "$present") <(printf '%s\n' $named quell.h | sort -u); }

# What frees needs no words: the head of the file has them.
awk '
  /^ *\/\// { described = 1; next }
  /^$/ { described = 0; next }
  /^QUELL_API/ && !described && !/_free\(/ { print "no comment above: " $0; bad = 1 }
  END { exit bad }' "$header" || bad=1
exit $bad
