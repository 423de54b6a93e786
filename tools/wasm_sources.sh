#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# wasm_sources.sh FOLDER: unpacks the sources of the libraries that the wasm build compiles into FOLDER/NAME, from
# Debian's source packages, verified by apt. The lists of source packages are apt's own and in FOLDER: nothing in /etc
# or /var changes. What is there already stays. Exit status 77 with a "note:" line where the network or a tool is
# missing.
set -u
mkdir -p "$1" || exit 1
cd "$1" || exit 1

# NAME SOURCE-PACKAGE [FOLDER-WITHIN HEADERS-WITHIN]: libfdt comes from the source package of a firmware that carries it.
wanted() {
  cat <<'END'
zlib zlib
lz4 lz4
xz xz-utils
nettle nettle
gmp gmp
brotli brotli
libfdt arm-trusted-firmware lib/libfdt include/lib/libfdt
END
}

missing=()
while read -r name package within headers; do
  [ -e "$name/.complete" ] || missing+=("$package")
done < <(wanted)
[ ${#missing[@]} -eq 0 ] && exit 0

leave() { echo "note: no wasm build: $1"; exit 77; }
command -v apt-get >/dev/null || leave "this machine has no apt to fetch source packages with"
command -v dpkg-source >/dev/null || leave "dpkg-dev is missing"

# The archives that this machine installs Debian's packages from, as source archives.
here=$PWD
mkdir -p lists/partial unpacked
apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
  awk '$1 == "Debian" && $4 == "main" && !seen[$0]++ { print "deb-src", $2, $3, $4 }' >sources.list
release=$(awk '{ print $3; exit }' sources.list)
[ -s sources.list ] || leave "apt knows no archive of Debian's"
apt() { apt-get -q -o Dir::State::lists="$here/lists" -o Dir::Etc::sourcelist="$here/sources.list" -o Dir::Etc::sourceparts=- \
  -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User= -o Acquire::Retries=2 "$@"; }
apt update -o APT::Update::Error-Mode=any >update.log 2>&1 || leave "the list of source packages could not be fetched (build without a network?)"

while read -r name package within headers; do
  [ -e "$name/.complete" ] && continue
  rm -rf "$name" "unpacked/$package" && mkdir -p "unpacked/$package" || exit 1
  # Some mirrors list an update of a source package and do not hold it: then the one that the release came with.
  (cd unpacked/"$package" && { apt source --only-source "$package" || apt source --only-source -t "$release" "$package"; }) \
    >"$package.log" 2>&1 ||
    leave "the source package $package could not be fetched: $(tail -n 1 "$package.log")"
  tree=$(find "unpacked/$package" -mindepth 1 -maxdepth 1 -type d)
  # The terms of what is linked in go with the page.
  cp "$tree/debian/copyright" "$tree/${within:-.}/copyright" || exit 1
  [ -n "$headers" ] && { mv "$tree/$headers" "$tree/$within/include" || exit 1; }
  [ -n "$within" ] && tree=$tree/$within
  mv "$tree" "$name" || exit 1
  rm -rf "unpacked/$package"
  touch "$name/.complete"
done < <(wanted)
