#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# prepare.sh FOLDER PROGRAMS: makes FOLDER/board, which starts Debian 12's own arm64 kernel under qemu with a chip behind
# /dev/spidev0.0. PROGRAMS holds quell and quell-flash-worker for arm64: a build folder, or one with their packages.
# Packages for arm64 are fetched from this machine's own sources and unpacked, not installed. Status 77 with a line
# starting with "note: " where something that this needs is not here.
set -eu -o pipefail
folder=$(realpath -m "$1")
programs=$(realpath "$2")
here=$(cd "$(dirname "$0")" && pwd)
cross=aarch64-linux-gnu-

for tool in qemu-system-aarch64 dtc depmod modprobe cpio debugfs mkfs.ext4 ${cross}gcc-12 apt-get dpkg-deb make; do
  command -v $tool >/dev/null || { echo "note: the board needs $tool"; exit 77; }
done
scripts=${QUELL_KBUILD:-/usr/lib/linux-kbuild-6.1}
[ -d "$scripts" ] || { echo "note: the board needs linux-kbuild-6.1"; exit 77; }

# unpack INTO PACKAGE...
unpack() {
  local into=$1
  shift
  mkdir -p "$folder/packages/$into"
  (cd "$folder/packages/$into" && rm -f ./*.deb && apt-get -qq download "$@" 2>/dev/null) || { echo "note: no packages for arm64 from here"; exit 77; }
  for package in "$folder/packages/$into"/*.deb; do dpkg-deb -x "$package" "$folder/$into"; done
}

# A data base of arm64 packages beside the machine's own.
mkdir -p "$folder/apt/lists/partial" "$folder/apt/cache/archives/partial"
: >"$folder/apt/status"
cat >"$folder/apt.conf" <<END
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State "$folder/apt";
Dir::State::status "$folder/apt/status";
Dir::Cache "$folder/apt/cache";
Debug::NoLocking "true";
END
export APT_CONFIG=$folder/apt.conf
apt-get -qq update || { echo "note: no packages for arm64 from here"; exit 77; }
kernel=$(apt-cache depends linux-image-arm64 | sed -n 's/.*Depends: linux-image-//p' | head -n 1)
rm -rf "$folder/kernel" "$folder/system" "$folder/root" "$folder/modules"
unpack kernel "linux-image-$kernel" "linux-headers-$kernel" "linux-headers-${kernel%-arm64}-common"
unpack system busybox-static flashrom libc6 libgcc-s1 libstdc++6 libflashrom1 libpci3 libusb-1.0-0 libftdi1-2 libjaylink0 \
  libudev1 zlib1g libkmod2 libzstd1 liblzma5 libssl3 libcap2 libgpiod2 libnettle8 libhogweed6 libgmp10 libfmt9 libsqlite3-0 libseccomp2 \
  libbrotli1 libdeflate0
unset APT_CONFIG
if ! [ -x "$programs/quell" ]; then
  for package in "$programs"/*.deb; do dpkg-deb -x "$package" "$folder/system"; done
  mkdir -p "$folder/programs"
  cp "$folder/system/usr/bin/quell" "$folder"/system/usr/libexec/quell/quell-flash-worker "$folder/programs/"
  programs=$folder/programs
fi

# The two modules, built as for any kernel of Debian's.
headers=$folder/kernel/usr/src/linux-headers-$kernel
mkdir -p "$folder/kernel/usr/lib" "$folder/modules"
cp -r "$scripts" "$folder/kernel/usr/lib/linux-kbuild-6.1"
grep -rlI /usr/src/linux-headers "$headers" --include=Makefile --include=.kernelvariables |
  xargs -r sed -i "s#/usr/src/linux-headers#$folder/kernel&#g"
cp "$here/clip.c" "$here/header.c" "$folder/modules/"
echo 'obj-m := clip.o header.o' >"$folder/modules/Makefile"
make -s -C "$headers" M="$folder/modules" ARCH=arm64 CROSS_COMPILE=$cross CC=${cross}gcc-12 modules

# The first file system: busybox, the programs with their libraries, the modules in their order.
root=$folder/root
libraries=lib/aarch64-linux-gnu
mkdir -p "$root"/{bin,card,dev,modules,proc,sys,tmp} "$root/$libraries"
cp "$folder/system/bin/busybox" "$folder/system/usr/sbin/flashrom" "$programs"/{quell,quell-flash-worker} "$root/bin/"
find "$folder/system" -path "*aarch64-linux-gnu*" -name '*.so.*' -exec cp -L {} "$root/$libraries/" \;
cp -L "$folder/system/$libraries/ld-linux-aarch64.so.1" "$root/lib/"
depmod -b "$folder/kernel" "$kernel"
for module in ext4 sdhci-of-arasan spidev gpio-dev; do
  modprobe -d "$folder/kernel" -S "$kernel" --show-depends $module 2>/dev/null || true
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
  cp "$module" "$root/modules/"
  basename "$module"
done >"$root/modules/order"
${cross}strip --strip-debug "$folder"/modules/*.ko
cp "$folder"/modules/*.ko "$root/modules/"
echo clip.ko >>"$root/modules/order"
cp "$here/init" "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet -R 0:0) | gzip -1 >"$folder/root.gz"
cp "$folder/kernel/boot/vmlinuz-$kernel" "$folder/vmlinuz"
dtc -q -O dtb -o "$folder/board.dtb" "$here/board.dts"

# board CHIP CARD: runs it to its end; the console is standard output.
cat >"$folder/board" <<END
#!/bin/sh
exec qemu-system-aarch64 -M xlnx-zcu102 -m 512M -nographic -no-reboot -nic none -monitor none \\
  -kernel $folder/vmlinuz -dtb $folder/board.dtb -initrd $folder/root.gz -append "console=ttyPS0,115200 loglevel=4" \\
  -drive "if=mtd,format=raw,index=0,file=\$1" -drive "if=sd,format=raw,index=0,file=\$2" </dev/null
END
chmod +x "$folder/board"
echo "Linux $kernel"
