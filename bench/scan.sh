#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# scan.sh PROGRAM IMAGES [COPIES]: how fast `scan` is, in one run: 500 copies of the images of a folder, each of its own content,
# by one worker, by two, and by `xargs -P2 -n1 PROGRAM inspect --json`; the median of five rounds, side by side. Then what one of
# 1,000 and of 100,000 tiny images costs, and the memory that the scan of the latter has at most beside its workers.
# Two free processors and one minute; the files are kept in memory where there is room.
set -u -o pipefail
program=$(realpath "$1") images=$(realpath "$2") copies=${3:-500}
room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
[ -n "${TMPDIR:-}" ] || [ "${room:-0}" -lt 3000000 ] || export TMPDIR=/dev/shm
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/in" "$folder/tiny"

# An image, and where 64 bytes in it are blank: nothing is there that would be another image with one of them changed.
while IFS= read -r -d '' image; do
  at=$(LC_ALL=C grep -obUaPm1 '\xFF{64}' "$image" | head -n 1 | cut -d : -f 1)
  [ -z "$at" ] || sources+=("$((at + 32)) $image")
done < <(find "$images" -type f -size +15k -size -20000k -print0 | sort -z)
for ((i = 0; i < copies; ++i)); do
  read -r at image <<<"${sources[i % ${#sources[@]}]}"
  cp "$image" "$folder/in/$i.bin" && chmod u+w "$folder/in/$i.bin"
  printf "\\x$(printf %02x $((i / ${#sources[@]})))" | dd of="$folder/in/$i.bin" bs=1 seek="$at" conv=notrunc status=none
done
echo "$copies copies of ${#sources[@]} images, $(du -sm "$folder/in" | cut -f1) MiB"

# Adds the time of the command to the file $1.
timed() {
  local file=$1 start
  shift
  start=$(date +%s%N)
  "$@" >/dev/null 2>&1
  echo $((($(date +%s%N) - start) / 1000000)) >>"$folder/$file"
}
scan() { "$program" scan "$folder/in" --jobs "$1" -o "$folder/$1.ndjson"; }
by_xargs() { find "$folder/in" -type f -print0 | xargs -0 -P2 -n1 "$program" inspect --json; }
median() { sort -n "$folder/$1" | sed -n 3p; }

scan 2 2>&1 | head -n 1
for round in 1 2 3 4 5; do
  timed one scan 1
  timed two scan 2
  timed xargs by_xargs
done
one=$(median one) two=$(median two) xargs=$(median xargs)
echo "one worker $one ms, two $two ms, xargs $xargs ms"
awk "BEGIN { printf \"two workers: %.2f times one, %.2f times xargs\\n\", $one / $two, $xargs / $two }"

(cd "$folder/tiny" && seq -f 'tiny image number %.0f' 100000 | split -a 5 -d -l 1 - t)
find "$folder/tiny" -type f -print0 | sort -z >"$folder/100000.list"
head -z -n 1000 "$folder/100000.list" >"$folder/1000.list"
# The median of five: it is soon over.
for round in 1 2 3 4 5; do
  timed few "$program" scan --from0 "$folder/1000.list" --jobs 2 -o "$folder/few.ndjson"
done
awk "BEGIN { printf \"1000 tiny images: %.1f microseconds each\\n\", $(median few) }"

start=$(date +%s%N)
"$program" scan --from0 "$folder/100000.list" --jobs 2 --progress none -o "$folder/many.ndjson" 2>/dev/null &
scan=$!
# The highest that the kernel has seen; it is gone when the scan is.
while peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$scan/status" 2>/dev/null) && [ -n "$peak" ]; do
  highest=$peak
  sleep 0.1
done
wait "$scan"
status=$?
time=$((($(date +%s%N) - start) / 1000000))
awk "BEGIN { printf \"100000 tiny images: %.1f microseconds each, status $status, %.1f MiB at most in the scan itself\\n\", $time / 100, $highest / 1024 }"
