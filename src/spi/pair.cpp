// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/pair.h"

#include "base/size.h"
#include "flash/recognise.h"
#include "flash/two_chips.h"

namespace quell::spi {

std::optional<Components> components(ByteView dump) {
  const auto descriptor = flash::parse_descriptor(dump);
  if (!descriptor) return std::nullopt;
  const auto sizes = flash::chip_sizes(*descriptor);
  if (sizes.empty()) return std::nullopt;
  return Components{sizes.front(), sizes.size() > 1 ? sizes[1] : 0};
}

Result<Buffer> join(Bytes first, Bytes second) {
  const auto descriptor = flash::parse_descriptor(ByteView(first));
  if (!descriptor) return fail(Errc::unrecognised, "the first image has no flash descriptor: give component 1 first");
  return flash::join_chips(*descriptor, ByteView(first), ByteView(second), {});
}

Result<Bytes> split(Bytes joined, unsigned component) {
  const auto descriptor = flash::parse_descriptor(ByteView(joined));
  if (!descriptor)
    return fail(Errc::unrecognised, "the image has no flash descriptor that says how large the chips are");
  QUELL_TRY(const std::uint64_t second, flash::second_chip(*descriptor, ByteView(joined)));
  if (component == 1) return joined.first(to_size(second));
  if (component == 2) return joined.subspan(to_size(second));
  return fail(Errc::usage, "a component is 1 or 2");
}

}  // namespace quell::spi
