# SPDX-License-Identifier: GPL-2.0-or-later
# What the library needs (Debian package in brackets). Optional ones are switched off where they are missing.
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)                 # libfmt-dev
find_package(tl-expected REQUIRED)         # libexpected-dev
find_package(nlohmann_json REQUIRED)       # nlohmann-json3-dev
find_package(CLI11 REQUIRED)               # libcli11-dev

# Loading shared libraries takes longer than all that `quell --version` does, and a program that is one file can be
# carried to a rescue system. Distributions that want shared libraries switch QUELL_BUNDLE off.
set(quell_suffixes ${CMAKE_FIND_LIBRARY_SUFFIXES})
if(QUELL_BUNDLE)
  list(PREPEND CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
find_package(ZLIB REQUIRED)                # zlib1g-dev
find_package(LibLZMA REQUIRED)             # liblzma-dev
find_package(Threads REQUIRED)
pkg_check_modules(NETTLE REQUIRED IMPORTED_TARGET nettle)   # nettle-dev
pkg_check_modules(GMP REQUIRED IMPORTED_TARGET gmp)         # libgmp-dev
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)       # liblz4-dev

# What may be missing, and what may be left out although it is there.
option(QUELL_SECCOMP "Filter system calls with libseccomp" ON)
option(QUELL_ZSTD "Compressed records of scans with libzstd" ON)
option(QUELL_BROTLI "Brotli sections of UEFI firmware with libbrotlidec" ON)
option(QUELL_POSTGRES "Records of scans into PostgreSQL, by libpq where it is installed" ON)

set(QUELL_HAS_SECCOMP OFF)
if(QUELL_SECCOMP)
  pkg_check_modules(SECCOMP IMPORTED_TARGET libseccomp)      # libseccomp-dev
  set(QUELL_HAS_SECCOMP ${SECCOMP_FOUND})
endif()

set(QUELL_HAS_ZSTD OFF)
if(QUELL_ZSTD)
  pkg_check_modules(ZSTD IMPORTED_TARGET libzstd)            # libzstd-dev
  set(QUELL_HAS_ZSTD ${ZSTD_FOUND})
endif()

# libfdt comes without a package file.
find_path(FDT_INCLUDE_DIR libfdt.h REQUIRED)   # libfdt-dev
find_library(FDT_LIBRARY fdt REQUIRED)
add_library(quell::fdt UNKNOWN IMPORTED)
set_target_properties(quell::fdt PROPERTIES IMPORTED_LOCATION ${FDT_LIBRARY}
                      INTERFACE_INCLUDE_DIRECTORIES ${FDT_INCLUDE_DIR})

# Brotli sections of UEFI firmware; without it they are named and not opened.
find_path(BROTLI_INCLUDE_DIR brotli/decode.h)  # libbrotli-dev
find_library(BROTLI_DECODER brotlidec)
find_library(BROTLI_COMMON brotlicommon)
set(QUELL_HAS_BROTLI OFF)
if(QUELL_BROTLI AND BROTLI_INCLUDE_DIR AND BROTLI_DECODER AND BROTLI_COMMON)
  set(QUELL_HAS_BROTLI ON)
  add_library(quell::brotli INTERFACE IMPORTED)
  target_include_directories(quell::brotli INTERFACE ${BROTLI_INCLUDE_DIR})
  target_link_libraries(quell::brotli INTERFACE ${BROTLI_DECODER} ${BROTLI_COMMON})
endif()

pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)   # libsqlite3-dev

set(CMAKE_FIND_LIBRARY_SUFFIXES ${quell_suffixes})

# PostgreSQL's client library is loaded when a server is named; only its header is needed here.
find_path(LIBPQ_INCLUDE_DIR libpq-fe.h PATH_SUFFIXES postgresql)   # libpq-dev
set(QUELL_HAS_POSTGRES OFF)
if(QUELL_POSTGRES AND LIBPQ_INCLUDE_DIR)
  set(QUELL_HAS_POSTGRES ON)
endif()

# Debian's libgmp.a cannot go into a shared library: its code is tied to one address.
if(QUELL_BUNDLE)
  find_library(GMP_SHARED_LIBRARY gmp REQUIRED)
  get_target_property(bundled PkgConfig::GMP INTERFACE_LINK_LIBRARIES)
  set_target_properties(PkgConfig::GMP PROPERTIES INTERFACE_LINK_LIBRARIES
    "$<IF:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>,${GMP_SHARED_LIBRARY},${bundled}>")
endif()

# fmt, with its compiled part from its own header where Debian has it as a shared library only.
if(QUELL_BUNDLE)
  add_library(quell_fmt STATIC ${PROJECT_SOURCE_DIR}/src/base/fmt_library.cpp)
  target_include_directories(quell_fmt PUBLIC $<TARGET_PROPERTY:fmt::fmt,INTERFACE_INCLUDE_DIRECTORIES>)
  target_link_libraries(quell_fmt PRIVATE quell::settings)
else()
  add_library(quell_fmt INTERFACE)
  target_link_libraries(quell_fmt INTERFACE fmt::fmt)
endif()
add_library(quell::fmt ALIAS quell_fmt)
