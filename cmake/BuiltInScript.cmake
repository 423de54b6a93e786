# SPDX-License-Identifier: GPL-2.0-or-later
# Writes what is built in as C++ source (CODE) and as a bill of materials (BILL); see BuiltIn.cmake.
cmake_minimum_required(VERSION 3.25)
include(${FACTS})

# The day on which each table last changed: in data/dates.txt where a release brings it along, else from the repository.
# A table that differs from what is recorded, and a shallow copy of the repository, have none.
function(read_dates)
  if(EXISTS ${SOURCE}/data/dates.txt)
    file(STRINGS ${SOURCE}/data/dates.txt lines)
    foreach(line IN LISTS lines)
      if(line MATCHES "^([a-z0-9-]+) ([0-9-]+)$")
        set(date_${CMAKE_MATCH_1} ${CMAKE_MATCH_2} PARENT_SCOPE)
      endif()
    endforeach()
    return()
  endif()
  find_program(git git)
  if(NOT git OR NOT EXISTS ${SOURCE}/.git)
    return()
  endif()
  execute_process(COMMAND ${git} -C ${SOURCE} rev-parse --is-shallow-repository OUTPUT_VARIABLE shallow ERROR_QUIET)
  if(NOT shallow MATCHES "false")
    return()
  endif()
  execute_process(COMMAND ${git} -C ${SOURCE} log --format=%cs --name-only -- data/*.csv OUTPUT_VARIABLE history ERROR_QUIET)
  execute_process(COMMAND ${git} -C ${SOURCE} diff --name-only HEAD -- data/*.csv OUTPUT_VARIABLE changed ERROR_QUIET)
  string(REPLACE "\n" ";" history "${history}")
  foreach(line IN LISTS history)
    if(line MATCHES "^[0-9-]+$")
      set(day ${line})
    elseif(line MATCHES "^data/([a-z0-9-]+)\\.csv$")
      set(name ${CMAKE_MATCH_1})
      if(NOT DEFINED date_${name} AND NOT changed MATCHES "data/${name}\\.csv")
        set(date_${name} ${day})
        set(date_${name} ${day} PARENT_SCOPE)
      endif()
    endif()
  endforeach()
endfunction()
read_dates()

set(tables)
set(components)
foreach(table IN LISTS TABLES)
  file(SHA256 ${SOURCE}/data/${table}.csv digest)
  string(APPEND tables "    {\"${table}\", \"${digest}\", \"${date_${table}}\"},\n")
  string(APPEND components ",
    {\"type\": \"data\", \"bom-ref\": \"table:${table}\", \"name\": \"data/${table}.csv\",
     \"hashes\": [{\"alg\": \"SHA-256\", \"content\": \"${digest}\"}], \"licenses\": [{\"license\": {\"id\": \"GPL-2.0-or-later\"}}]}")
endforeach()

set(libraries)
set(depends)
foreach(library IN LISTS LIBRARIES)
  string(REPLACE "|" ";" parts "${library}")
  list(GET parts 0 name)
  list(GET parts 1 version)
  list(GET parts 2 licence)
  list(GET parts 3 part)
  string(APPEND libraries "    {\"${name}\", \"${version}\", \"${licence}\", \"${part}\"},\n")
  set(at)
  set(stated)
  if(version)
    set(at "@${version}")
    set(stated " \"version\": \"${version}\",")
  endif()
  if(licence MATCHES " OR ")
    set(licences "{\"expression\": \"${licence}\"}")
  else()
    set(licences "{\"license\": {\"id\": \"${licence}\"}}")
  endif()
  string(APPEND components ",
    {\"type\": \"library\", \"bom-ref\": \"library:${name}\", \"name\": \"${name}\",${stated}
     \"licenses\": [${licences}], \"purl\": \"pkg:generic/${name}${at}\"}")
  string(APPEND depends ", \"library:${name}\"")
endforeach()
string(SUBSTRING "${components}" 1 -1 components)
string(SUBSTRING "${depends}" 2 -1 depends)

file(WRITE ${CODE}
"#include \"report/built_in.h\"
namespace quell::report {
namespace {
constexpr BuiltIn::Library libraries[] = {
${libraries}};
constexpr BuiltIn::Table tables[] = {
${tables}};
}  // namespace
const BuiltIn& built_in() {
  static constexpr BuiltIn facts{\"${LINKAGE}\", ${FEATURES}, libraries, tables};
  return facts;
}
}  // namespace quell::report
")

file(WRITE ${BILL}
"{
  \"bomFormat\": \"CycloneDX\",
  \"specVersion\": \"1.6\",
  \"version\": 1,
  \"metadata\": {
    \"component\": {\"type\": \"application\", \"bom-ref\": \"quell\", \"name\": \"quell\", \"version\": \"${VERSION}\",
                  \"licenses\": [{\"license\": {\"id\": \"GPL-2.0-or-later\"}}], \"purl\": \"pkg:generic/quell@${VERSION}\"}
  },
  \"components\": [${components}
  ],
  \"dependencies\": [{\"ref\": \"quell\", \"dependsOn\": [${depends}]}]
}
")
