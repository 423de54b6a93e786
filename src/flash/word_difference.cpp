// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/flash/word_difference.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "base/size.h"
#include "flash/descriptor_details.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t descriptor_size = 0x1000;

std::string bits_text(std::uint32_t before, std::uint32_t after) {
  std::string out;
  for (unsigned bit = 0; bit < 32; ++bit) {
    if (((before ^ after) >> bit & 1U) == 0) continue;
    out += fmt::format("{}bit {} {}", out.empty() ? "" : ", ", bit, (after >> bit & 1U) != 0 ? "set" : "cleared");
  }
  return out;
}

// The names of the bits that differ in this word.
std::string names_text(std::span<const NamedBit> bits, std::uint64_t offset, std::uint32_t before,
                       std::uint32_t after) {
  std::string out;
  std::uint32_t told = 0;
  for (const bool certain : {true, false}) {
    for (const NamedBit& known : bits) {
      const std::uint32_t mask = std::uint32_t{1} << (known.bit & 31U);
      const bool differs = ((before ^ after) & mask) != 0;
      if (known.certain != certain || known.offset != offset || !differs || (told & mask) != 0) continue;
      told |= mask;
      out += fmt::format(" ({}{} {})", certain ? "" : "possibly ", known.name, (after & mask) != 0 ? "set" : "cleared");
    }
  }
  return out;
}

std::string region_text(std::size_t index, std::uint32_t word) {
  const Range range = region_range(index, word);
  return range.empty() ? "not in use" : fmt::format("{:#x}-{:#x}", range.offset, range.end() - 1);
}

// The regions that a master gains and loses.
std::string access_text(const FlashDescriptor& d, const MasterAccess& before, const MasterAccess& after) {
  std::string out;
  const auto list = [&](std::string_view verb, std::uint32_t old, std::uint32_t now) {
    for (const bool gained : {true, false}) {
      const std::uint32_t changed = gained ? now & ~old : old & ~now;
      std::string names;
      for (unsigned i = 0; i < 16; ++i) {
        if ((changed >> i & 1U) == 0) continue;
        const auto* region = d.region(i);
        names += fmt::format("{}{}", names.empty() ? "" : ", ",
                             region != nullptr ? std::string(region->short_name) : fmt::format("region {}", i));
      }
      if (names.empty()) continue;
      out += fmt::format("{}{} {} {}", out.empty() ? "" : "; ", gained ? "may now" : "may no longer", verb, names);
    }
  };
  list("read", before.read, after.read);
  list("write", before.write, after.write);
  return out.empty() ? bits_text(before.word, after.word) : out;
}

std::string master_name(std::uint64_t index) {
  constexpr std::array<std::string_view, 6> names{"the host", "the ME", "GbE", "device expansion", "the EC", "the IE"};
  return std::string(names.at(to_size(index)));
}

// Part, name and meaning of the word at this offset of the descriptor.
WordDifference explain(const FlashDescriptor& d, std::span<const NamedBit> named, std::uint64_t offset,
                       std::uint32_t before, std::uint32_t after) {
  const auto index_in = [&](std::uint64_t section, std::uint64_t count) -> std::optional<std::size_t> {
    if (offset < section || offset - section >= 4 * count || (offset - section) % 4 != 0) return std::nullopt;
    return to_size((offset - section) / 4);
  };
  const auto word = [&](DescriptorPart part, std::string name, std::string meaning) -> WordDifference {
    return {part, std::move(name), offset, before, after, std::move(meaning)};
  };
  const std::string bits = bits_text(before, after);
  if (const auto i = index_in(d.signature_offset + 4, 4)) {
    return word(DescriptorPart::map, fmt::format("FLMAP{}", *i), bits);
  }
  if (const auto i = index_in(d.component_section, 3)) {
    constexpr std::array<std::string_view, 3> names{"FLCOMP", "FLILL", "FLPB"};
    return word(DescriptorPart::component, std::string(names.at(*i)), bits);
  }
  if (const auto i = index_in(d.region_section, d.regions.size())) {
    return word(DescriptorPart::region, fmt::format("FLREG{}", *i),
                fmt::format("{}: {} becomes {}", d.regions[*i].title, region_text(*i, before), region_text(*i, after)));
  }
  if (const auto i = index_in(d.master_section, d.masters.size())) {
    const Chipset chipset = chipset_of(d);
    return word(DescriptorPart::master, fmt::format("FLMSTR{}", *i + 1),
                fmt::format("{} {}", master_name(*i),
                            access_text(d, access_of(d, chipset, *i, before), access_of(d, chipset, *i, after))));
  }
  const std::string strap = bits + names_text(named, offset, before, after);
  if (const auto i = index_in(d.strap_section, d.straps.size())) {
    return word(DescriptorPart::strap, strap_name(d, false, *i), strap);
  }
  if (const auto i = index_in(d.mch_strap_section, d.mch_straps.size())) {
    return word(DescriptorPart::strap, strap_name(d, true, *i), strap);
  }
  if (offset == 0xEFC) return word(DescriptorPart::map, "FLUMAP1", bits);
  return word(DescriptorPart::other, offset >= 0xF00 ? "OEM area" : "descriptor", bits);
}

}  // namespace

std::vector<WordDifference> compare_words(ByteView before, ByteView after, std::span<const NamedBit> bits) {
  const auto descriptor = parse_descriptor(before);
  if (!descriptor) return {};
  std::vector<WordDifference> out;
  for (std::uint64_t offset = 0; offset < descriptor_size; offset += 4) {
    const auto a = before.u32(offset);
    const auto b = after.u32(offset);
    if (a && b && *a != *b) out.push_back(explain(*descriptor, bits, offset, *a, *b));
  }
  return out;
}

}  // namespace quell::flash
