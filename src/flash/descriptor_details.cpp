// SPDX-License-Identifier: GPL-2.0-or-later
// FLCOMP (component section + 0): 2:0, 5:3 densities in the narrow form, 3:0, 7:4 in the wide one; 12 to 15 read modes
// (300 series and later); 19:17 read clock (up to the 200 series) or eSPI clock (300 and 400 series); 20 fast read;
// 23:21 its clock; 26:24 write and erase clock; 29:27 read-ID clock; 30 dual output fast read. + 4: FLILL, + 8: FLPB.
// FLMSTRk (master section): v1 15:0 requester, 23:16 read, 31:24 write; v2 19:8 read, 31:20 write, and on extended
// chipsets 3:0 read and 7:4 write of regions 12 to 15.
#include "flash/descriptor_details.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/table.h"
#include "data/descriptor-clocks.h"

namespace quell::flash {
namespace {

std::optional<unsigned> megahertz(const std::string& table_name, unsigned code) {
  static const auto clocks = [] {
    std::map<std::pair<std::string, unsigned>, unsigned> out;
    for (const auto row : Table(data::descriptor_clocks)) {
      out.emplace(std::pair{std::string(row["table"]), row.number("code")}, row.number("mhz"));
    }
    return out;
  }();
  const auto found = clocks.find({table_name, code});
  return found == clocks.end() ? std::nullopt : std::optional(found->second);
}

// 0: 512 KiB, then doubling; 9 (256 MiB) is the largest code that is known.
std::optional<std::uint64_t> density(unsigned code) {
  constexpr unsigned largest = 9;
  if (code > largest) return std::nullopt;
  return (std::uint64_t{512} << 10U) << code;
}

constexpr std::array<std::string_view, 6> master_names{"Host CPU/BIOS",    "Intel ME", "GbE",
                                                       "Device expansion", "EC/BMC",   "Innovation Engine"};

}  // namespace

std::string to_string(const Clock& clock) {
  return clock.mhz ? fmt::format("{} MHz", *clock.mhz) : fmt::format("reserved ({})", clock.code);
}

std::optional<std::uint64_t> FlashComponents::total() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& size : sizes) {
    if (!size) return std::nullopt;
    sum += *size;
  }
  return sum;
}

std::vector<unsigned> clocks_offered(const Chipset& chipset) {
  std::vector<unsigned> out;
  for (unsigned code = 0; code < 8; ++code) {
    if (const auto mhz = megahertz(chipset.clocks, code)) out.push_back(*mhz);
  }
  return out;
}

std::optional<unsigned> clock_code(const Chipset& chipset, unsigned mhz) {
  for (unsigned code = 0; code < 8; ++code) {
    if (megahertz(chipset.clocks, code) == mhz) return code;
  }
  return std::nullopt;
}

FlashComponents components_of(const FlashDescriptor& d, const Chipset& chipset) {
  FlashComponents out;
  out.flcomp = d.flcomp;
  out.flill = d.flill;
  out.flpb = d.flpb;
  const auto field = [&](unsigned bit, unsigned width) { return d.flcomp >> bit & ((1U << width) - 1); };
  const auto clock = [&](const std::string& table, unsigned code) { return Clock{code, megahertz(table, code)}; };
  const unsigned bits = d.version && *d.version != DescriptorVersion::v1 ? 4 : chipset.density_bits;
  out.count = std::min((d.flmap0 >> 8U & 3U) + 1, 2U);
  for (unsigned i = 0; i < out.count; ++i) out.sizes.push_back(density(field(i * bits, bits)));
  out.read_clock_used = chipset.espi.empty() && chipset.clocks != "500";
  out.read = clock(chipset.clocks, field(17, 3));
  out.fast_read_supported = field(20, 1) != 0;
  out.fast_read = clock(chipset.clocks, field(21, 3));
  out.write = clock(chipset.clocks, field(24, 3));
  out.read_id = clock(chipset.clocks, field(27, 3));
  out.dual_output_fast_read = field(30, 1) != 0;
  out.dual_output = field(12, 1) != 0;
  out.dual_io = field(13, 1) != 0;
  out.quad_output = field(14, 1) != 0;
  out.quad_io = field(15, 1) != 0;
  if (!chipset.espi.empty() && (!chipset.espi_strap || *chipset.espi_strap < d.straps.size())) {
    const unsigned code = chipset.espi_strap ? d.straps[*chipset.espi_strap] >> 3U & 7U : field(17, 3);
    out.espi = clock("espi-" + chipset.espi, code);
  }
  const bool second_word = d.version == DescriptorVersion::v2;
  for (const std::uint32_t word : {d.flill, second_word ? d.flpb : 0U}) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      const unsigned opcode = word >> shift & 0xFFU;
      if (opcode != 0) out.forbidden_opcodes.push_back(opcode);
    }
  }
  return out;
}

