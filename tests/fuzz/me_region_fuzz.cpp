// SPDX-License-Identifier: GPL-2.0-or-later
// The ME region: partition table, manifest, signature, directory, module table. Fed by the ME region of any dump and by
// the bare regions that people collect.
#include <cstdint>
#include <span>

#include "intel/me_region.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const ByteView region(std::as_bytes(std::span(data, size)));
  if (const auto at = intel::find_fpt(region)) static_cast<void>(intel::parse_fpt(region, *at));
  for (const bool ich : {false, true}) {
    const auto me = intel::parse_me_region(region, ich);
    if (!me) continue;
    static_cast<void>(intel::verify_signature(me->manifest));
    static_cast<void>(intel::identify_key(me->manifest));
    static_cast<void>(me->is_ignition());
    if (me->directory) static_cast<void>(intel::stored_ranges(*me->directory, me->code_length()));
  }
  return 0;
}
