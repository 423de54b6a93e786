// SPDX-License-Identifier: GPL-2.0-or-later
// The decoded parts of a flash descriptor: chipset generation, components and clocks, access of the masters, VSCC
// table. Computed on demand from the words that parse_descriptor keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quell/flash/descriptor.h"

namespace quell::flash {

// Which regions `lock` gives to whom.
enum class LockProfile {
  classic,  // v1 and Lewisburg: GbE is shared by host, ME and GbE
  client,   // 100 series and later: PDR and EC too
  atom,     // Apollo and Gemini Lake: the engine lives in the BIOS region
  server,   // Denverton, Wellsburg: host and ME only
};

// Chipset generation by the rules of data/descriptor-chipsets.csv. Coarser than intel::Platform, but it always gives an
// answer, and decides how fields are laid out.
struct Chipset {
  std::string id{};                      // "100-200-series"
  std::string title{};                   // "100 or 200 series"
  bool certain = false;                  // no rule matched without a doubt
  unsigned density_bits = 4;             // width of a density field: 3 up to the 7 series and on Silvermont
  unsigned regions = 0;                  // slots that the chipset implements; 0: as FLMAP0 says
  bool masters_is_count = false;         // NM is the number of masters, not that less one
  bool extended_access = false;          // FLMSTR bits 7:0 hold regions 12 to 15
  std::string clocks{};                  // table of data/descriptor-clocks.csv
  bool read_clock_17 = false;            // reads at 17 MHz (code 6), whatever the descriptor's version
  std::string espi{};                    // eSPI table without its prefix; empty: none known
  std::optional<unsigned> espi_strap{};  // PCH strap with the eSPI clock in bits 5:3; nothing: FLCOMP 19:17
  LockProfile lock = LockProfile::client;
};
Chipset chipset_of(const FlashDescriptor& descriptor);

// Two regions that claim the same bytes.
struct RegionOverlap {
  const DescriptorRegion* before = nullptr;
  const DescriptorRegion* after = nullptr;
  Range shared{};
};
// The first overlap, in the order of the regions' offsets; nothing when there is none.
std::optional<RegionOverlap> first_overlap(const FlashDescriptor& descriptor);
// What audit() says of a whole image, but for overlaps.
std::vector<Finding> audit_but_overlaps(const FlashDescriptor& descriptor, ByteView image);

// A clock field and what it stands for on this chipset.
struct Clock {
  unsigned code = 0;
  std::optional<unsigned> mhz{};  // nothing: reserved
};
// "48 MHz" or "reserved (5)".
std::string to_string(const Clock& clock);

// The code of a clock in MHz on this chipset; nothing when it has no such clock. `offered` lists those it has.
std::optional<unsigned> clock_code(const Chipset& chipset, unsigned mhz);
std::vector<unsigned> clocks_offered(const Chipset& chipset);

struct FlashComponents {
  std::uint32_t flcomp = 0, flill = 0, flpb = 0;  // flpb: partition boundary (v1) or four more opcodes (v2)
  unsigned count = 1;
  std::vector<std::optional<std::uint64_t>> sizes{};  // bytes; nothing: reserved or unused code
  Clock read{}, fast_read{}, write{}, read_id{};
  bool read_clock_used = true;  // FLCOMP 19:17 is the read clock (up to the 200 series, C620, Silvermont)
  bool fast_read_supported = false;
  bool dual_output_fast_read = false;
  bool dual_output = false, dual_io = false, quad_output = false, quad_io = false;  // 300 series and later
  std::optional<Clock> espi{};
  std::vector<unsigned> forbidden_opcodes{};
  // Sum of the components; nothing when one is not known.
  [[nodiscard]] std::optional<std::uint64_t> total() const noexcept;
};
FlashComponents components_of(const FlashDescriptor& descriptor, const Chipset& chipset);

// Who a FLMSTR word is for, and which regions (bit n: region n) it may touch.
struct MasterAccess {
  unsigned number = 0;  // k of FLMSTRk
  std::string_view name{};
  std::uint32_t word = 0;
  std::uint64_t word_offset = 0;
  std::optional<std::uint16_t> requester{};  // v1 only
  std::uint32_t read = 0, write = 0;
};
// What the word FLMSTR(index + 1) gives, read as on this chipset; nobody and nothing when v1 or v2 cannot be told.
MasterAccess access_of(const FlashDescriptor& descriptor, const Chipset& chipset, std::size_t index,
                       std::uint32_t word);
// Masters that the descriptor has; empty when v1 or v2 cannot be told.
std::vector<MasterAccess> masters_of(const FlashDescriptor& descriptor, const Chipset& chipset);

struct VsccEntry {
  std::uint64_t offset = 0;
  std::uint32_t jid = 0, vscc = 0;
  [[nodiscard]] unsigned vendor() const noexcept { return jid & 0xFFU; }
  // Both device bytes, the first one high, as data sheets print them.
  [[nodiscard]] unsigned device() const noexcept { return (jid & 0xFF00U) | (jid >> 16U & 0xFFU); }
};
// Erase and write properties of one half (lower: bits 31:16) of a VSCC word, in words.
std::string vscc_text(std::uint16_t half);
// At most what lies inside the image.
std::vector<VsccEntry> vscc_of(const FlashDescriptor& descriptor, ByteView image);

// Names of known straps by platform-independent rule: "PCHSTRP3" or "ICHSTRP0", "MCHSTRP0".
std::string strap_name(const FlashDescriptor& descriptor, bool of_mch, std::uint64_t index);

}  // namespace quell::flash
