# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by quickstart and check: install_packages SECTION... installs what is missing from those sections of
# packages.txt. Needs nothing but the base system of Debian.

# The packages of one section, one a line.
packages_in() {
  awk -v wanted="[$1]" '/^\[/ { section = $1; next } { sub(/#.*/, "") } section == wanted && NF { print $1 }' \
    "$(dirname "${BASH_SOURCE[0]}")/../packages.txt"
}

install_packages() {
  local section package missing=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This script installs what it needs with apt, on Debian 12. This system has no apt: install what" >&2
    echo "packages.txt names in your system's own way, then run it again with --no-packages." >&2
    return 1
  fi
  for section in "$@"; do
    for package in $(packages_in "$section"); do
      [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  local -a as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "Not installed: ${missing[*]}" >&2
      echo "There is no sudo here. As root, run:  apt-get install --no-install-recommends ${missing[*]}" >&2
      return 1
    fi
    echo "Missing packages: ${missing[*]}"
    echo "Installing them with apt (sudo may ask for your password)."
    as_root=(sudo)
  else
    echo "Installing: ${missing[*]}"
  fi
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 install -y -qq --no-install-recommends "${missing[@]}" \
      >/dev/null && return 0
  echo "apt could not install: ${missing[*]}" >&2
  echo "Its messages are above. quell is made for Debian 12; elsewhere a package may have another name." >&2
  return 1
}
