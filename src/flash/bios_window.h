// SPDX-License-Identifier: GPL-2.0-or-later
// The part of an image that an Intel processor sees right below 4 GiB.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "quell/byte_view.h"
#include "quell/image.h"

namespace quell::flash {

// The end of `bytes` is mapped to 4 GiB.
struct BiosWindow {
  ByteView bytes{};
  std::string source{};   // "BIOS region of the descriptor", "whole image"
  bool true_top = false;  // whether the end is known to be the top of the address space; false on a cut dump

  // Where a physical address lies, as an offset from the start of `bytes`; nothing when it is outside.
  [[nodiscard]] std::optional<std::uint64_t> offset_of(std::uint64_t physical) const noexcept;
  // The physical address of an offset inside `bytes`.
  [[nodiscard]] std::uint64_t physical(std::uint64_t offset) const noexcept;
};

// The BIOS region with a descriptor, the whole image without one; nothing when the input cannot hold one (a bare ME
// region, a descriptor without a BIOS region).
std::optional<BiosWindow> bios_window(const Image& image);

// Whether an x86 processor could start from these bytes when their end is mapped to 4 GiB: a jump stands 16 bytes
// before it.
bool has_reset_vector(ByteView file);

}  // namespace quell::flash
