// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/flash/recognise.h"

#include <algorithm>

#include <fmt/format.h>

#include "flash/recognise_steps.h"
#include "quell/flash/descriptor.h"
#include "quell/flash/descriptor_details.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;

std::uint64_t end_of_regions(const FlashDescriptor& d) {
  std::uint64_t end = 0;
  for (const DescriptorRegion& region : d.regions) {
    if (region.in_use()) end = std::max(end, region.range.end());
  }
  return end;
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
  const auto chips = chip_sizes(d);
  if (is_descriptor_alone(d, body) && body.size() < end) {
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

std::vector<std::uint64_t> chip_sizes(const FlashDescriptor& d) {
  std::vector<std::uint64_t> sizes;
  for (const auto& size : components_of(d, chipset_of(d)).sizes) {
    if (!size) return {};
    sizes.push_back(*size);
  }
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
