#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# merge.sh PROGRAM IMAGES [RECORDS]: how many records a second `merge` takes into a new SQLite database and into one that is there.
# 100,000 of them, made of what a scan of a folder of images says, about 2 KB each, every one about another content. The
# median of five rounds; then what it costs to merge all of them again.
set -u -o pipefail
program=$(realpath "$1") images=$(realpath "$2") records=${3:-100000}
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1

"$program" scan "$images" --progress none -o scan.ndjson || exit 1
grep '"image":' scan.ndjson | awk 'length > 1400 && length < 3200' >some.ndjson
[ -s some.ndjson ] || { echo "merge.sh: no record of $images has about 2 KB" >&2; exit 1; }
# $1: how many, $2: what tells their contents from others'
make() {
  awk -v wanted="$1" -v seed="$2" '
    { line[NR] = $0 }
    END {
      srand(seed)
      for (i = 0; i < wanted; ++i) {
        digest = sprintf("%08x", i)
        while (length(digest) < 64) digest = sprintf("%04x", int(rand() * 65536)) digest
        text = line[i % NR + 1]
        at = index(text, "\"sha256\":\"") + 10
        print substr(text, 1, at - 1) digest substr(text, at + 64)
      }
    }' some.ndjson
}
make "$records" 1 >first.ndjson
make "$records" 2 >second.ndjson
echo "$records records of $(($(stat -c %s first.ndjson) / records)) bytes"

# $1: what it is called; the rest: how it is done. Adds the time to the file of that name.
timed() {
  local name=$1 start
  shift
  start=$(date +%s%N)
  "$@" >/dev/null || exit 1
  echo $((($(date +%s%N) - start) / 1000000)) >>"$name.ms"
}
for round in 1 2 3 4 5; do
  rm -f fleet.db
  timed new "$program" merge first.ndjson --sqlite fleet.db
  timed more "$program" merge second.ndjson --sqlite fleet.db
  timed again "$program" merge first.ndjson --sqlite fleet.db
done
for name in new more again; do
  sort -n $name.ms | sed -n 3p | awk -v name=$name -v records="$records" '
    BEGIN { words["new"] = "into a new database"; words["more"] = "into one that is there"; words["again"] = "merged again" }
    { printf "%s: %d ms, %d records a second\n", words[name], $1, records * 1000 / $1 }'
done
