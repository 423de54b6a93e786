#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# misuse.sh COMPILER FLAGS...: readings of a table that its schema does not bear must not compile, and for that reason.
bad=0

compile() {
  "${compiler[@]}" -x c++ - <<<"
#include \"data/ifdtool-platforms.h\"
#include \"data/intel-disable-bits.h\"
#include \"data/mei-pci-ids.h\"
using namespace quell;
enum class Lock { atom, classic, client, server };
constexpr std::array locks{Word{\"atom\", Lock::atom}, Word{\"classic\", Lock::classic}, Word{\"client\", Lock::client},
                           Word{\"server\", Lock::server}};
constexpr std::array fewer{Word{\"atom\", Lock::atom}};
constexpr std::array other{Word{\"atom\", Lock::atom}, Word{\"classic\", Lock::classic}, Word{\"client\", Lock::client},
                           Word{\"server\", Lock::server}, Word{\"serfer\", Lock::server}};
auto read(const Row<data::IntelDisableBits>& bit, const Row<data::IfdtoolPlatforms>& platform,
          const Row<data::MeiPciIds>& device) { return $1; }" 2>&1
}

compiles() {
  compile "$1" >/dev/null && return
  bad=1
  echo "does not compile: $1"
}

refused() {
  local output
  if output=$(compile "$2"); then
    bad=1
    echo "compiles: $2"
  elif ! grep -qF "$1" <<<"$output"; then
    bad=1
    echo "refused for another reason than '$1': $2"
    echo "$output"
  fi
}

compiler=("$@")
compiles 'bit["strap"]'
compiles 'bit.optional_number("offset")'
compiles 'device.number<std::uint16_t>("device")'
compiles 'bit.flag("written")'
compiles 'bit.is({"base", "fmsba"})'
compiles 'platform.choice<locks>("lock")'
refused 'the table has no such column' 'bit["starp"]'
refused 'the table has no such column' 'bit.optional_number("ofset")'
refused 'the table has no such column' 'bit.is({"bose", "fmsba"})'
refused 'the column holds no numbers' 'bit.optional_number("strap")'
refused 'number() is for required columns' 'bit.number("bit")'
refused "the column's numbers may not fit" 'device.number<std::uint8_t>("device")'
refused 'the column holds cells of another kind' 'bit.flag("evidence")'
refused 'the column holds cells of another kind' 'bit.list("family")'
refused 'the column never holds this word' 'bit.is({"base", "fmbsa"})'
refused 'the column never holds this word' 'platform.is({"lock", ""})'
refused 'a word of the column has no meaning' 'platform.choice<fewer>("lock")'
refused 'the column never holds one of the words' 'platform.choice<other>("lock")'
exit $bad
