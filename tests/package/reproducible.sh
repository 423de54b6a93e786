#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# reproducible.sh [COUNT]: compiles some sources in two folders, with other locale, time zone, home and name of the host, and
# expects the same bytes. `reproducible.sh --packages`: the same for whole Debian packages.
set -u
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
one=$work/a/quell other=$work/another/place/for/it
mkdir -p "$one" "$other"
git ls-files -z | tar --null -T - -cf - | tee >(tar -xf - -C "$one") | tar -xf - -C "$other" || exit 1
wait
mkdir "$work/home"
first=(env LC_ALL=C TZ=UTC HOME="$work/home" USER=one)
second=(env LC_ALL=C.UTF-8 LANG=de_DE.UTF-8 TZ=Pacific/Kiritimati HOME="$work" USER=two)

if [ "${1:-}" = --packages ]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
  export SOURCE_DATE_EPOCH
  for tree in "$one" "$other"; do tools/table_dates.sh >"$tree/data/dates.txt"; done
  (cd "$one" && "${first[@]}" bash -c 'umask 022; ./package --jobs 2') >"$work/log" 2>&1 &&
    (cd "$other" && "${second[@]}" CCACHE_DISABLE=1 bash -c 'umask 002; ./package --jobs 1') >>"$work/log" 2>&1 ||
    { tail -n 30 "$work/log"; exit 1; }
  diff "$one"/build/package/*/SHA256SUMS "$other"/build/package/*/SHA256SUMS || exit 1
  echo "note: $(wc -l <"$one"/build/package/*/SHA256SUMS) packages are the same from two folders"
  exit 0
fi

count=${1:-10}
# Sources that use what is generated and what is not, the same ones every time.
mapfile -t sources < <(find src/base src/report src/flash -name '*.cpp' -size -8k | sort | awk -v n="$count" '{ all[NR] = $0 } END { for (i = 0; i < n; i++) print all[int(i * NR / n) + 1] }')
flags=(-std=c++20 -O2 -DNDEBUG -D_GLIBCXX_ASSERTIONS -DFMT_SHARED -fPIC -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
for tree in "$one" "$other"; do
  mkdir -p "$tree/build/generated"
  for schema in data/schema/*.csv; do
    name=$(basename "$schema" .csv)
    [ -e "data/$name.csv" ] || continue
    grep -q "data/$name\.h" "${sources[@]}" || continue
    cmake -DSOURCE="$tree/data/$name.csv" -DSCHEMA="$tree/$schema" -DSYMBOL="${name//-/_}" -DFOLDER="$tree/build/generated/data" \
      -DNAME="$name" -P cmake/EmbedTableScript.cmake || exit 1
  done
done
compile() {
  local tree=$1 source
  shift
  for source in "${sources[@]}"; do
    (cd "$tree" && "$@" "${CXX:-g++}" "${flags[@]}" -I"$tree/include" -I"$tree/src" -I"$tree/build/generated" -c "$tree/$source" \
      -o "$work/object.$(basename "$tree")" && sha256sum <"$work/object.$(basename "$tree")") || return 1
  done
}
compile "$one" "${first[@]}" >"$work/one" & pid=$!
compile "$other" "${second[@]}" >"$work/other"
status=$?
wait $pid && [ $status -eq 0 ] || { echo "a source does not compile"; exit 1; }
paste -d ' ' <(printf '%s\n' "${sources[@]}") "$work/one" "$work/other" | awk '$2 != $4 { print $1 " differs"; bad = 1 } END { exit bad }' || exit 1
[ "$(wc -l <"$work/one")" -eq "${#sources[@]}" ] || exit 1
echo "${#sources[@]} objects are the same from two folders"
