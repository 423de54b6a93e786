# SPDX-License-Identifier: GPL-2.0-or-later
# quell_listed_names(file macro result): the names (or folders) in the lines MACRO(name) or MACRO(name, ...) of a .def
# file, which the preprocessor reads too. Lines between `#ifdef NAME` and `#endif` count where the variable NAME is on here.
function(quell_listed_names file macro result)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  file(STRINGS ${file} lines)
  set(names)
  set(counts ON)
  foreach(line IN LISTS lines)
    if(line MATCHES "^#ifdef +([A-Z_]+)")
      set(counts ${${CMAKE_MATCH_1}})
    elseif(line MATCHES "^#endif")
      set(counts ON)
    elseif(counts AND line MATCHES "^${macro}\\(([a-z0-9_/]+)[,)]")
      list(APPEND names ${CMAKE_MATCH_1})
    endif()
  endforeach()
  set(${result} ${names} PARENT_SCOPE)
endfunction()
