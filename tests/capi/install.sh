#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh SOURCE BUILD IMAGE: installs the library into a temporary prefix, builds a program of C and one of C++
# against it with CMake and with pkg-config, and runs them on the image. Compilers: $CC, $CXX.
set -eu
source=$1 build=$2 image=$3
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
complain() { echo "$*" >&2; exit 1; }

cmake --install "$build" --prefix "$prefix" --component library >/dev/null
users=$source/tests/capi/users

# Every header that is installed stands alone.
for header in $(cd "$prefix/include" && find quell -name '*.h'); do
  language=c++ standard=c++20 compiler=$CXX
  [ "$header" = quell/quell.h ] && language=c standard=c11 compiler=$CC
  echo "#include <$header>" | "$compiler" -x $language -std=$standard -Wall -Wextra -Werror -fsyntax-only \
    -I"$prefix/include" - || complain "$header does not compile on its own"
done

# The library gives the names of quell.h and no other.
exported=$(nm -D --defined-only "$prefix"/lib/*/libquell.so 2>/dev/null || nm -D --defined-only "$prefix"/lib/libquell.so)
exported=$(echo "$exported" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)
declared=$(grep -oE '^QUELL_API .*[ *](quell_[a-z_]+)\(' "$source/include/quell/quell.h" | sed -E 's/.*[ *](quell_[a-z_]+)\($/\1/' | sort)
[ "$exported" = "$declared" ] || complain "exported and declared differ:" "$(diff <(echo "$exported") <(echo "$declared"))"

# With CMake.
cmake -S "$users" -B "$prefix/cmake" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" \
  -DCMAKE_CXX_FLAGS="${CXXFLAGS:-}" -DCMAKE_C_FLAGS="${CXXFLAGS:-}" >/dev/null
cmake --build "$prefix/cmake" >/dev/null
# With pkg-config.
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name quell.pc)")
export PKG_CONFIG_PATH
libraries=$(pkg-config --variable=libdir quell)
"$CC" ${CXXFLAGS:-} "$users/user.c" $(pkg-config --cflags --libs quell) -o "$prefix/user_c"
"$CXX" ${CXXFLAGS:-} -std=c++20 "$users/user.cpp" $(pkg-config --cflags --libs quell-core) -o "$prefix/user_cpp"

for program in "$prefix/cmake/user_c" "$prefix/user_c"; do
  LD_LIBRARY_PATH=$libraries "$program" "$image" | grep -q '"schema": "quell/2"' || complain "$program gives no document"
done
for program in "$prefix/cmake/user_cpp" "$prefix/user_cpp"; do
  "$program" "$image" | grep -qE '^[1-9][0-9]* bytes would change' || complain "$program finds nothing to clean"
done
LD_LIBRARY_PATH=$libraries "$prefix/user_c" /nowhere 2>&1 | grep -q '^/nowhere: ' || complain "no reason for a missing file"
