// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/pair.h"

#include <fmt/format.h>

#include "flash/recognise.h"

namespace quell::spi {
std::optional<Components> components(ByteView dump) {
  const auto descriptor = flash::parse_descriptor(dump);
  if (!descriptor) return std::nullopt;
  const auto sizes = flash::chip_sizes(*descriptor);
  if (sizes.empty()) return std::nullopt;
  return Components{sizes.front(), sizes.size() > 1 ? sizes[1] : 0};
}

Result<Buffer> join(Bytes first, Bytes second) {
  const auto sizes = components(ByteView(first));
  if (!sizes) return fail(Errc::unrecognised, "the first image has no flash descriptor: give component 1 first");
  if (sizes->second == 0)
    return fail(Errc::refused, "the descriptor speaks of one chip only: there is nothing to join");
  if (first.size() != sizes->first || second.size() != sizes->second) {
    return fail(Errc::refused,
                fmt::format("the descriptor says {} + {} KiB, the images have {} + {} KiB", sizes->first / 1024,
                            sizes->second / 1024, first.size() / 1024, second.size() / 1024));
  }
  Buffer joined(first.begin(), first.end());
  joined.insert(joined.end(), second.begin(), second.end());
  return joined;
}

Result<Bytes> split(Bytes joined, unsigned component) {
  const auto sizes = components(ByteView(joined));
  if (!sizes) return fail(Errc::unrecognised, "the image has no flash descriptor that says how large the chips are");
  if (sizes->second == 0)
    return fail(Errc::refused, "the descriptor speaks of one chip only: there is nothing to split");
  if (joined.size() != sizes->sum()) {
    return fail(Errc::refused, fmt::format("the image has {} KiB, the two chips together {} KiB", joined.size() / 1024,
                                           sizes->sum() / 1024));
  }
  if (component == 1) return joined.first(sizes->first);
  if (component == 2) return joined.subspan(sizes->first);
  return fail(Errc::usage, "a component is 1 or 2");
}

}  // namespace quell::spi
