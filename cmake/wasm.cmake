# SPDX-License-Identifier: GPL-2.0-or-later
# Toolchain file for the page: wasm32-wasi with Debian's clang 19 (clang-19, lld-19, libc++-19-dev-wasm32,
# libc++abi-19-dev-wasm32, libclang-rt-19-dev-wasm32, wasi-libc).
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(QUELL_WASM ON)

set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
# The linker needs no index in an archive, so any ar will do.
set(CMAKE_AR ar)
set(CMAKE_RANLIB ranlib)
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# There are no exceptions in this libc++: one that is thrown ends the call as a trap, which the page survives.
set(CMAKE_CXX_FLAGS_INIT "-stdlib=libc++ -fignore-exceptions")
