# SPDX-License-Identifier: GPL-2.0-or-later
# Warnings, sanitizers and hardening for every target of the project: link to quell::settings.
include(CheckLinkerFlag)
add_library(quell_settings INTERFACE)
add_library(quell::settings ALIAS quell_settings)

target_compile_options(quell_settings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(QUELL_WERROR)
  target_compile_options(quell_settings INTERFACE -Werror)
endif()

# An index outside a container ends the program instead of reading what lies beside it.
target_compile_definitions(quell_settings INTERFACE _GLIBCXX_ASSERTIONS)
if(CMAKE_SIZEOF_VOID_P EQUAL 4)
  # Offsets of 64 bits: a register above 2 GiB lies at one.
  target_compile_definitions(quell_settings INTERFACE _FILE_OFFSET_BITS=64)
endif()

if(QUELL_SANITIZE)
  target_compile_options(quell_settings INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(quell_settings INTERFACE -fsanitize=address,undefined)
elseif(QUELL_THREAD_SANITIZE)
  target_compile_options(quell_settings INTERFACE -fsanitize=thread)
  target_link_options(quell_settings INTERFACE -fsanitize=thread)
elseif(NOT QUELL_WASM)   # whose stack holds no addresses to return to
  target_compile_options(quell_settings INTERFACE -fstack-protector-strong)
  # Where the flags of a distribution choose a level, that one stands; the compiler's own default must not clash.
  if(NOT CMAKE_CXX_FLAGS MATCHES _FORTIFY_SOURCE)
    target_compile_options(quell_settings INTERFACE
      "$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>")
  endif()
  # Every symbol is resolved at the start, and its table closed.
  check_linker_flag(CXX -Wl,-z,relro,-z,now QUELL_HAS_NOW)
  if(QUELL_HAS_NOW)
    target_link_options(quell_settings INTERFACE -Wl,-z,relro,-z,now)
  endif()
endif()

if(QUELL_FUZZ)
  target_compile_options(quell_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(QUELL_COVERAGE)
  target_compile_options(quell_settings INTERFACE --coverage)
  target_link_options(quell_settings INTERFACE --coverage)
endif()

find_program(QUELL_CCACHE ccache)
if(QUELL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${QUELL_CCACHE})
endif()
