#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# root.sh FOLDER [ARCH]: a clean Debian 12 of this machine's own kind in FOLDER; with ARCH also the packages of that
# foreign architecture that quell is built with, and the compiler for it.
# root.sh FOLDER --of ARCH: a clean Debian 12 of that architecture; its programs must run here (tests/package/binfmt.sh).
# Run as root. A folder that is complete stays.
set -eu -o pipefail
folder=$(realpath -m "$1")
arch=${2:-}
kind=()
if [ "$arch" = --of ]; then
  kind=(--arch "$3") arch=
fi
here=$(cd "$(dirname "$0")" && pwd)
# What it has to hold, so that one with other packages is made anew.
wanted=$(echo "${@:2} $(sed -n '/^Build-Depends/,/^$/p' "$here/debian/control")" | sha256sum)
[ "$(cat "$folder/.complete" 2>/dev/null)" != "$wanted" ] || exit 0
[ "$(id -u)" -eq 0 ] || { echo "root.sh: needs root for debootstrap" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "root.sh: needs debootstrap" >&2; exit 1; }

# The mirror that this machine itself uses.
mirror=$(apt-get indextargets --format '$(SITE)' 'Codename: bookworm' 2>/dev/null | head -n 1)
[ -n "$mirror" ] || { echo "root.sh: apt knows no mirror of bookworm here; name one in /etc/apt/sources.list.d" >&2; exit 1; }
rm -rf "$folder"
mkdir -p "$folder"
debootstrap "${kind[@]}" --variant=minbase bookworm "$folder" "$mirror" >"$folder.log" 2>&1 ||
  { tail -n 20 "$folder.log" >&2; exit 1; }
# No service is started in there.
printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
chmod +x "$folder/usr/sbin/policy-rc.d"

inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$folder" "$@"; }
if [ -n "$arch" ]; then
  inside dpkg --add-architecture "$arch"
  inside apt-get update -qq
  mkdir -p "$folder/build/debian"
  cp "$here/debian/control" "$here/debian/changelog" "$folder/build/debian/"
  inside apt-get install -y -qq --no-install-recommends "crossbuild-essential-$arch" ccache >>"$folder.log" 2>&1
  (cd "$folder/build" && inside sh -c "cd /build && apt-get build-dep -y -qq --no-install-recommends -a $arch -P cross,nocheck ./") \
    >>"$folder.log" 2>&1 || { tail -n 20 "$folder.log" >&2; exit 1; }
  rm -rf "$folder/build"
fi
inside apt-get clean
echo "$wanted" >"$folder/.complete"
