#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh SOURCE BUILD IMAGE SHARED: installs the library into a temporary prefix, builds a program of C and one of
# C++ against it with CMake and with pkg-config, and runs them on the image, and on real ones where the folder SHARED is
# there. Compilers: $CC, $CXX.
set -eu
source=$1 build=$2 image=$3 shared=$4
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
complain() { echo "$*" >&2; exit 1; }

for component in library development python; do
  cmake --install "$build" --prefix "$prefix" --component $component >/dev/null
done
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

# A project of C alone.
mkdir "$prefix/plain"
cp "$users/user.c" "$prefix/plain"
printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' 'project(plain LANGUAGES C)' 'find_package(quell REQUIRED)' \
  'add_executable(plain user.c)' 'target_link_libraries(plain PRIVATE quell::c)' >"$prefix/plain/CMakeLists.txt"
cmake -S "$prefix/plain" -B "$prefix/plain/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$CC" \
  -DCMAKE_C_FLAGS="${CXXFLAGS:-}" >/dev/null
cmake --build "$prefix/plain/build" >/dev/null
"$prefix/plain/build/plain" "$image" | grep -q '"schema": "quell/2"' || complain "a project of C gives no document"

# The programs of the guide: one that cleans, one that checks.
block() { awk -v language="$1" '$0 == "```" language { on = 1; next } /^```/ { on = 0 } on' "$source/docs/guide/library.md"; }
block c >"$prefix/clean.c"
block cpp >"$prefix/check.cpp"
"$CC" ${CXXFLAGS:-} -Wall -Wextra -Werror "$prefix/clean.c" $(pkg-config --cflags --libs quell) -Wl,-rpath,"$libraries" -o "$prefix/clean"
"$CXX" ${CXXFLAGS:-} -Wall -Wextra -std=c++20 "$prefix/check.cpp" $(pkg-config --cflags --libs quell-core) -o "$prefix/check"
"$prefix/clean" "$image" "$prefix/clean.rom" && ! cmp -s "$image" "$prefix/clean.rom" || complain "the guide's program cleans nothing"
"$prefix/check" "$image" | grep -q '^signatures hold: ' || complain "the guide's program checks nothing"

# The Python module finds the library of its own prefix.
module=$(dirname "$(dirname "$(find "$prefix" -path '*/quell/__init__.py')")")
command -v python3 >/dev/null || { echo "note: the module needs python3"; exit 0; }
env -u QUELL_LIBRARY PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$module" python3 -c '
import sys, quell
from quell import _library
assert _library.library._name.startswith(sys.argv[1]), _library.library._name
print(quell.inspect(sys.argv[2]).title)' "$prefix" "$image" >/dev/null || complain "the Python module does not work where it was installed"

# On real images: a whole dump, a region of Intel's, an EEPROM of a Raspberry Pi.
[ -d "$shared/corpus" ] || { echo "note: real images need $shared"; exit 0; }
python3 "$shared/tools/assemble_dump.py" --case 53 "$prefix/dump.rom"
real=("$prefix/dump.rom" "$shared/corpus/intel/me-11.6.27.3264-con-h-da-rgn.bin" "$(find "$shared/corpus/rpi" -name "pieeprom*.bin" | sort | head -n 1)")
for image in "${real[@]}"; do
  for program in "$prefix/cmake/user_c" "$prefix/user_c"; do
    LD_LIBRARY_PATH=$libraries "$program" "$image" | grep -q '"schema": "quell/2"' || complain "$program gives no document of $image"
  done
  for program in "$prefix/cmake/user_cpp" "$prefix/user_cpp"; do
    "$program" "$image" | grep -qE '^[0-9]+ bytes would change' || complain "$program cannot read $image"
  done
done
"$prefix/user_cpp" "$prefix/dump.rom" | grep -qE '^[1-9][0-9]* bytes would change' || complain "nothing to clean in a real dump"
