// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/platform/protection.h"

#include <algorithm>

#include <fmt/format.h>

namespace quell::intel {
namespace {

constexpr std::uint64_t copy_distance = 0x1000;
constexpr Range oem_section{0xF00, 0x100};
constexpr Range manifest_place{0x800, 0x400};
constexpr std::uint32_t verification_extension = 0x17;  // +8 eight pairs of u16 (start, end), +0x28 hash

bool same_bytes(ByteView image, Range a, std::uint64_t distance) {
  const auto first = image.sub(a);
  const auto second = image.sub(a.offset + distance, a.size);
  return first && second && equal(first->bytes(), second->bytes());
}

// FLMSTR1: may the host write region 0?
std::optional<bool> host_may_write_descriptor(const flash::FlashDescriptor& d) {
  if (!d.version || d.masters.empty()) return std::nullopt;
  const unsigned bit = *d.version == flash::DescriptorVersion::v2 ? 20 : 24;
  return (d.masters[0] >> bit & 1U) != 0;
}

bool has_text(ByteView image, std::string_view text) {
  return image.clip(oem_section).find(as_bytes(text)).has_value();
}

}  // namespace

DescriptorCopies find_copies(const flash::FlashDescriptor& d, ByteView image) {
  DescriptorCopies copies;
  const auto* own = d.region(0);
  if (own == nullptr || own->range.offset != 0) return copies;
  const std::uint64_t end = std::min<std::uint64_t>(own->range.end(), 16 * copy_distance);
  for (std::uint64_t at = copy_distance; at < end; at += copy_distance) {
    const auto map = Range{d.signature_offset, 16};
    if (!image.has(at, copy_distance) || !image.matches(at + d.signature_offset, image.clip({map.offset, 4}).bytes()))
      continue;
    const bool same = same_bytes(image, map, at) && same_bytes(image, {d.strap_section, 4 * d.straps.size()}, at) &&
                      same_bytes(image, {d.mch_strap_section, 4 * d.mch_straps.size()}, at);
    (same ? copies.same : copies.different).push_back(at);
  }
  return copies;
}

bool Verification::covers(std::uint64_t offset) const noexcept {
  return std::ranges::none_of(excluded, [&](Range range) { return range.contains(Range{offset, 4}); });
}

std::optional<Verification> find_verification(ByteView image) {
  const ByteView place = image.clip(manifest_place);
  const auto tag = place.find(as_bytes("$MN2"), 0x1C, 4);
  if (!tag) return std::nullopt;
  const std::uint64_t start = *tag - 0x1C;
  const auto header = place.u32(start + 4);
  const auto size = place.u32(start + 0x18);
  Verification found;
  found.manifest = {place.origin() - image.origin() + start, std::uint64_t{size.value_or(0)} * 4};
  std::uint64_t at = start + std::uint64_t{header.value_or(0)} * 4;
  for (unsigned i = 0; i < 64; ++i) {
    const auto type = place.u32(at);
    const auto length = place.u32(at + 4);
    if (!type || !length || *length < 8) break;
    for (std::uint64_t pair = 0; *type == verification_extension && pair < 8; ++pair) {
      const auto begin = place.u16(at + 8 + 4 * pair);
      const auto end = place.u16(at + 10 + 4 * pair);
      if (begin && end && *begin < *end) found.excluded.push_back(Range::between(*begin, *end));
    }
    at += *length;
  }
  return found;
}

std::vector<Finding> protection_findings(const flash::FlashDescriptor& d, ByteView image, const FirmwareFacts& facts) {
  std::vector<Finding> findings;
  if (host_may_write_descriptor(d) == false) {
    findings.push_back({.id = "flash.access.locked",
                        .question = Question::access,
                        .severity = Severity::info,
                        .title = "the host may not write the descriptor: flash a changed one with an external "
                                 "programmer",
                        .detail = "FLMSTR1 denies the host write access to region 0.",
                        .range = Range{d.master_section, 4}});
  }
  if (has_text(image, "SIGNED")) {
    const bool corporate = has_text(image, "CORP") && facts.version && facts.version->major >= 16;
    findings.push_back(
        {.id = corporate ? "intel.descriptor.lenovo-recovery" : "intel.descriptor.signed-mark",
         .question = Question::descriptor,
         .severity = corporate ? Severity::warning : Severity::info,
         .title = corporate ? "marks CORP and SIGNED: the embedded controller may put the original descriptor back"
                            : "the text SIGNED stands in the OEM section",
         .detail = corporate
                       ? "Lenovo's corporate models of the 12th and 13th generation keep a reference descriptor in a "
                         "second flash chip; on a mismatch the controller restores the original image after two "
                         "resets."
                       : "Seen on ThinkPads whose descriptor can be changed freely; it is no proof of a signature.",
         .range = oem_section});
  }
  return findings;
}

}  // namespace quell::intel
