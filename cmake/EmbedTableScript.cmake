# SPDX-License-Identifier: GPL-2.0-or-later
# Writes the C++ source of one embedded table; see EmbedTable.cmake. A table becomes an array of characters, because
# string literals have a guaranteed length of only 64 KiB; where PACKED, by gzip, to be unpacked when the program starts.
file(MAKE_DIRECTORY ${FOLDER})
file(SIZE ${SOURCE} table_size)
set(content ${SOURCE})
if(PACKED)
  set(content ${FOLDER}/${NAME}.gz)
  execute_process(COMMAND gzip -9nc ${SOURCE} OUTPUT_FILE ${content} COMMAND_ERROR_IS_FATAL ANY)
endif()
file(READ ${content} hex HEX)
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," characters "${hex}")

# The type of the table: SpiWires for spi_wires.
set(type)
string(REPLACE "_" ";" words ${SYMBOL})
foreach(word IN LISTS words)
  string(SUBSTRING ${word} 0 1 first)
  string(SUBSTRING ${word} 1 -1 rest)
  string(TOUPPER ${first} first)
  string(APPEND type ${first}${rest})
endforeach()

# Lines of the schema: name,type,required,key,values,refers,meaning. Only the last may hold commas.
file(READ ${SCHEMA} schema)
set(header)
set(columns)
set(count 0)
string(FIND "${schema}" "\n" end)
while(NOT end EQUAL -1)
  string(SUBSTRING "${schema}" 0 ${end} line)
  math(EXPR next "${end} + 1")
  string(SUBSTRING "${schema}" ${next} -1 schema)
  string(FIND "${schema}" "\n" end)
  if(line MATCHES "^([^,]*),([^,]*),([^,]*),[^,]*,([^,]*),[^,]*," AND NOT CMAKE_MATCH_1 STREQUAL "column")
    string(REPLACE "yes" "true" required "${CMAKE_MATCH_3}")
    string(REPLACE "no" "false" required "${required}")
    set(cell "${CMAKE_MATCH_2}")
    if(cell STREQUAL "version")
      # quell::version is that of the program.
      set(cell version_number)
    endif()
    string(APPEND header ",${CMAKE_MATCH_1}")
    string(APPEND columns "    Column{\"${CMAKE_MATCH_1}\", Cell::${cell}, ${required}, \"${CMAKE_MATCH_4}\"},\n")
    math(EXPR count "${count} + 1")
  endif()
endwhile()

# Getters find a cell by its column's place in the schema.
file(READ ${SOURCE} table)
string(REGEX MATCH "^[^\r\n]*" found "${table}")
if(NOT ",${found}" STREQUAL header)
  message(FATAL_ERROR "data/${NAME}.csv and data/schema/${NAME}.csv name different columns: ${found} and ${header}")
endif()

file(WRITE ${FOLDER}/${NAME}.h
"#pragma once
#include <array>
#include \"base/table.h\"
namespace quell::data {
struct ${type} {
  static constexpr std::array<Column, ${count}> columns{{
${columns}  }};
  static const std::string_view text;
  operator std::string_view() const { return text; }
};
inline constexpr ${type} ${SYMBOL}{};
}
")
set(include)
set(text "(bytes, ${size})")
if(PACKED)
  set(include "#include \"base/packed_table.h\"\n")
  set(text " = unpacked_table({bytes, ${size}}, ${table_size})")
endif()
file(WRITE ${FOLDER}/${NAME}.cpp
"#include \"data/${NAME}.h\"
${include}namespace quell::data {
static constexpr char bytes[] = {${characters}};
const std::string_view ${type}::text${text};
}
")
