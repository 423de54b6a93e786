# SPDX-License-Identifier: GPL-2.0-or-later
# Every table of data/ is checked against its schema before anything is compiled with it. A cross-compiling build has no
# program to do it with and leaves it to the build for this machine.
file(GLOB tables CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/data/*.csv ${PROJECT_SOURCE_DIR}/data/schema/*.csv)
add_custom_target(checked_tables)
if(NOT CMAKE_CROSSCOMPILING)
  add_executable(quell-tables ${PROJECT_SOURCE_DIR}/tools/tables/main.cpp ${PROJECT_SOURCE_DIR}/tools/tables/schema.cpp
                              ${PROJECT_SOURCE_DIR}/src/base/csv.cpp)
  target_include_directories(quell-tables PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tools)
  set_target_properties(quell-tables PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tools)
  add_custom_command(
    OUTPUT ${PROJECT_BINARY_DIR}/generated/tables.checked
    COMMAND quell-tables ${PROJECT_SOURCE_DIR}/data
    COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/generated/tables.checked
    DEPENDS quell-tables ${tables}
    COMMENT "Checking the tables of data/" VERBATIM)
  add_custom_target(check_tables DEPENDS ${PROJECT_BINARY_DIR}/generated/tables.checked)
  add_dependencies(checked_tables check_tables)
endif()

# quell_embed_table(target name [rows]): compiles data/<name>.csv (or <rows>/<name>.csv) into the target as `quell::data::<name with _ for ->`, declared
# in "data/<name>.h" with the columns of its schema; read it as a Table (src/base/table.h). Several targets may embed the
# same table.
function(quell_embed_table target name)
  set(rows ${PROJECT_SOURCE_DIR}/data ${ARGN})
  list(GET rows -1 rows)
  set(source ${rows}/${name}.csv)
  set(schema ${rows}/schema/${name}.csv)
  set(folder ${PROJECT_BINARY_DIR}/generated/data)
  set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedTableScript.cmake)
  string(REPLACE "-" "_" symbol ${name})
  set(table table_${symbol})
  if(NOT EXISTS ${schema})
    message(FATAL_ERROR "data/${name}.csv has no schema: describe its columns in data/schema/${name}.csv (data/README.md says how)")
  endif()
  if(NOT TARGET ${table})
    add_custom_command(
      OUTPUT ${folder}/${name}.cpp ${folder}/${name}.h
      COMMAND ${CMAKE_COMMAND} -DSOURCE=${source} -DSCHEMA=${schema} -DSYMBOL=${symbol} -DFOLDER=${folder} -DNAME=${name}
              -DPACKED=${QUELL_WASM} -P ${script}
      DEPENDS ${source} ${schema} ${script}
      COMMENT "Embedding data/${name}.csv" VERBATIM)
    add_library(${table} OBJECT ${folder}/${name}.cpp ${folder}/${name}.h)
    target_include_directories(${table} PRIVATE ${PROJECT_BINARY_DIR}/generated ${PROJECT_SOURCE_DIR}/src)
    add_dependencies(${table} checked_tables)
    if(NOT ARGN)
      set_property(GLOBAL APPEND PROPERTY QUELL_TABLES ${name})
    endif()
  endif()
  target_link_libraries(${target} PRIVATE ${table})
  target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/generated)
  add_dependencies(${target} ${table})
endfunction()
