// SPDX-License-Identifier: GPL-2.0-or-later
#include "flash/recognise.h"

#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>

#include "base/words.h"
#include "flash/descriptor_details.h"
#include "flash/recognise_steps.h"
#include "quell/flash/descriptor.h"

namespace quell::flash {
namespace {

std::uint64_t end_of_regions(const FlashDescriptor& d) {
  std::uint64_t end = 0;
  for (const DescriptorRegion& region : d.regions) {
    if (region.in_use()) end = std::max(end, region.range.end());
  }
  return end;
}

void name_dump(Image& image, const FlashDescriptor& d) {
  const ByteView body = image.body();
  Recognition& what = image.what;
  what.kind = "intel.dump";
  what.type = FileKind::dump;
  what.title = "full flash dump with an Intel descriptor";
  what.recognised = true;
  const std::uint64_t end = end_of_regions(d);
  const auto chips = chip_sizes(d);
  if (is_descriptor_file(d, body) && !is_descriptor_alone(d, body)) {
    what.kind = "intel.descriptor";
    what.type = FileKind::descriptor;
    what.title = "Intel flash descriptor with small regions behind it";
    what.next_step =
        "the ME and BIOS regions that it names are not in this file: give the dump of the whole chip to see them";
  } else if (is_descriptor_alone(d, body) && body.size() < end) {
    what.kind = "intel.descriptor";
    what.type = FileKind::descriptor;
    what.title = "Intel flash descriptor alone";
    what.next_step = "the regions that it names are not in this file: give the dump of the whole chip to see them";
  } else if (chips.size() == 2 && body.size() == chips[0] && end > body.size()) {
    what.kind = "intel.dump-half";
    what.type = FileKind::half;
    what.title =
        fmt::format("first of two flash chips ({} of {})", size_text(chips[0]), size_text(chips[0] + chips[1]));
    what.next_step = fmt::format(
        "the rest is on the board's second chip ({}): read it too and join both with `quell descriptor join`",
        size_text(chips[1]));
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

constexpr std::array<std::byte, 4> descriptor_signature{std::byte{0x5A}, std::byte{0xA5}, std::byte{0xF0},
                                                        std::byte{0x0F}};
// Hits that are looked at before a search gives up; each look costs a bounded number of reads.
constexpr unsigned most_hits = 4096;

// The four bytes occur by chance and in programs that look for descriptors, so more than the signature must fit: the
// sections' spacing, a descriptor region at 0 and at least one further region that lies wholly in the rest.
std::optional<Range> image_at(ByteView file, std::uint64_t base) {
  const ByteView rest(file.clip({base, file.size()}).bytes());
  const auto descriptor = parse_descriptor(rest);
  if (!descriptor || !descriptor->version || descriptor->regions.empty()) return std::nullopt;
  if (descriptor->regions[0].range.offset != 0 || !descriptor->regions[0].in_use()) return std::nullopt;
  std::uint64_t end = 0;
  bool holds_region = false;
  for (const DescriptorRegion& region : descriptor->regions) {
    if (!region.in_use()) continue;
    end = std::max(end, region.range.end());
    holds_region = holds_region || (region.index != 0 && region.range.end() <= rest.size());
  }
  if (!holds_region) return std::nullopt;
  std::uint64_t size = 0;
  for (const std::uint64_t chip : chip_sizes(*descriptor)) size += chip;
  return Range{base, std::min(rest.size(), size >= end ? size : rest.size())};
}

}  // namespace

bool recognise_dump(Image& image) {
  const ByteView body(image.body().bytes());
  auto descriptor = parse_descriptor(body);
  if (!descriptor) {
    if (!find_descriptor(body) || body.size() < 0x1000) return false;
    image.what.kind = "intel.dump";
    image.what.type = FileKind::dump;
    image.what.title = "flash dump whose Intel descriptor is damaged";
    image.what.next_step = "the descriptor's sections do not lie inside the file: read the chip again";
    image.what.recognised = true;
    return true;
  }
  name_dump(image, *descriptor);
  add_regions(image, *descriptor);
  image.descriptor = std::make_shared<const FlashDescriptor>(*std::move(descriptor));
  return true;
}

std::vector<std::uint64_t> chip_sizes(const FlashDescriptor& d) {
  std::vector<std::uint64_t> sizes;
  for (const auto& size : components_of(d, chipset_of(d)).sizes) {
    if (!size) return {};
    sizes.push_back(*size);
  }
  return sizes;
}

std::optional<Recognition> find_dump(ByteView file) {
  auto hit = file.find(descriptor_signature);
  for (unsigned tries = 0; hit && tries < most_hits; ++tries, hit = file.find(descriptor_signature, *hit + 1)) {
    if (*hit < 0x10) continue;
    if (const auto body = image_at(file, *hit - 0x10)) {
      Recognition out = whole_file(file, "intel.dump", "a file with a header in front", FileKind::dump);
      out.body = *body;
      return out;
    }
  }
  return std::nullopt;
}

}  // namespace quell::flash
