# SPDX-License-Identifier: GPL-2.0-or-later
# What the library needs (Debian package in brackets). Optional ones are switched off where they are missing.
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)                 # libfmt-dev
find_package(tl-expected REQUIRED)         # libexpected-dev
find_package(nlohmann_json REQUIRED)       # nlohmann-json3-dev
find_package(CLI11 REQUIRED)               # libcli11-dev
find_package(ZLIB REQUIRED)                # zlib1g-dev
find_package(LibLZMA REQUIRED)             # liblzma-dev
find_package(Threads REQUIRED)
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle)   # nettle-dev
pkg_check_modules(GMP REQUIRED IMPORTED_TARGET gmp)         # libgmp-dev
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)       # liblz4-dev

# libfdt comes without a package file.
find_path(FDT_INCLUDE_DIR libfdt.h REQUIRED)   # libfdt-dev
find_library(FDT_LIBRARY fdt REQUIRED)
add_library(quell::fdt UNKNOWN IMPORTED)
set_target_properties(quell::fdt PROPERTIES IMPORTED_LOCATION ${FDT_LIBRARY}
                      INTERFACE_INCLUDE_DIRECTORIES ${FDT_INCLUDE_DIR})
