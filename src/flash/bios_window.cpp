// SPDX-License-Identifier: GPL-2.0-or-later
#include "flash/bios_window.h"

#include <algorithm>

namespace quell::flash {
namespace {

constexpr std::uint64_t four_gib = std::uint64_t{1} << 32U;

}  // namespace

std::optional<std::uint64_t> BiosWindow::offset_of(std::uint64_t physical) const noexcept {
  const std::uint64_t size = bytes.size();
  if (physical >= four_gib || size > four_gib || physical < four_gib - size) return std::nullopt;
  return physical - (four_gib - size);
}

std::uint64_t BiosWindow::physical(std::uint64_t offset) const noexcept {
  const std::uint64_t size = std::min(bytes.size(), four_gib);
  return four_gib - size + std::min(offset, size);
}

std::optional<BiosWindow> bios_window(const Image& image) {
  if (image.regions.empty()) {
    // Parts of the engine's firmware on their own hold nothing that the processor starts from the top of.
    const bool part = image.what.type == FileKind::part || image.what.type == FileKind::update;
    if (part || image.body().empty()) return std::nullopt;
    return BiosWindow{image.body(), "whole image", true};
  }
  const auto region = std::ranges::find(image.regions, "bios", &NamedRange::name);
  if (region == image.regions.end()) return std::nullopt;
  const ByteView bytes = image.bytes().clip(region->range);
  if (bytes.empty()) return std::nullopt;
  return BiosWindow{bytes, "BIOS region", bytes.size() == region->range.size};
}

}  // namespace quell::flash
