#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# abi.sh SOURCE LIBRARY LESSENED: holds the binary interface against the recorded one: the names that the library exports
# (tests/capi/symbols.abi) and the types in quell.h (tests/capi/types.abi). LESSENED is the library without one function,
# which must be noticed. C compiler: $CC. `abi.sh --record SOURCE LIBRARY` writes both records anew: only to add to them.
set -u
# The records are of this one: sizes differ elsewhere.
[ "$(uname -m)" = x86_64 ] || exit 77
record=no
[ "$1" = --record ] && record=yes && shift
source=$1 library=$2 lessened=${3:-}
here=$source/tests/capi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
complain() { bad=1; echo "$*"; }

# types HEADER-FOLDER OUTPUT: a library that defines every function of quell.h, with nothing in it.
types() {
  {
    echo '#include <quell/quell.h>'
    sed -e '/^#/d' -e 's|//.*||' "$1/quell/quell.h" | tr '\n' ' ' | grep -oE 'QUELL_API [^;]*;' |
      sed -E 's/^QUELL_API //; s/;$/ { __builtin_trap(); }/'
  } >"$work/types.c"
  "$CC" -std=c11 -g -O0 -w -shared -fPIC -I"$1" -Wl,-soname,libquell.so.0 "$work/types.c" -o "$2"
}
dump() { abidw --no-elf-needed --no-corpus-path --no-comp-dir-path --no-show-locs "$@"; }

types "$source/include" "$work/types.so" || complain "quell.h does not become a library"
if [ $record = yes ]; then
  dump "$library" >"$here/symbols.abi" && dump "$work/types.so" >"$here/types.abi"
  exit
fi

abidiff "$here/symbols.abi" "$library" || complain "the library exports other names than recorded"
abidiff "$here/types.abi" "$work/types.so" || complain "quell.h has other types than recorded"

# What is taken away or changed is noticed.
abidiff "$here/symbols.abi" "$lessened" >"$work/lessened" && complain "a missing function was not noticed"
grep -q quell_diff "$work/lessened" || complain "the missing function was not named"
mkdir -p "$work/include/quell"
sed 's/size_t size, const char\* name/uint32_t size, const char* name/' "$source/include/quell/quell.h" >"$work/include/quell/quell.h"
types "$work/include" "$work/changed.so"
abidiff "$here/types.abi" "$work/changed.so" >"$work/changed" && complain "a changed argument was not noticed"
grep -q quell_open_bytes "$work/changed" || complain "the changed function was not named"
exit $bad
