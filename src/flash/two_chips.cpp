// SPDX-License-Identifier: GPL-2.0-or-later
#include "flash/two_chips.h"

#include <fmt/format.h>

#include "base/words.h"
#include "flash/recognise.h"

namespace quell::flash {

Result<std::uint64_t> second_chip(const FlashDescriptor& descriptor, ByteView image) {
  const auto chips = chip_sizes(descriptor);
  if (chips.size() != 2) return fail(Errc::usage, "the descriptor names one flash chip only");
  if (chips[0] + chips[1] != image.size()) {
    return fail(Errc::usage, fmt::format("the descriptor names chips of {} and {} KiB, the file has {} KiB",
                                         chips[0] / 1024, chips[1] / 1024, image.size() / 1024));
  }
  return chips[0];
}

Result<Buffer> join_chips(const FlashDescriptor& descriptor, ByteView first, ByteView second, Overrides accepted) {
  if (parse_descriptor(second)) {
    return fail(Errc::usage, "the second image begins with a descriptor, so it is that of a first chip too");
  }
  const auto chips = chip_sizes(descriptor);
  const bool fits = chips.size() == 2 && chips[0] == first.size() && chips[1] == second.size();
  if (!fits && !accepted.has(Override::sizes)) {
    std::vector<std::uint64_t> kib;
    kib.reserve(chips.size());
    for (const std::uint64_t chip : chips) kib.push_back(chip / 1024);
    return refuse(fmt::format("the files have {} and {} KiB, but the descriptor names {} of {} KiB: read "
                              "both chips whole",
                              first.size() / 1024, second.size() / 1024, count_text(chips.size(), "flash chip"),
                              fmt::join(kib, " and ")),
                  join_overrides);
  }
  Buffer image;
  image.reserve(first.size() + second.size());
  image.insert(image.end(), first.bytes().begin(), first.bytes().end());
  image.insert(image.end(), second.bytes().begin(), second.bytes().end());
  return image;
}

}  // namespace quell::flash
