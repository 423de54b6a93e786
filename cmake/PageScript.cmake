# SPDX-License-Identifier: GPL-2.0-or-later
# Puts the page together: OUTPUT from TEMPLATE, whose @NAME@ become the text of STYLES and SCRIPT, of WORKER, the MODULE
# packed and in base64, LICENCES, and the digests of style and script for the policy. Lists have commas between.
function(text_of result)
  set(all)
  string(REPLACE "," ";" files "${ARGN}")
  foreach(file IN LISTS files)
    file(READ ${file} text)
    string(APPEND all "${text}\n")
  endforeach()
  set(${result} "${all}" PARENT_SCOPE)
endfunction()

execute_process(COMMAND gzip -9nc ${MODULE} COMMAND base64 -w0 OUTPUT_VARIABLE module RESULTS_VARIABLE statuses)
if(NOT statuses STREQUAL "0;0")
  message(FATAL_ERROR "the module could not be packed: ${statuses}")
endif()

text_of(style ${STYLES})
string(REGEX REPLACE "/\\*[^*]*\\*/\n" "" style "${style}")
text_of(script ${SCRIPT})
text_of(worker ${WORKER})
text_of(licences ${LICENCES})
# Elements that hold text end at the first tag that closes them.
foreach(text IN ITEMS script worker licences)
  string(REPLACE "</script" "<\\/script" ${text} "${${text}}")
endforeach()

# What a policy calls a text: its SHA-256 in base64.
function(source_of result text)
  string(SHA256 digits "${text}")
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(base64)
  # Three digits are two letters; 64 digits and two of padding are 44 letters, of which the last stands for no byte.
  foreach(at RANGE 0 63 3)
    string(SUBSTRING "${digits}00" ${at} 3 three)
    math(EXPR high "0x${three} >> 6")
    math(EXPR low "0x${three} & 63")
    string(SUBSTRING ${alphabet} ${high} 1 first)
    string(SUBSTRING ${alphabet} ${low} 1 second)
    string(APPEND base64 ${first}${second})
  endforeach()
  string(SUBSTRING ${base64} 0 43 base64)
  set(${result} "'sha256-${base64}='" PARENT_SCOPE)
endfunction()
source_of(style_source "${style}")
source_of(script_source "${script}")

file(READ ${TEMPLATE} page)
foreach(name IN ITEMS STYLE_SOURCE SCRIPT_SOURCE STYLE LICENCES WORKER SCRIPT MODULE)
  string(TOLOWER ${name} value)
  string(REPLACE "@${name}@" "${${value}}" page "${page}")
endforeach()
file(WRITE ${OUTPUT} "${page}")
