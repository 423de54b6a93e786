# SPDX-License-Identifier: GPL-2.0-or-later
# quell_built_in(targets...): compiles into the program, and what shows its tables, what `quell --version --json` says is in it, and writes quell.cdx.json,
# its bill of materials (CycloneDX). Called when every target is there.
function(quell_built_in)
  # name|version|licence|how it is part of the program
  set(libraries
    "nettle|${NETTLE_VERSION}|LGPL-3.0-or-later OR GPL-2.0-or-later|linked"
    "gmp|${GMP_VERSION}|LGPL-3.0-or-later OR GPL-2.0-or-later|linked"
    "zlib|${ZLIB_VERSION_STRING}|Zlib|linked"
    "liblzma|${LIBLZMA_VERSION_STRING}|0BSD|linked"
    "lz4|${LZ4_VERSION}|BSD-2-Clause|linked"
    "libfdt||GPL-2.0-or-later OR BSD-2-Clause|linked"
    "fmt|${fmt_VERSION}|MIT|linked"
    "nlohmann-json|${nlohmann_json_VERSION}|MIT|headers"
    "tl-expected|${tl-expected_VERSION}|CC0-1.0|headers"
    "CLI11|${CLI11_VERSION}|BSD-3-Clause|headers")
  if(TARGET quell_store)
    list(APPEND libraries "sqlite|${SQLITE_VERSION}|blessing|linked")
  endif()
  if(QUELL_HAS_POSTGRES)
    list(APPEND libraries "libpq||PostgreSQL|loaded")
  endif()
  if(QUELL_HAS_SECCOMP)
    list(APPEND libraries "libseccomp|${SECCOMP_VERSION}|LGPL-2.1-only|linked")
  endif()
  if(QUELL_HAS_BROTLI)
    list(APPEND libraries "brotli||MIT|linked")
  endif()
  if(QUELL_HAS_ZSTD)
    list(APPEND libraries "zstd|${ZSTD_VERSION}|BSD-3-Clause OR GPL-2.0-only|linked")
  endif()
  if(QUELL_CHIP AND QUELL_HAS_FLASHROM)
    list(APPEND libraries "libflashrom||GPL-2.0-only|helper")
  endif()
  if(QUELL_HAS_CURL)
    list(APPEND libraries "libcurl|${QUELL_CURL_VERSION}|curl|helper")
  endif()

  set(linkage shared)
  if(QUELL_STATIC)
    set(linkage static)
  elseif(QUELL_BUNDLE)
    set(linkage bundled)
  endif()
  set(has_chip false)
  if(QUELL_CHIP AND QUELL_HAS_FLASHROM)
    set(has_chip true)
  endif()
  foreach(feature net:QUELL_NET http:QUELL_HAS_CURL seccomp:QUELL_HAS_SECCOMP brotli:QUELL_HAS_BROTLI)
    string(REGEX MATCH "^([a-z]+):(.*)$" matched ${feature})
    set(has_${CMAKE_MATCH_1} false)
    if(${CMAKE_MATCH_2})
      set(has_${CMAKE_MATCH_1} true)
    endif()
  endforeach()

  get_property(tables GLOBAL PROPERTY QUELL_TABLES)
  list(SORT tables)
  set(files ${tables})
  list(TRANSFORM files PREPEND ${PROJECT_SOURCE_DIR}/data/)
  list(TRANSFORM files APPEND .csv)
  set(folder ${PROJECT_BINARY_DIR}/generated)
  file(CONFIGURE OUTPUT ${folder}/built_in.cmake @ONLY CONTENT [[
set(VERSION "@PROJECT_VERSION@")
set(LINKAGE "@linkage@")
set(FEATURES "@has_chip@, @has_net@, @has_http@, @has_seccomp@, @has_brotli@")
set(LIBRARIES "@libraries@")
set(TABLES "@tables@")
]])
  set(script ${PROJECT_SOURCE_DIR}/cmake/BuiltInScript.cmake)
  set(dates)
  if(EXISTS ${PROJECT_SOURCE_DIR}/data/dates.txt)
    set(dates ${PROJECT_SOURCE_DIR}/data/dates.txt)
  endif()
  add_custom_command(
    OUTPUT ${folder}/built_in.cpp ${PROJECT_BINARY_DIR}/quell.cdx.json
    COMMAND ${CMAKE_COMMAND} -DFACTS=${folder}/built_in.cmake -DSOURCE=${PROJECT_SOURCE_DIR} -DCODE=${folder}/built_in.cpp
            -DBILL=${PROJECT_BINARY_DIR}/quell.cdx.json -P ${script}
    DEPENDS ${script} ${folder}/built_in.cmake ${files} ${dates}
    COMMENT "Listing what is built in" VERBATIM)
  add_library(quell_built_in_facts OBJECT ${folder}/built_in.cpp)
  target_include_directories(quell_built_in_facts PRIVATE ${PROJECT_SOURCE_DIR}/src)
  foreach(target IN LISTS ARGN)
    target_link_libraries(${target} PRIVATE quell_built_in_facts)
  endforeach()
endfunction()
