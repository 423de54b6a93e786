// SPDX-License-Identifier: GPL-2.0-or-later
// PSP and BIOS directories of every level, combo directories, image slot headers and the entries they hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amd/tables.h"
#include "quell/byte_view.h"

namespace quell::amd {

enum class DirectoryKind { psp, bios, psp_combo, bios_combo, slot_header };

// "psp", "bios", "psp-combo", "bios-combo", "ish".
std::string_view to_string(DirectoryKind kind) noexcept;

// How an entry's address is meant.
enum class AddressMode : std::uint8_t { physical = 0, flash_offset = 1, directory_relative = 2, slot_relative = 3 };

// Ways in which real images deviate from their address mode without being wrong.
enum class Quirk { none, flash_offset_in_physical_mode, mmio_address_in_flash_mode };

// "flash-offset-in-physical-mode", ...; empty for none.
std::string_view to_string(Quirk quirk) noexcept;

// A checksum of the image with what it should be; `computed` is missing when the bytes cannot be trusted to be there.
struct Checksum {
  std::uint32_t stored = 0;
  std::optional<std::uint32_t> computed{};
  [[nodiscard]] bool valid() const noexcept { return computed == stored; }
};

// AMD's Fletcher-32: 16-bit little-endian words, both sums start at 0xFFFF, folded instead of reduced.
std::uint32_t fletcher32(Bytes bytes) noexcept;

// The dword at 0x0C of a directory header.
struct AdditionalInfo {
  std::uint32_t raw = 0;
  unsigned version = 0;
  std::uint64_t directory_size = 0;  // bytes, with the contents; 0 when not given
  unsigned spi_block_field = 0;      // raw: the sources disagree on its meaning
  std::uint64_t base_address = 0;    // version 0
  std::uint64_t header_size = 0;     // version 1, bytes
  AddressMode mode = AddressMode::physical;
};
AdditionalInfo read_additional_info(std::uint32_t raw) noexcept;

// Image slot header: where a recovery slot's level 2 directory is.
struct SlotHeader {
  std::uint32_t boot_priority = 0;
  std::uint32_t update_retry_count = 0;
  std::uint8_t glitch_retry_count = 0;
  std::uint32_t level2_location = 0;  // relative to the window's base
  std::uint32_t psp_id = 0;
  std::uint32_t slot_max_size = 0;
};

struct ComboEntry {
  std::uint32_t id_select = 0;  // 0 PSP ID, 1 chip family ID
  std::uint32_t id = 0;
  std::uint64_t address = 0;
  std::uint64_t target = 0;  // file offset
};

struct Entry {
  std::uint64_t index = 0;
  std::uint64_t entry_offset = 0;  // file offset of the entry itself
  std::uint8_t type = 0;
  const EntryType* known = nullptr;
  bool bios = false;  // of a BIOS directory
  std::uint8_t subprogram = 0;
  std::uint8_t instance = 0;
  std::uint8_t rom_id = 0;
  std::uint16_t raw_flags = 0;
  bool writable = false;
  // BIOS directories only.
  std::uint8_t region_type = 0;
  bool reset_image = false;
  bool copy_image = false;
  bool read_only = false;
  bool compressed = false;
  std::optional<std::uint64_t> destination{};

  std::uint32_t size = 0;
  std::uint64_t raw_address = 0;          // with the mode bits
  std::optional<std::uint64_t> value{};   // entries that hold a value instead of an address
  std::optional<std::uint64_t> offset{};  // file offset; nothing when the entry has no flash bytes
  std::optional<AddressMode> mode{};
  Quirk quirk = Quirk::none;
  std::optional<Range> stored{};         // the bytes in the file; nothing when there are none or not all
  std::optional<std::size_t> payload{};  // index into Rom::payloads, once verified

  [[nodiscard]] PayloadKind kind() const noexcept { return known == nullptr ? PayloadKind::optional : known->payload; }
  // The table's name, or "unknown_XX".
  [[nodiscard]] std::string name() const;
  // Whether this entry leads to a directory instead of holding bytes.
  [[nodiscard]] bool links() const noexcept { return kind() == PayloadKind::directory; }
};

struct Directory {
  std::uint64_t offset = 0;  // file offset
  DirectoryKind kind = DirectoryKind::psp;
  std::string_view magic{};  // empty for an image slot header
  unsigned level = 0;        // 1, 2; 0 for combo directories and image slot headers
  char slot = 0;             // 'A', 'B'; 0 outside of recovery slots
  std::optional<std::uint32_t> combo_id{};
  std::optional<std::uint32_t> psp_id{};     // of the image slot header that led here
  std::uint64_t slot_start = 0;              // what slot-relative addresses count from
  std::vector<std::string> referenced_by{};  // "efs:<field>", "dir:<offset>[<index>]:<type>", "ish:<offset>", ...
  std::uint32_t count = 0;                   // as stored
  std::uint32_t lookup_mode = 0;             // combo directories
  Checksum checksum{};
  AdditionalInfo info{};
  std::optional<SlotHeader> slot_header{};
  std::vector<Entry> entries{};
  std::vector<ComboEntry> combo_entries{};

  [[nodiscard]] bool combo() const noexcept {
    return kind == DirectoryKind::psp_combo || kind == DirectoryKind::bios_combo;
  }
  [[nodiscard]] bool bios() const noexcept { return kind == DirectoryKind::bios || kind == DirectoryKind::bios_combo; }
  // Where the directory's own bytes lie.
  [[nodiscard]] Range table() const noexcept;
  // "PSP directory level 2, slot A".
  [[nodiscard]] std::string title() const;
};

}  // namespace quell::amd
