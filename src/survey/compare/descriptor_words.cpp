// SPDX-License-Identifier: GPL-2.0-or-later
// The words of the flash descriptor by name, and what a change of them means.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "quell/flash/descriptor.h"
#include "quell/intel/disable_bit.h"
#include "survey/compare/parts.h"

namespace quell::compare_detail {
namespace {

using flash::DescriptorVersion;
using flash::FlashDescriptor;

constexpr std::uint64_t descriptor_size = 0x1000;

std::string bits_text(std::uint32_t before, std::uint32_t after) {
  std::string out;
  for (unsigned bit = 0; bit < 32; ++bit) {
    if (((before ^ after) >> bit & 1U) == 0) continue;
    out += fmt::format("{}bit {} {}", out.empty() ? "" : ", ", bit, (after >> bit & 1U) != 0 ? "set" : "cleared");
  }
  return out;
}

// What the platform's table of disable bits says of the bits that differ in this word. A place that only some of the
// possible chipsets use is called possible.
std::string disable_text(const intel::DisableBits& disable, std::uint64_t offset, std::uint32_t before,
                         std::uint32_t after) {
  std::string out;
  std::uint32_t told = 0;
  const auto tell = [&](const std::vector<intel::DisableBit>& bits, std::string_view doubt) {
    for (const intel::DisableBit& known : bits) {
      const std::uint32_t mask = std::uint32_t{1} << (known.bit & 31U);
      if (known.offset != offset || ((before ^ after) & mask) == 0 || (told & mask) != 0) continue;
      told |= mask;
      out += fmt::format(" ({}{} {})", doubt, known.name, (after & mask) != 0 ? "set" : "cleared");
    }
  };
  tell(disable.bits, "");
  tell(disable.candidates, "possibly ");
  return out;
}

std::string region_text(std::uint32_t word) {
  const std::uint64_t base = word & 0x7FFFU;
  const std::uint64_t limit = word >> 16U & 0x7FFFU;
  if (base > limit || base == 0x7FFF) return "not in use";
  return fmt::format("{:#x}-{:#x}", base << 12U, (limit << 12U) + 0xFFF);
}

// The regions whose bit differs, with + or -.
std::string access_text(const FlashDescriptor& d, std::uint32_t before, std::uint32_t after) {
  const bool v2 = d.version == DescriptorVersion::v2;
  const unsigned read = v2 ? 8 : 16;
  const unsigned write = v2 ? 20 : 24;
  const unsigned width = v2 ? 12 : 8;
  std::string out;
  const auto list = [&](std::string_view verb, unsigned shift) {
    for (const bool gained : {true, false}) {
      std::string names;
      for (unsigned i = 0; i < width; ++i) {
        const bool old = (before >> (shift + i) & 1U) != 0;
        const bool now = (after >> (shift + i) & 1U) != 0;
        if (old == now || now != gained) continue;
        const auto* region = d.region(i);
        names += fmt::format("{}{}", names.empty() ? "" : ", ",
                             region != nullptr ? std::string(region->short_name) : fmt::format("region {}", i));
      }
      if (names.empty()) continue;
      out += fmt::format("{}{} {} {}", out.empty() ? "" : "; ", gained ? "may now" : "may no longer", verb, names);
    }
  };
  list("read", read);
  list("write", write);
  return out.empty() ? bits_text(before, after) : out;
}

std::string master_name(std::uint64_t index) {
  constexpr std::array<std::string_view, 6> names{"the host", "the ME", "GbE", "device expansion", "the EC", "the IE"};
  return std::string(names.at(index));
}

// Name and meaning of the word at this offset of the descriptor.
std::pair<std::string, std::string> explain(const FlashDescriptor& d, const intel::DisableBits& disable,
                                            std::uint64_t offset, std::uint32_t before, std::uint32_t after) {
  const auto index_in = [&](std::uint64_t section, std::uint64_t count) -> std::optional<std::uint64_t> {
    if (offset < section || offset - section >= 4 * count || (offset - section) % 4 != 0) return std::nullopt;
    return (offset - section) / 4;
  };
  if (const auto i = index_in(d.signature_offset + 4, 4)) return {fmt::format("FLMAP{}", *i), bits_text(before, after)};
  if (const auto i = index_in(d.component_section, 3)) {
    constexpr std::array<std::string_view, 3> names{"FLCOMP", "FLILL", "FLPB"};
    return {std::string(names.at(*i)), bits_text(before, after)};
  }
  if (const auto i = index_in(d.region_section, d.regions.size())) {
    return {fmt::format("FLREG{}", *i),
            fmt::format("{}: {} becomes {}", d.regions[*i].title, region_text(before), region_text(after))};
  }
  if (const auto i = index_in(d.master_section, d.masters.size())) {
    return {fmt::format("FLMSTR{}", *i + 1), fmt::format("{} {}", master_name(*i), access_text(d, before, after))};
  }
  const std::string strap = bits_text(before, after) + disable_text(disable, offset, before, after);
  if (const auto i = index_in(d.strap_section, d.straps.size())) {
    return {fmt::format("{}STRP{}", d.is_ich() ? "ICH" : "PCH", *i), strap};
  }
  if (const auto i = index_in(d.mch_strap_section, d.mch_straps.size())) return {fmt::format("MCHSTRP{}", *i), strap};
  if (offset == 0xEFC) return {"FLUMAP1", bits_text(before, after)};
  if (offset >= 0xF00) return {"OEM area", bits_text(before, after)};
  return {"descriptor", bits_text(before, after)};
}

}  // namespace

std::vector<WordDifference> compare_descriptors(const Report& before_report, ByteView before,
                                                const Report& after_report, ByteView after) {
  const ByteView old(before.clip(before_report.what.body).bytes());
  const ByteView now(after.clip(after_report.what.body).bytes());
  const auto descriptor = flash::parse_descriptor(old);
  const auto other = flash::parse_descriptor(now);
  if (!descriptor || !other || descriptor->signature_offset != other->signature_offset) return {};
  const auto disable = intel::find_disable_bits(*descriptor, old, intel::firmware_facts(*descriptor, old));
  std::vector<WordDifference> out;
  for (std::uint64_t offset = 0; offset < descriptor_size; offset += 4) {
    const auto a = old.u32(offset);
    const auto b = now.u32(offset);
    if (!a || !b || *a == *b) continue;
    auto [name, meaning] = explain(*descriptor, disable, offset, *a, *b);
    out.push_back({std::move(name), before_report.what.body.offset + offset, *a, *b, std::move(meaning)});
  }
  return out;
}

}  // namespace quell::compare_detail
