// SPDX-License-Identifier: GPL-2.0-or-later
// The code partition directory ($CPD) that begins every code partition since ME 11, TXE 3 and SPS 4.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"

namespace quell::intel {

// One 24-byte entry. Offsets count from `$CPD`.
struct CodeDirectoryEntry {
  std::string name{};        // NUL padding removed; bytes that are not printable as \xNN
  bool plain_name = true;    // every byte of the name is below 0x80
  std::uint32_t offset = 0;  // bits 24:0 of the offset word
  bool huffman = false;      // bit 25
  std::uint32_t size = 0;    // uncompressed, for compressed modules
  // A row that is kept for a file which is not there.
  [[nodiscard]] bool absent() const noexcept { return offset == 0 && size == 0; }
  [[nodiscard]] bool is_manifest() const noexcept { return name.ends_with(".man"); }
  [[nodiscard]] bool is_metadata() const noexcept { return name.ends_with(".met"); }
};

struct CodeDirectory {
  ByteView bytes{};  // from `$CPD` to the end of what the caller gave
  std::uint8_t header_version = 0;
  std::uint8_t entry_version = 0;
  std::uint64_t header_size = 0;  // 0x10 in version 1, 0x14 in version 2
  std::string partition_name{};
  bool checksum_valid = false;  // 8-bit sum (version 1) or CRC-32 (version 2)
  std::vector<CodeDirectoryEntry> entries{};

  static constexpr std::uint64_t entry_size = 0x18;
  // The first entry with exactly this name, or nullptr.
  [[nodiscard]] const CodeDirectoryEntry* find(std::string_view name) const noexcept;
  // Header and entries.
  [[nodiscard]] std::uint64_t table_size() const noexcept { return header_size + entry_size * entries.size(); }
};

// Reads the directory whose `$CPD` begins the view, which should end where the partition does. Errc::damaged when it is
// cut off.
Result<CodeDirectory> parse_code_directory(ByteView partition);

// The bytes each entry occupies as stored, in the order of `entries` and counted from `$CPD`: from its offset up to the
// next higher offset, or to `end`. An entry at or behind `end`, and all but the last of several with the same offset in
// sorted order, get what is left: nothing. Absent files have none and bound nobody.
std::vector<Range> stored_ranges(const CodeDirectory& directory, std::uint64_t end);

}  // namespace quell::intel
