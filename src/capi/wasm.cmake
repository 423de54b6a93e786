# SPDX-License-Identifier: GPL-2.0-or-later
# quell.wasm: the C interface as a module, with malloc and free for what the page hands over.
set(map ${CMAKE_CURRENT_SOURCE_DIR}/libquell.map)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${map})
file(READ ${map} map_text)
string(REGEX MATCHALL "quell_[a-z_]+" names "${map_text}")
list(REMOVE_ITEM names quell_open_file quell_status quell_status_bytes)
list(TRANSFORM names PREPEND LINKER:--export=)

add_executable(quell_page chips.cpp options.cpp error.cpp look.cpp pieces.cpp quell.cpp words.cpp without_system.cpp)
target_include_directories(quell_page PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(quell_page PRIVATE quell::settings quell::core quell::fmt nlohmann_json::nlohmann_json)
# The stack lies below the data: one that overflows traps.
target_link_options(quell_page PRIVATE -mexec-model=reactor ${names} LINKER:--export=malloc LINKER:--export=free
  LINKER:--strip-all LINKER:--gc-sections LINKER:--stack-first LINKER:-z,stack-size=1048576 LINKER:--max-memory=2147483648)
set_target_properties(quell_page PROPERTIES
  OUTPUT_NAME quell SUFFIX .wasm RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR} CXX_VISIBILITY_PRESET hidden)
# A fifth of what clang leaves is repetition that only the linked module shows. The features are those of clang 19's default.
find_program(WASM_OPT wasm-opt REQUIRED)
add_custom_command(TARGET quell_page POST_BUILD VERBATIM COMMENT "Shrinking quell.wasm"
  COMMAND ${WASM_OPT} -Oz --enable-bulk-memory --enable-sign-ext --enable-mutable-globals --enable-nontrapping-float-to-int
    $<TARGET_FILE:quell_page> -o $<TARGET_FILE:quell_page>)
