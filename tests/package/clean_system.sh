#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# clean_system.sh ROOT PACKAGES: installs, uses, upgrades and removes the packages of a folder in a clean Debian that
# packaging/root.sh made. The root itself stays as it is: all is done in a layer above it that is thrown away.
set -u
if [ "${1:-}" != --inside ]; then
  root=$(realpath "$1") packages=$(realpath "$2")
  work=$(mktemp -d) || exit 1
  cp "$packages"/*.deb "$work/" || exit 1
  unshare --mount --pid --fork "$BASH" "$(realpath "$0")" --inside "$root" "$work"
  status=$?
  rm -rf "$work"
  exit $status
fi

root=$2 work=$3
# An overlay does not lie on every kind of folder; a file system in memory is one on which it does.
mkdir "$work/memory" "$work/system" && mount -t tmpfs -o size=3g tmpfs "$work/memory" && mkdir "$work/memory/up" "$work/memory/work" &&
  mount -t overlay overlay -o "lowerdir=$root,upperdir=$work/memory/up,workdir=$work/memory/work" "$work/system" || exit 1
system=$work/system
mount -t proc proc "$system/proc" && mount -t tmpfs tmpfs "$system/tmp" || exit 1
[ -e "$system/etc/resolv.conf" ] || cp /etc/resolv.conf "$system/etc/"

inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$system" "$@"; }
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
# step WORDS -- COMMAND: a thing that has to work; its output is shown when it does not.
step() {
  local what=$1
  shift 2
  "$@" >"$work/log" 2>&1 && echo "ok: $what" || { fail "$what"; tail -n 15 "$work/log"; }
}
install() { inside sh -c "apt-get install -y -qq --no-install-recommends $*"; }
user() { inside su - owner -c "$1"; }

mkdir "$system/new" "$system/newer" && cp "$work"/*.deb "$system/new/"
step "man, completion" -- sh -c "$(declare -f inside install); system=$system; inside apt-get update -qq && install man-db bash-completion"
step "a user" -- inside useradd -m owner
find_all() { find "$system" -xdev -iname '*quell*' -not -path "$system/new*" | sed "s|^$system||" | sort; }
[ -z "$(find_all)" ] || fail "the clean system knows quell already"

step "apt install ./*.deb" -- install "/new/*.deb"
step "quell demo" -- user "quell demo"
step "quell --version --json" -- user "quell --version --json | grep -q sha256"
step "helper and module are found" -- user "quell --version | grep -q 'through libflashrom' && quell --version | grep -q 'through libcurl'"
step "man quell, man quell-clean, man me_cleaner" -- user "man quell | grep -q inspect && man quell-clean | grep -q dry-run && man me_cleaner | grep -q soft-disable"
# shellcheck disable=SC2016 # expanded inside
step "completion" -- user 'bash -c ". /usr/share/bash-completion/bash_completion; _completion_loader quell; complete -p quell"'
step "import quell" -- user "python3 -c 'import quell; print(quell.__version__)'"
step "me_cleaner, ifdtool, intelmetool by their names" -- user \
  "me_cleaner --help | grep -q soft-disable && PATH=/usr/lib/quell/bin:\$PATH && ifdtool --help | grep -q layout && intelmetool --help | grep -q version"
step "the unit" -- inside test -e /lib/systemd/system/quell-watch.service
step "it is not enabled by itself" -- sh -c "! find $system/etc/systemd -name '*quell*' | grep -q ."
# As its owner does after flashing; there is no systemd in here whose systemctl would do it.
step "it can be enabled" -- sh -c "chroot $system deb-systemd-helper enable quell-watch.service && find $system/etc/systemd -name quell-watch.service | grep -q ."
step "it is stopped on removal" -- grep -q "deb-systemd-invoke stop.*quell-watch.service" "$system/var/lib/dpkg/info/quell.prerm"
step "a vault" -- user "mkdir -p .local/share/quell/vault && echo kept >.local/share/quell/vault/backup"
inside sh -c "mkdir -p /var/lib/quell && touch /var/lib/quell/watch-succeeded"

# The same packages under a higher version.
for package in "$work"/*.deb; do
  rm -rf "$work/open" && dpkg-deb -R "$package" "$work/open" || fail "cannot open $package"
  version=$(dpkg-deb -f "$package" Version)
  sed -i "s/$version\b/$version+1/" "$work/open/DEBIAN/control"
  dpkg-deb --root-owner-group -Zxz -z0 -b "$work/open" "$system/newer" >/dev/null || fail "cannot pack $package"
done
step "upgrade" -- install "/newer/*.deb"
step "every package is the newer one" -- sh -c "$(declare -f inside); system=$system; inside dpkg-query -W -f '\${db:Status-Status} \${Package} \${Version}\n' '*quell*' | grep '^installed' >$work/versions; grep -q . $work/versions && ! grep -v '+1$' $work/versions"
step "quell demo after the upgrade" -- user "quell demo"
step "the unit is still enabled" -- sh -c "find $system/etc/systemd -name quell-watch.service | grep -q ."

step "purge" -- inside sh -c "apt-get purge -y -qq quell libquell0 libquell-dev python3-quell quell-me-cleaner quell-page || apt-get purge -y -qq quell libquell0 libquell-dev python3-quell quell-me-cleaner"
left=$(find_all | grep -v '^/newer')
expected=$(printf '/home/owner/.local/share/quell')
[ "$left" = "$expected" ] && echo "ok: nothing is left but the vault" || { fail "left behind:"; echo "$left"; }
step "the vault is whole" -- inside grep -q kept /home/owner/.local/share/quell/vault/backup
step "no unit stays enabled" -- sh -c "! find $system/etc/systemd -name '*quell*' | grep -q ."
echo "$failures failed"
[ $failures -eq 0 ]
