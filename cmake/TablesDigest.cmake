# SPDX-License-Identifier: GPL-2.0-or-later
# Writes the header that names the digest of all tables of FOLDER; see src/scan/CMakeLists.txt.
file(GLOB tables RELATIVE ${FOLDER} ${FOLDER}/*.csv)
list(SORT tables)
set(lines)
foreach(table IN LISTS tables)
  file(SHA256 ${FOLDER}/${table} digest)
  string(APPEND lines "${digest}  ${table}\n")
endforeach()
string(SHA256 digest "${lines}")
file(WRITE ${HEADER}
"#pragma once
namespace quell::data {
inline constexpr const char* tables_digest = \"${digest}\";
}
")
