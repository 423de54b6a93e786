#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# source_rules.sh PROJECT: rules of CONTRIBUTING.md that no compiler and no linter knows, in a moment.
cd "$1" || exit 2
bad=0

# forbid REASON REGULAR-EXPRESSION FOLDER...
forbid() {
  local reason=$1 pattern=$2 found
  shift 2
  found=$(grep -rnE "$pattern" --include='*.cpp' --include='*.h' ${also:+"--include=$also"} "$@" | grep -vF "${except:-nothing is excepted}")
  [ -z "$found" ] && return
  bad=1
  echo "$reason:"
  echo "$found"
}

forbid 'does not compile with clang 14 and libstdc++ 12 (use the std:: algorithms with iterators)' \
  'std::views::|ranges::(subrange|unique|remove|remove_if|equal_range|search|search_n|rotate|partition|stable_partition|find_end|partition_point_view)\b' \
  include src tests bench
forbid 'nothing decides by words: compare a type (printers and front ends may choose among findings)' \
  '(\.|->)(id|title|detail|message|reason|advice|meaning) *(==|!=) *"' \
  $(find src -mindepth 1 -maxdepth 1 -type d -not -name report -not -name cli -not -name compat -not -name spi) include
except='"efibootmgr ' forbid 'the library names no option: a refusal carries an Override, and each front end words its own' \
  '^([^/]|/[^/])*"([^"]*[ (`])?--[a-z]' \
  $(find src -mindepth 1 -maxdepth 1 -type d -not -name report -not -name cli -not -name compat) include
also='*.csv' forbid 'a table names no option either' '[ (`"]--[a-z]' data
forbid 'heavy headers belong in .cpp files' '^#include <(fmt|nlohmann)/' include

forbid 'a public header includes public headers only' '^#include "[^q]' include

forbid 'the option parser belongs to src/cli/options.cpp alone' '^#include <CLI/' \
  include tests bench $(find src -name '*.cpp' -o -name '*.h' | grep -vx src/cli/options.cpp)

while IFS= read -r file; do
  head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' && continue
  bad=1
  echo "$file: no SPDX line"
done < <(find include src tests bench cmake tools -type f \( -name '*.cpp' -o -name '*.h' -o -name '*.cmake' -o -name '*.sh' -o -name '*.def' -o -name CMakeLists.txt \))

while read -r lines file; do
  [ "$file" = total ] || [ "$lines" -le 400 ] && continue
  bad=1
  echo "$file: $lines lines; more than 400 are asking to be two files"
done < <(find src include tests -type f \( -name '*.cpp' -o -name '*.h' \) -exec wc -l {} +)

tests/style/arrows.sh . || bad=1

exit $bad
