# SPDX-License-Identifier: GPL-2.0-or-later
# quell_precompiled_headers(name header libraries...): parses `header` once for all targets that quell_use_precompiled
# gives the same name, which spares half a second of two for each of their sources. Sources include what they use all
# the same: builds without QUELL_PCH, and clang-tidy, see them alone.
if(QUELL_PCH AND QUELL_CCACHE)
  # Without these ccache takes a precompiled header for a reason not to cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${QUELL_CCACHE})
endif()

function(quell_precompiled_headers name header)
  if(NOT QUELL_PCH)
    return()
  endif()
  # CMake precompiles for targets with a source only.
  file(CONFIGURE OUTPUT ${name}.cpp CONTENT "")
  add_library(${name} OBJECT ${name}.cpp)
  target_link_libraries(${name} PRIVATE quell::settings ${ARGN})
  target_precompile_headers(${name} PRIVATE ${header})
endfunction()

function(quell_use_precompiled name)
  if(NOT QUELL_PCH)
    return()
  endif()
  foreach(target IN LISTS ARGN)
    target_precompile_headers(${target} REUSE_FROM ${name})
    # With a precompiled <string>, and only then, GCC 12 believes that moving a short std::string leaves its object.
    target_compile_options(${target} PRIVATE
      "$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-stringop-overflow;-Wno-stringop-overread>")
  endforeach()
endfunction()
