# SPDX-License-Identifier: GPL-2.0-or-later
# Warnings, sanitizers and hardening for every target of the project: link to quell::settings.
add_library(quell_settings INTERFACE)
add_library(quell::settings ALIAS quell_settings)

target_compile_options(quell_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)

if(QUELL_SANITIZE)
  target_compile_options(quell_settings INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(quell_settings INTERFACE -fsanitize=address,undefined)
else()
  target_compile_options(quell_settings INTERFACE -fstack-protector-strong $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
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
