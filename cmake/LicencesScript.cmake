# SPDX-License-Identifier: GPL-2.0-or-later
# Writes OUTPUT: the LICENCE of the whole, then the terms of each part. TERMS: NAME=FILE with commas between.
file(READ ${LICENCE} all)
string(REPLACE "," ";" terms "${TERMS}")
foreach(term IN LISTS terms)
  string(REGEX MATCH "^([^=]+)=(.*)$" found "${term}")
  set(name ${CMAKE_MATCH_1})
  file(READ ${CMAKE_MATCH_2} text)
  string(APPEND all "\n==== ${name} ====\n\n${text}")
endforeach()
file(WRITE ${OUTPUT} "${all}")
