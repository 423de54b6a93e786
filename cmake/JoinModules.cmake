# SPDX-License-Identifier: GPL-2.0-or-later
# quell_join_modules(output modules...): at build time one script of ES modules that import only each other, because
# modules do not load from file://. Names at the top of modules must differ; imports and exports rename nothing. A
# module stands behind those it takes constants and classes from. Comments that fill lines are left out.
function(quell_join_modules output)
  set(script ${PROJECT_SOURCE_DIR}/cmake/JoinModulesScript.cmake)
  list(JOIN ARGN "," modules)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DMODULES=${modules} -P ${script}
    DEPENDS ${ARGN} ${script}
    COMMENT "Embedding ${output}" VERBATIM)
endfunction()

# quell_embed_text(target name file): compiles the file's text into the target as `quell::data::<name>`, declared in
# "data/<name>.h" as a std::string_view.
function(quell_embed_text target name file)
  set(folder ${PROJECT_BINARY_DIR}/generated/data)
  set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedTextScript.cmake)
  add_custom_command(
    OUTPUT ${folder}/${name}.cpp ${folder}/${name}.h
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${file} -DFOLDER=${folder} -DNAME=${name} -P ${script}
    DEPENDS ${file} ${script}
    COMMENT "Embedding ${file}" VERBATIM)
  add_library(text_${name} OBJECT ${folder}/${name}.cpp ${folder}/${name}.h)
  target_include_directories(text_${name} PRIVATE ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(${target} PRIVATE text_${name})
  target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/generated)
  add_dependencies(${target} text_${name})
endfunction()
