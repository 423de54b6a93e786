#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wasm_core.sh BUILD: compiles every source of quell::core and of the C interface for wasm32 with clang 19, and links
# nothing. BUILD is a configured build with QUELL_LIBRARY: it has the list of sources and the headers of the tables.
# Debian: clang-19 libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 wasi-libc; without them the script says so and is content.
set -u
build=$1
cd "$(dirname "$0")/.." || exit 2
compiler=$(command -v clang++-19)
if [ -z "$compiler" ] || [ ! -d /usr/include/wasm32-wasi ]; then
  echo "note: not compiled for wasm32: clang-19, libc++-19-dev-wasm32 or wasi-libc is missing"
  exit 0
fi

# Files, a page has none.
without='src/base/(atomic_file|mapped_file)\.cpp'

# The headers of the libraries, without those of this machine's libc around them.
libraries=$build/wasm
mkdir -p "$libraries"
for name in tl fmt nlohmann nettle lzma lzma.h zlib.h zconf.h lz4.h lz4hc.h lz4frame.h libfdt.h fdt.h libfdt_env.h gmp.h; do
  for folder in /usr/include /usr/include/*-linux-gnu; do
    [ -e "$folder/$name" ] && ln -sfn "$folder/$name" "$libraries/$name" && break
  done
done

sources() {
  sed -nE 's|.* -o src/(capi/)?CMakeFiles/quell_(core\|c)\.dir/.* -c ([^ "]+)".*|\3|p' "$build/compile_commands.json" |
    sed "s|^$PWD/||" | grep -vE "$without" | sort -u
}
count=$(sources | wc -l)
[ "$count" -gt 100 ] || { echo "only $count sources found in $build/compile_commands.json"; exit 1; }
sources | xargs -n 1 -P "$(nproc)" "$compiler" --target=wasm32-wasi -std=c++20 -stdlib=libc++ -fwasm-exceptions \
  -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_MMAN -Iinclude -Isrc -I"$build/generated" \
  -isystem "$libraries" -Wno-everything -fsyntax-only || exit 1
echo "$count sources compile for wasm32"
