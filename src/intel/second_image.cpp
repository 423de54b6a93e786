// SPDX-License-Identifier: GPL-2.0-or-later
// Some boards keep a second ME image inside the BIOS region and put it back when the first one does not start.
#include "intel/second_image.h"

#include <fmt/format.h>

#include "intel/me_region.h"

namespace quell::intel {

std::vector<Finding> second_images(const Examined& examined) {
  constexpr unsigned most_hits = 1024;
  constexpr std::size_t most_named = 4;
  std::vector<Finding> out;
  const auto bios = examined.image().region("bios");
  if (!examined.descriptor() || !bios) return out;
  constexpr std::uint64_t vectors = 0x10;
  auto hit = bios->find(as_bytes("$FPT"), 0, 4);
  for (unsigned tries = 0; hit && tries < most_hits && out.size() < most_named; ++tries) {
    const bool behind_vectors = *hit >= vectors && bios->u8(*hit + 8).value_or(0) >= 0x20;
    const std::uint64_t base = behind_vectors ? *hit - vectors : *hit;
    const ByteView rest = bios->clip(Range::between(base, bios->size()));
    if (const auto me = parse_me_region(rest, false)) {
      out.push_back(
          {.id = "intel.region.second-image",
           .question = Question::structure,
           .severity = Severity::info,
           .title = fmt::format("a second ME image ({} {}) lies in the BIOS region at {:#x}", me->family(),
                                to_string(me->manifest.version), rest.origin()),
           .detail = "boards that keep one may put it back when they do not like the first",
           .advice = "after a change, look again with `quell status` once the machine has started a few times",
           .range = Range{rest.origin(), 0x1000}});
    }
    hit = bios->find(as_bytes("$FPT"), *hit + 4, 4);
  }
  return out;
}

}  // namespace quell::intel
