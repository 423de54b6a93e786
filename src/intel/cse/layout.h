// SPDX-License-Identifier: GPL-2.0-or-later
// The IFWI container of CSME 12 and later and of Apollo and Gemini Lake: CSE layout table and boot partition descriptor
// tables (BPDT). docs/formats/csme.md
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"

namespace quell::intel {

// What a checksum says of itself.
enum class ChecksumState {
  valid,
  invalid,
  placeholder,  // 0 where a checksum belongs: left out by Intel's or an extraction tool
  none,         // this version of the structure has none
};
// "valid", "INVALID", "placeholder", "none".
std::string_view to_string(ChecksumState state) noexcept;

// One row of a layout table; offsets relative to its start.
struct LayoutPart {
  std::string_view name{};  // "data", "boot 1" ... "boot 5", "temporary pages", "event log"
  Range range{};
};

struct LayoutTable {
  bool version_1_7 = false;  // IFWI 1.7 (CSME 15+), else 1.6
  bool redundant = false;    // a second `$FPT` and a second table exist
  ChecksumState checksum = ChecksumState::none;
  Range range{};                    // of the table itself
  std::vector<LayoutPart> parts{};  // those in use; ranges as claimed
  [[nodiscard]] const LayoutPart* find(std::string_view name) const noexcept;
};

// Reads the layout table at the start of an ME region. It has no magic: Errc::unrecognised unless the first boot
// partition it names begins with a BPDT.
Result<LayoutTable> parse_layout_table(ByteView region);

struct BpdtEntry {
  std::uint16_t type = 0;
  std::uint16_t flags = 0;
  std::string name{};  // "FTPR", "NFTP", ...; "type 77" when nobody has named it
  Range range{};       // in the view the table was read from; empty when absent; as claimed
};

struct Bpdt {
  bool recovery = false;
  std::uint8_t version = 0;  // 1 (IFWI 1.6, 2.0) or 2 (IFWI 1.7)
  bool redundant = false;
  ChecksumState checksum = ChecksumState::none;
  std::uint32_t ifwi_version = 0;
  std::array<std::uint16_t, 4> tool_version{};
  Range range{};  // header and entries
  std::vector<BpdtEntry> entries{};
};

inline constexpr std::uint16_t bpdt_secondary = 5;
inline constexpr std::uint16_t bpdt_code_main = 2;

// Whether a BPDT begins at this offset: the signature and a version that is known.
bool looks_like_bpdt(ByteView view, std::uint64_t offset) noexcept;

// Reads the table at `offset` of the view; its entries count from `base` (the table itself, except in the secondary
// table of Apollo and Gemini Lake, which counts from the primary one). At most 64 entries.
Result<Bpdt> parse_bpdt(ByteView view, std::uint64_t offset, std::uint64_t base);

}  // namespace quell::intel
