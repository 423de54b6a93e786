#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# foreign.sh ARCH: what the packages of another architecture hold, run by qemu-user: the manual pages, the results on real
# images, the memory it takes. The packages are those of ./package --arch ARCH.
set -u
cd "$(dirname "$0")/../.." || exit 1
arch=$1
case $arch in
  arm64) qemu=qemu-aarch64-static ;;
  armhf) qemu=qemu-arm-static ;;
  *) echo "foreign.sh: arm64 or armhf" >&2; exit 2 ;;
esac
root=$PWD/build/package/root-$arch
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
for package in build/package/"$arch"/*.deb; do dpkg-deb -x "$package" "$work/system" || exit 1; done
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

printf '#!/bin/sh\nexec %s -L %s %s/system/usr/bin/quell "$@"\n' "$qemu" "$root" "$work" >"$work/quell"
chmod +x "$work/quell"
"$work/quell" --version || { echo "the program does not run"; exit 1; }

pages=$(find "$work/system/usr/share/man/man1" -name 'quell*.1.gz' | wc -l)
commands=$("$work/quell" --list-commands | wc -l)
[ "$pages" -ge "$commands" ] || fail "$pages manual pages for $commands commands"
zgrep -lE 'Exec format error|cannot open' "$work"/system/usr/share/man/man1/*.gz && fail "a manual page holds a complaint"

head -c 33554432 /dev/zero | tr '\0' '\377' >"$work/blank.rom"
# shellcheck disable=SC2016 # python's own
most=$(python3 -c '
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
if status != 3:
    sys.exit(f"status {status}")
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$work/quell" check "$work/blank.rom" 2>&1)
if [[ $most =~ ^[0-9]+$ ]]; then
  echo "note: $arch: check of 32 MiB takes $((most / 1024)) MiB of memory, the emulator's included"
  [ "$most" -le 65536 ] || fail "more than the file and 32 MiB"
else
  fail "check of 32 blank MiB: $most where 3, nothing recognised, is right"
fi

if [ -d ../shared/tools ]; then
  python3 ../shared/tools/check_parity.py "$work/quell" >"$work/log" || { fail parity; head -n 20 "$work/log"; }
  echo "note: $arch: $(tail -n 1 "$work/log") under $qemu"
else
  echo "note: needs ../shared for parity"
fi
[ $failures -eq 0 ]
