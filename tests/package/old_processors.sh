#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# old_processors.sh PROGRAM: what the program prints and writes on emulated processors without SHA, AVX and SSE4 (a ThinkPad
# X200 is a Penryn) is what it prints and writes on this one.
set -u
cd "$(dirname "$0")/../.." || exit 1
program=$(realpath "$1")
command -v qemu-x86_64-static >/dev/null || { echo "note: needs qemu-user-static"; exit 77; }
[ "$(uname -m)" = x86_64 ] || { echo "note: needs an x86-64 machine"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mapfile -t images < <(find ../shared/corpus -name '*.bin' -size -9M 2>/dev/null | sort | awk 'NR % 12 == 1')
# Paths are the same in every run, so what is printed can be compared.
for processor in native core2duo Penryn; do
  run=("$program")
  [ $processor = native ] || run=(qemu-x86_64-static -cpu "$processor" "$program")
  {
    for image in "${images[@]}"; do
      for words in "inspect --json" "check --json" "clean --dry-run --json"; do
        # shellcheck disable=SC2086 # the words of a command
        "${run[@]}" $words "$image" 2>&1
        echo "status $?"
      done
      "${run[@]}" me_cleaner -S -O "$work/out" "$image" 2>&1
      [ -e "$work/out" ] && sha256sum <"$work/out" && rm "$work/out"
    done
    "${run[@]}" explain --json
    "${run[@]}" demo
  } >"$work/$processor" 2>&1
  [ -s "$work/$processor" ] || { echo "nothing was printed"; exit 1; }
  cmp "$work/native" "$work/$processor" || { diff "$work/native" "$work/$processor" | head -n 10; exit 1; }
done
echo "note: ${#images[@]} images and the demo, the same on core2duo and Penryn"
