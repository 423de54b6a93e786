#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# recipes.sh [FOLDER]: the recipes for other distributions, as far as this machine's tools can judge them. What is not there is
# said. FOLDER is a build of the program with its library: rpmbuild packs it by the Fedora recipe, which shows that the lists of
# files are right.
set -u
built=${1:+$(realpath "$1")}
cd "$(dirname "$0")/../../packaging" || exit 1
failures=0
try() {
  local what=$1
  shift
  local told
  told=$("$@" 2>&1) && echo "ok: $what" || { echo "FAILED: $what"; echo "$told" | tail -n 20; failures=$((failures + 1)); }
}
have() { command -v "$1" >/dev/null || { echo "note: no $1: $2 not tried"; return 1; }; }

try "PKGBUILD is bash" bash -n arch/PKGBUILD
try "PKGBUILD names a version and functions" bash -c '. arch/PKGBUILD && [ -n "$pkgver" ] && declare -F build check package >/dev/null'
try "the ebuild is bash" bash -n gentoo/quell-9999.ebuild
# The ebuild in a shell where the package manager's words only take note.
try "the ebuild's variables and functions" bash -c '
  inherit() { :; }; usex() { echo ON; }; use() { return 0; }
  PYTHON_REQUIRED_USE= PYTHON_DEPS= . gentoo/quell-9999.ebuild &&
  [ "$EAPI" = 8 ] && [ -n "$DESCRIPTION$LICENSE$SLOT" ] && declare -F src_configure src_install >/dev/null'
# A flag that the build does not ask for, or a setting that the build does not know, would do nothing.
flags_take_effect() {
  local flag setting bad=0
  for flag in $(sed -n 's/^IUSE="\(.*\)"/\1/p' gentoo/quell-9999.ebuild); do
    grep -qE "use[x]? ${flag#+}([) ]|$)" <(sed -n '/^src_configure/,$p' gentoo/quell-9999.ebuild) || { echo "USE=${flag#+} does nothing"; bad=1; }
  done
  for setting in $(grep -oE 'DQUELL_[A-Z_]+' gentoo/quell-9999.ebuild); do
    grep -qE "(option|set)\(${setting#D} .*" ../CMakeLists.txt ../cmake/*.cmake || { echo "the build knows no ${setting#D}"; bad=1; }
  done
  return $bad
}
try "the ebuild's flags take effect" flags_take_effect
if have shellcheck "style of PKGBUILD"; then try "PKGBUILD in shellcheck" shellcheck arch/PKGBUILD; fi

if have rpmspec "the Fedora recipe"; then
  folder=$(mktemp -d)
  # Macros of Fedora's build system that Debian's rpm does not bring.
  cat >"$folder/macros" <<'MACROS'
%python3_sitelib /usr/lib/python3.12/site-packages
%_unitdir /usr/lib/systemd/system
%cmake cmake -S . -B build -DCMAKE_INSTALL_PREFIX=%{_prefix} -DCMAKE_INSTALL_LIBDIR=lib64
%cmake_build cmake --build build
%cmake_install DESTDIR=%{buildroot} cmake --install build
%systemd_post() :
%systemd_preun() :
%systemd_postun() :
%_libdir /usr/lib64
MACROS
  try "the spec parses" rpmspec --load "$folder/macros" -P fedora/quell.spec
  if [ -n "$built" ] && have rpmbuild "packing by the Fedora recipe"; then
    version=$(sed -n 's/.* version = "\(.*\)";/\1/p' ../include/quell/version.h)
    mkdir -p "$folder/SOURCES"
    (cd .. && git ls-files -z | tar --null -T - --transform "s|^|quell-$version/|" -cJf "$folder/SOURCES/quell-$version.tar.xz")
    # What was built for Debian's folders, below /usr or /usr/local, goes where Fedora has them.
    cat >>"$folder/macros" <<MACROS
%_topdir $folder
%_binary_payload w1.gzdio
%debug_package %{nil}
%cmake :
%cmake_build :
%cmake_install DESTDIR=%{buildroot} cmake --install $built --prefix /usr && cd %{buildroot}/usr && mkdir -p lib64 %(dirname .%{python3_sitelib}/x | sed s,./usr/,,) && mv lib/libquell* lib/cmake lib/pkgconfig lib64 && mv lib/quell/bin libexec/quell/ && rmdir lib/quell && mv lib/python3*/dist-packages/quell .%(echo %{python3_sitelib} | sed s,/usr,,)/ && cd -
MACROS
    try "rpmbuild packs the program that is built" rpmbuild --load "$folder/macros" -bb --nodeps --nocheck fedora/quell.spec
    [ "$(find "$folder/RPMS" -name '*.rpm' 2>/dev/null | wc -l)" -eq 5 ] || { echo "FAILED: not five packages"; failures=$((failures + 1)); }
  fi
  rm -rf "$folder"
fi
if have rpmlint "style of the Fedora recipe"; then
  try "the spec in rpmlint" bash -c 'rpmlint -r fedora/quell.rpmlintrc fedora/quell.spec | tee /dev/stderr | grep -q "; 0 errors, 0 warnings"'
fi

if have nix-instantiate "the Nix recipe"; then
  store=$(mktemp -d)
  nix() { NIX_STORE_DIR=$store/store NIX_STATE_DIR=$store/var NIX_LOG_DIR=$store/log NIX_CONF_DIR=$store/etc nix-instantiate "$@"; }
  for file in default.nix flake.nix; do
    told=$(nix --parse "nix/$file" 2>&1 >/dev/null) && echo "ok: $file parses" || { echo "FAILED: $file: $told"; failures=$((failures + 1)); }
  done
  # A stand-in for nixpkgs, in which every package is a name.
  cat >"$store/stand-in.nix" <<'NIX'
let
  names = [ "brotli" "cli11" "cmake" "curl" "dtc" "flashrom" "fmt" "gmp" "libpq" "libseccomp" "lz4" "nettle" "ninja" "nlohmann_json"
            "pkg-config" "sqlite" "tl-expected" "xz" "zlib" "zstd" ];
in builtins.listToAttrs (map (name: { inherit name; value = name; }) names) // {
  python3 = { sitePackages = "lib/python3.12/site-packages"; };
  lib = { cleanSourceWith = { src, filter }: src; licenses.gpl2Plus = "gpl2Plus"; platforms.linux = [ "x86_64-linux" ]; };
  stdenv.mkDerivation = attributes: attributes;
}
NIX
  told=$(nix --eval --strict -E "let d = import $PWD/nix/default.nix { pkgs = import $store/stand-in.nix; }; in d.pname + \"-\" + d.version + \" \" + toString d.cmakeFlags" 2>&1)
  version=$(sed -n 's/.* version = "\(.*\)";/\1/p' ../include/quell/version.h)
  if [[ $told == *"quell-$version -DQUELL_LIBRARY=ON"* ]]; then echo "ok: default.nix with a stand-in for nixpkgs"; else echo "FAILED: default.nix: $told"; failures=$((failures + 1)); fi
  rm -rf "$store"
fi
[ $failures -eq 0 ]
