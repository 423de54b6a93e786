# SPDX-License-Identifier: GPL-2.0-or-later
# From a Debian of another kind (crossbuild-essential-arm64) with the libraries of a folder that packaging/root.sh made.
set(QUELL_SYSROOT "${CMAKE_CURRENT_LIST_DIR}/../../build/package/root-arm64" CACHE PATH "A Debian with the arm64 libraries")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES QUELL_SYSROOT)
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
get_filename_component(CMAKE_SYSROOT "${QUELL_SYSROOT}" ABSOLUTE)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${CMAKE_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR} "${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig")

# Manual pages and completion are what the program says of itself (qemu-user-static).
find_program(QUELL_QEMU_ARM64 qemu-aarch64-static)
if(QUELL_QEMU_ARM64)
  set(CMAKE_CROSSCOMPILING_EMULATOR ${QUELL_QEMU_ARM64} -L ${CMAKE_SYSROOT})
endif()
