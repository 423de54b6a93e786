# SPDX-License-Identifier: GPL-2.0-or-later
# nix-build packaging/nix
{ pkgs ? import <nixpkgs> { } }:
let
  inherit (pkgs) lib;
  header = builtins.readFile ../../include/quell/version.h;
  version = builtins.head (builtins.match ".*version = \"([0-9.]+)\".*" header);
in
pkgs.stdenv.mkDerivation {
  pname = "quell";
  inherit version;
  src = lib.cleanSourceWith {
    src = ../..;
    filter = path: type: !(type == "directory" && baseNameOf path == "build");
  };
  outputs = [ "out" "dev" ];
  nativeBuildInputs = [ pkgs.cmake pkgs.ninja pkgs.pkg-config pkgs.python3 ];
  buildInputs = [
    pkgs.brotli
    pkgs.cli11
    pkgs.curl
    pkgs.dtc
    pkgs.flashrom
    pkgs.fmt
    pkgs.gmp
    pkgs.libpq
    pkgs.libseccomp
    pkgs.lz4
    pkgs.nettle
    pkgs.nlohmann_json
    pkgs.sqlite
    pkgs.tl-expected
    pkgs.xz
    pkgs.zlib
    pkgs.zstd
  ];
  cmakeFlags = [
    "-DQUELL_LIBRARY=ON"
    "-DQUELL_BUNDLE=OFF"
    "-DQUELL_TESTS=OFF"
    "-DQUELL_BENCH=OFF"
    "-DQUELL_PYTHON_DIR=${pkgs.python3.sitePackages}"
  ];
  postPatch = "patchShebangs tools";
  doInstallCheck = true;
  installCheckPhase = ''
    test "$($out/bin/quell --version | head -n 1)" = "quell ${version}"
  '';
  meta = {
    description = "Look into firmware images and quiet the engines in them";
    license = lib.licenses.gpl2Plus;
    platforms = lib.platforms.linux;
    mainProgram = "quell";
  };
}
