// SPDX-License-Identifier: GPL-2.0-or-later
// The Intel flash descriptor (IFD): the first 4 KiB (16 KiB from Meteor Lake on) of an Intel flash chip. It names the
// regions, says which bus master may touch which of them, and holds the soft straps.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/finding.h"

namespace quell::flash {

// Layout of the region and master sections: v1 (ICH8 to 9 series), v1.5 (Wellsburg: v1 with wider fields),
// v2 (100 series and later).
enum class DescriptorVersion { v1, v1_5, v2 };

// One FLREG word.
struct DescriptorRegion {
  unsigned index = 0;             // n of FLREGn
  std::string_view short_name{};  // "fd", "bios", "me", ... as in flashrom layouts
  std::string_view title{};       // "Intel ME"
  std::uint32_t word = 0;
  std::uint64_t word_offset = 0;  // image offset of the word
  Range range{};                  // as the word says, even beyond the file; empty when not in use
  [[nodiscard]] bool in_use() const noexcept { return !range.empty(); }
};

// What the word FLREGn says: bits 14:0 base and 30:16 inclusive limit, in blocks of 4 KiB. Empty when not in use: base
// above limit, the all-ones base of a slot that the chipset lacks, or a zero word other than FLREG0's (it would lie
// over the descriptor).
Range region_range(std::size_t index, std::uint32_t word) noexcept;

struct FlashDescriptor {
  std::uint64_t signature_offset = 0;  // 0x00 on ICH8-10, 0x10 later
  std::uint32_t flmap0 = 0, flmap1 = 0, flmap2 = 0, flmap3 = 0, flumap1 = 0;

  // Image offsets of the sections.
  std::uint64_t component_section = 0;  // FCBA
  std::uint64_t region_section = 0;     // FRBA
  std::uint64_t master_section = 0;     // FMBA
  std::uint64_t strap_section = 0;      // FISBA / FPSBA
  std::uint64_t mch_strap_section = 0;  // FMSBA
  std::uint32_t strap_count = 0;        // ISL / PSL
  std::uint32_t mch_strap_count = 0;    // MSL

  std::optional<DescriptorVersion> version{};  // nothing when the spacing of the sections fits neither
  std::vector<DescriptorRegion> regions{};     // every slot, in use or not
  std::vector<std::uint32_t> straps{};         // ICHSTRP / PCHSTRP words that lie inside the image
  std::vector<std::uint32_t> mch_straps{};
  std::vector<std::uint32_t> masters{};           // FLMSTR1 ... FLMSTR6 words that lie inside the image
  std::uint32_t flcomp = 0, flill = 0, flpb = 0;  // component section

  // ICH8-10: the signature stands at offset 0.
  [[nodiscard]] bool is_ich() const noexcept { return signature_offset == 0; }
  // The slot with this number, or nullptr.
  [[nodiscard]] const DescriptorRegion* region(unsigned index) const noexcept;
  [[nodiscard]] const DescriptorRegion* me() const noexcept { return region(2); }
};

// Where the signature 5A A5 F0 0F stands: 0x00, 0x10 or nowhere.
std::optional<std::uint64_t> find_descriptor(ByteView image);

// Reads the descriptor at the start of the image. Errc::unrecognised without a signature, Errc::damaged when a
// section does not lie inside the image.
Result<FlashDescriptor> parse_descriptor(ByteView image);

// Whether the image is the descriptor region and nothing else.
bool is_descriptor_alone(const FlashDescriptor& descriptor, ByteView image) noexcept;

// That, or the descriptor with small regions behind it: the file ends at the border of a region and holds neither the
// ME region nor the BIOS region.
bool is_descriptor_file(const FlashDescriptor& descriptor, ByteView image) noexcept;

// Whether the BIOS region begins at 0 and covers every other region, which lie apart from each other.
bool is_vendor_overlap(const FlashDescriptor& descriptor) noexcept;
// What that means.
inline constexpr std::string_view vendor_overlap_reason =
    "some boards (Gigabyte) are shipped with a BIOS region that covers the whole chip";

// The descriptor with its sections, words and straps, and every region in use, as a tree.
Component describe(const FlashDescriptor& descriptor, ByteView image);

// Whether the image is meant to hold all of the flash, or a part of it: what a part cannot hold is no fault of it.
enum class Extent { whole, part };

// What a careful engineer would check by hand; see docs/formats/descriptor.md.
std::vector<Finding> audit(const FlashDescriptor& descriptor, ByteView image, Extent extent = Extent::whole);

}  // namespace quell::flash
