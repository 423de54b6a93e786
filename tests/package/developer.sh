#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# developer.sh PACKAGES: what the library's packages hold serves who builds with it: the examples in them are built with
# CMake and pkg-config, and run, as is the Python module. Nothing is installed: the packages are unpacked.
set -eu
packages=$(realpath "$1")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
complain() { echo "$*" >&2; exit 1; }

for package in "$packages"/libquell0_*.deb "$packages"/libquell-dev_*.deb "$packages"/python3-quell_*.deb; do
  dpkg-deb -x "$package" "$root"
done
examples=$root/usr/share/doc/libquell-dev/examples
libraries=$root/usr/lib/$(dpkg-architecture -q DEB_HOST_MULTIARCH)
export LD_LIBRARY_PATH=$libraries PKG_CONFIG_PATH=$libraries/pkgconfig PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH=$root/usr/lib/python3/dist-packages

# Unrecognised, and said so: that is as much as a file of no kind can tell.
echo "nothing that anybody knows" >"$root/file"
said() { { "$@" "$root/file" 2>&1 || true; } | grep -q "$root/file: " || complain "$1 says nothing of a file"; }

cc "$examples/user.c" $(pkg-config --cflags --libs quell) -o "$root/user_c"
c++ -std=c++20 "$examples/user.cpp" $(pkg-config --cflags --libs quell-core) -o "$root/user_cpp"
cmake -S "$examples" -B "$root/build" -DCMAKE_PREFIX_PATH="$root/usr" -DCMAKE_LIBRARY_ARCHITECTURE="${libraries##*/}" >/dev/null
cmake --build "$root/build" >/dev/null
for program in "$root/user_c" "$root/user_cpp" "$root/build/user_c" "$root/build/user_cpp"; do said "$program"; done
said /usr/bin/python3 "$root/usr/share/doc/python3-quell/examples/versions.py"
