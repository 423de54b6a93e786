# SPDX-License-Identifier: GPL-2.0-or-later
# quell_embed_table(target name): compiles data/<name>.csv into the target as the text
# `quell::data::<name with _ for ->`, declared in "data/<name>.h". Several targets may embed the same table.
function(quell_embed_table target name)
  set(source ${PROJECT_SOURCE_DIR}/data/${name}.csv)
  set(folder ${PROJECT_BINARY_DIR}/generated/data)
  string(REPLACE "-" "_" symbol ${name})
  set(table table_${symbol})
  if(NOT TARGET ${table})
    add_custom_command(
      OUTPUT ${folder}/${name}.cpp ${folder}/${name}.h
      COMMAND ${CMAKE_COMMAND} -DSOURCE=${source} -DSYMBOL=${symbol} -DFOLDER=${folder} -DNAME=${name}
              -P ${PROJECT_SOURCE_DIR}/cmake/EmbedTableScript.cmake
      DEPENDS ${source} ${PROJECT_SOURCE_DIR}/cmake/EmbedTableScript.cmake
      COMMENT "Embedding data/${name}.csv" VERBATIM)
    add_library(${table} OBJECT ${folder}/${name}.cpp ${folder}/${name}.h)
    target_include_directories(${table} PRIVATE ${PROJECT_BINARY_DIR}/generated)
  endif()
  target_link_libraries(${target} PRIVATE ${table})
  target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/generated)
  add_dependencies(${target} ${table})
endfunction()