MasterAccess access_of(const FlashDescriptor& d, const Chipset& chipset, std::size_t index, std::uint32_t word) {
  MasterAccess master{
      static_cast<unsigned>(index + 1), master_names.at(index), word, d.master_section + 4 * index, {}, 0, 0};
  if (d.version == DescriptorVersion::v2) {
    master.read = word >> 8U & 0xFFFU;
    master.write = word >> 20U;
    if (chipset.extended_access) {
      master.read |= (word & 0xFU) << 12U;
      master.write |= (word >> 4U & 0xFU) << 12U;
    }
  } else if (d.version) {
    master.requester = static_cast<std::uint16_t>(word & 0xFFFFU);
    master.read = word >> 16U & 0xFFU;
    master.write = word >> 24U;
  }
  return master;
}

std::vector<MasterAccess> masters_of(const FlashDescriptor& d, const Chipset& chipset) {
  std::vector<MasterAccess> out;
  if (!d.version) return out;
  const std::uint32_t nm = d.flmap1 >> 8U & 7U;
  const std::size_t count = std::min<std::size_t>({chipset.masters_is_count ? nm : nm + 1, 6, d.masters.size()});
  // Real v2 descriptors give masters 1 to 3 in NM and still use FLMSTR5 for the embedded controller.
  const std::size_t shown = *d.version == DescriptorVersion::v2 ? std::max<std::size_t>(count, 5) : count;
  for (std::size_t i = 0; i < std::min(shown, d.masters.size()); ++i) {
    out.push_back(access_of(d, chipset, i, d.masters[i]));
  }
  return out;
}

std::string vscc_text(std::uint16_t half) {
  constexpr std::array<std::string_view, 4> erase{"256 B", "4 KiB", "8 KiB", "64 KiB"};
  return fmt::format("erase {} with {:#04x}, write {} at a time, {}{}", erase.at(half & 3U), half >> 8U,
                     (half & 4U) != 0 ? "64 bytes" : "1 byte",
                     (half & 8U) != 0 ? "status register needs write enable " : "no write enable of status register ",
                     (half & 16U) != 0 ? "0x06" : "0x50");
}

std::vector<VsccEntry> vscc_of(const FlashDescriptor& d, ByteView image) {
  const std::uint64_t table = std::uint64_t{d.flumap1 & 0xFFU} << 4U;
  const std::uint64_t count = (d.flumap1 >> 8U & 0xFFU) / 2;
  std::vector<VsccEntry> out;
  if (table == 0) return out;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto jid = image.u32(table + 8 * i);
    const auto vscc = image.u32(table + 8 * i + 4);
    if (!jid || !vscc) break;
    if (*jid != 0xFFFFFFFF) out.push_back({table + 8 * i, *jid, *vscc});
  }
  return out;
}

std::string strap_name(const FlashDescriptor& descriptor, bool of_mch, std::uint64_t index) {
  const bool ich = descriptor.is_ich();
  return fmt::format("{}STRP{}", of_mch ? (ich ? "MCH" : "CPU") : (ich ? "ICH" : "PCH"), index);
}

}  // namespace quell::flash
