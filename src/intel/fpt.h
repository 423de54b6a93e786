// SPDX-License-Identifier: GPL-2.0-or-later
// The flash partition table ($FPT) of an Intel ME, TXE or SPS region.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"

namespace quell::intel {

// One 32-byte row of the table. Offsets count from the start of the ME region (in an IFWI, of its data partition).
struct FptEntry {
  std::string name{};             // as stored, without trailing NULs; bytes that are not printable as \xNN
  std::string comparable_name{};  // the same, but "????" when a byte is 0x80 or above: what keep lists compare with
  std::uint64_t row_offset = 0;   // of the row itself
  std::uint32_t offset = 0;
  std::uint32_t length = 0;  // 0xFFFFFFFF in the last row of ME 6: up to the end of the region
  std::uint32_t flags = 0;

  static constexpr std::uint32_t to_end_of_region = 0xFFFFFFFF;
  static constexpr std::uint32_t nvram = 2;
  // Bits 6:0: 0 code, 1 block I/O (data), 2 NVRAM, 3 generic, 4 EFFS, 5 ROM.
  [[nodiscard]] std::uint32_t type() const noexcept { return flags & 0x7FU; }
  // Whether the row claims any bytes. NVRAM rows never do, whatever their offset says.
  [[nodiscard]] bool has_data() const noexcept { return offset != 0 && length != 0 && type() != nvram; }
  // The bytes the row claims, clipped at nothing; the "to the end" length resolved with the region's size.
  [[nodiscard]] Range range(std::uint64_t region_size) const noexcept;
};

// How the table protects itself.
enum class FptChecksum {
  vectors_and_header,  // sum of bytes [0x00, 0x30) of the region is 0 (ME 3-10, TXE 1-2)
  header,              // sum of the 0x20 header bytes is 0 (ME 2, 11-14, SPS 4)
  crc32,               // version 0x21: CRC-32 over header and rows
};

struct FlashPartitionTable {
  std::uint64_t offset = 0;  // H: where `$FPT` stands in the region
  std::uint8_t version = 0;  // BCD
  std::uint8_t entry_version = 0;
  std::uint8_t header_length = 0;
  std::uint8_t checksum_byte = 0;  // flags in version 0x21
  std::uint32_t flags = 0;         // H + 0x14; the CRC-32 in version 0x21
  std::uint32_t uma_size = 0;
  FptChecksum checksum = FptChecksum::header;
  bool checksum_valid = false;
  bool checksum_placeholder = false;  // 0 where a checksum belongs, as extraction tools leave it
  std::vector<FptEntry> entries{};
  Range range{};  // header and rows, in the region

  static constexpr std::uint64_t header_size = 0x20;
  static constexpr std::uint64_t row_size = 0x20;
  // The first row with this name, or nullptr.
  [[nodiscard]] const FptEntry* find(std::string_view name) const noexcept;
};

// Where `$FPT` stands in a region of the classic kind: 0x00, 0x10, or nowhere.
std::optional<std::uint64_t> find_fpt(ByteView region);

// Reads the table whose `$FPT` stands at `offset` of the region. Errc::damaged when header or rows are cut off.
Result<FlashPartitionTable> parse_fpt(ByteView region, std::uint64_t offset);

// The value that makes a table's 8-bit checksum right: minus the sum of the covered bytes other than the checksum byte
// itself, which stands at `checksum_at` of them.
std::uint8_t fpt_checksum(Bytes covered, std::uint64_t checksum_at);

// CRC-32 of a version 0x21 table (header and rows) with its CRC field taken as 0.
std::uint32_t fpt_crc32(Bytes table);

}  // namespace quell::intel
