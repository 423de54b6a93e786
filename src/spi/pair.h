// SPDX-License-Identifier: GPL-2.0-or-later
// Boards with two flash chips: the chipset sees one address space, component 1 first. The descriptor lies in component
// 1 and says how large both are.
#pragma once

#include <optional>
#include <utility>

#include "quell/byte_view.h"

namespace quell::spi {

struct Components {
  std::uint64_t first = 0;   // bytes; never zero
  std::uint64_t second = 0;  // zero when the board has one chip
  [[nodiscard]] std::uint64_t sum() const noexcept { return first + second; }
};

// What the descriptor at the start of the dump says; nothing without a readable one, or with a density no chip has.
std::optional<Components> components(ByteView dump);

// Component 1 then component 2; the lengths must be those of the descriptor.
Result<Buffer> join(Bytes first, Bytes second);
// The part of a joined image that belongs on component 1 or 2.
Result<Bytes> split(Bytes joined, unsigned component);

}  // namespace quell::spi
