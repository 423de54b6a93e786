#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# binfmt.sh ARCH COMMAND...: runs a command while the kernel hands programs of that architecture to qemu-user. Status 77 where
# that cannot be arranged.
set -u
case $1 in
  arm64) name=aarch64 ;;
  armhf) name=arm ;;
  *) echo "binfmt.sh: arm64 or armhf" >&2; exit 2 ;;
esac
shift
registry=/proc/sys/fs/binfmt_misc
rule=/usr/lib/binfmt.d/qemu-$name.conf
[ -r "$rule" ] || { echo "note: needs qemu-user-static"; exit 77; }
mounted=no registered=no
if [ ! -e $registry/register ]; then
  mount -t binfmt_misc binfmt_misc $registry 2>/dev/null && mounted=yes || { echo "note: binfmt_misc cannot be mounted"; exit 77; }
fi
clean_up() {
  [ $registered = no ] || echo -1 >"$registry/qemu-$name"
  [ $mounted = no ] || umount $registry
}
trap clean_up EXIT
if [ ! -e "$registry/qemu-$name" ]; then
  grep -v '^#' "$rule" >$registry/register 2>/dev/null && registered=yes || { echo "note: binfmt_misc takes no rule"; exit 77; }
fi
"$@"
