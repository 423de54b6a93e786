#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# hardening.sh BUILD: what a release owes its users against memory errors, looked up in the built programs and in the
# commands that built them.
cd "$1" || exit 2
bad=0
complain() {
  bad=1
  echo "$*"
}

for file in quell quell-flash-worker libquell-net.so quell-net.so libquell.so; do
  [ -e "$file" ] || continue
  LC_ALL=C readelf -dW "$file" | grep -qE '\((FLAGS|FLAGS_1)\).*NOW' || complain "$file: symbols are bound late (no BIND_NOW)"
  LC_ALL=C readelf -lW "$file" | grep -q GNU_RELRO || complain "$file: no RELRO"
  LC_ALL=C readelf -sW "$file" | grep -q __stack_chk_fail || complain "$file: no stack protector"
done
LC_ALL=C readelf -hW quell | grep -qE 'Type: +DYN' || complain "quell: not position-independent"

for flag in -D_GLIBCXX_ASSERTIONS -fstack-protector-strong -D_FORTIFY_SOURCE=; do
  found=$(grep -E '"command":.* -o (src|CMakeFiles/quell_fmt)' compile_commands.json | grep -v '/generated/' |
    grep -vF -- "$flag" | grep -oE '[^ ]+\.cpp"' | tr -d '"')
  [ -z "$found" ] || complain "compiled without $flag:" $found
done
exit $bad
