// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/flash/recognise.h"

#include <algorithm>

#include <fmt/format.h>

#include "flash/recognise_steps.h"
#include "quell/flash/descriptor.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;

// FLCOMP density codes are 4 bits wide from the 8 series on, 3 bits before. The 8 series has 21 PCH straps, older
// ones have at most 18; Silvermont parts keep the narrow field.
bool wide_density(const FlashDescriptor& d) { return d.version == DescriptorVersion::v2 || d.strap_count >= 0x13; }

std::uint64_t density(std::uint32_t code) { return code <= 9 ? 512 * kib << code : 0; }

std::uint64_t end_of_regions(const FlashDescriptor& d) {
  std::uint64_t end = 0;
  for (const DescriptorRegion& region : d.regions) {
    if (region.in_use()) end = std::max(end, region.range.end());
  }
  return end;
}

// A file that ends where the descriptor region ends holds nothing else.
bool is_descriptor_alone(const FlashDescriptor& d, std::uint64_t size) {
  const DescriptorRegion* self = d.region(0);
  const std::uint64_t own = self != nullptr && self->in_use() ? self->range.end() : 0x1000;
  return size <= std::max<std::uint64_t>(own, 0x1000) && size < end_of_regions(d);
}

std::string in_mib(std::uint64_t size) {
  return size % mib == 0 ? fmt::format("{} MiB", size / mib) : fmt::format("{} KiB", size / kib);
}

void name_dump(Image& image, const FlashDescriptor& d) {
  const ByteView body = image.body();
  Recognition& what = image.what;
  what.kind = "intel.dump";
  what.title = "full flash dump with an Intel descriptor";
  what.recognised = true;
  const std::uint64_t end = end_of_regions(d);
  const auto chips = chip_sizes(d, body);
  if (is_descriptor_alone(d, body.size())) {
    what.kind = "intel.descriptor";
    what.title = "Intel flash descriptor alone";
    what.next_step = "the regions that it names are not in this file: give the dump of the whole chip to see them";
  } else if (chips.size() == 2 && body.size() == chips[0] && end > body.size()) {
    what.kind = "intel.dump-half";
    what.title = fmt::format("first of two flash chips ({} of {})", in_mib(chips[0]), in_mib(chips[0] + chips[1]));
    what.next_step = fmt::format(
        "the rest is on the board's second chip ({}): read it too and join both with `quell descriptor join`",
        in_mib(chips[1]));
  } else if (end > body.size()) {
    what.title = "flash dump with an Intel descriptor, cut short";
    what.next_step = "the descriptor names more than the file holds: read the chip again, whole";
  }
}

void add_regions(Image& image, const FlashDescriptor& d) {
  const std::uint64_t base = image.what.body.offset;
  for (const DescriptorRegion& region : d.regions) {
    if (!region.in_use()) continue;
    const auto start = checked_add(region.range.offset, base);
    if (start) image.regions.push_back({std::string(region.short_name), {*start, region.range.size}});
  }
}

// Fills in what follows from a descriptor at the start of the body; false when there is none.
bool take_descriptor(Image& image) {
  const ByteView body(image.body().bytes());
  const auto descriptor = parse_descriptor(body);
  if (!descriptor) {
    if (!find_descriptor(body) || body.size() < 0x1000) return false;
    image.what.kind = "intel.dump";
    image.what.title = "flash dump whose Intel descriptor is damaged";
    image.what.next_step = "the descriptor's sections do not lie inside the file: read the chip again";
    image.what.recognised = true;
    return true;
  }
  name_dump(image, *descriptor);
  add_regions(image, *descriptor);
  return true;
}

void note_wrapping(Image& image, const Recognition& wrapping) {
  image.what.body = wrapping.body;
  const std::string outside = wrapping.title;
  if (!take_descriptor(image)) {
    image.what = wrapping;
    return;
  }
  image.what.title += fmt::format(", inside {} (it begins at {:#x})", outside, wrapping.body.offset);
}

}  // namespace

std::vector<std::uint64_t> chip_sizes(const FlashDescriptor& d, ByteView image) {
  const auto flcomp = image.u32(d.component_section);
  if (!flcomp) return {};
  const unsigned bits = wide_density(d) ? 4 : 3;
  const std::uint32_t mask = (1U << bits) - 1;
  std::vector<std::uint64_t> sizes{density(*flcomp & mask)};
  if ((d.flmap0 >> 8U & 3U) == 1) sizes.push_back(density(*flcomp >> bits & mask));
  if (std::ranges::count(sizes, 0U) != 0) return {};
  return sizes;
}

void recognise(Image& image) {
  const ByteView file = image.bytes();
  image.what = Recognition{};
  image.what.body = {0, file.size()};
  image.regions.clear();
  if (take_descriptor(image)) return;
  for (const auto step : {recognise_intel_part, recognise_header, recognise_amd}) {
    if (auto found = step(file)) {
      image.what = *std::move(found);
      // A header may only be the wrapping of the image that everyone wants to see.
      if (image.what.kind != "uefi.capsule") return;
      if (auto inside = recognise_wrapped(file)) {
        inside->title = inside->kind == "intel.dump" ? "a " + image.what.title : inside->title;
        note_wrapping(image, *inside);
      }
      return;
    }
  }
  if (auto magic = recognise_magic(file)) {
    image.what = *std::move(magic);
    return;
  }
  if (auto inside = recognise_wrapped(file)) return note_wrapping(image, *inside);
  if (auto bios = recognise_bios(file)) {
    image.what = *std::move(bios);
    return;
  }
  image.what = describe_unknown(file);
}

}  // namespace quell::flash
