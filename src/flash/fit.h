// SPDX-License-Identifier: GPL-2.0-or-later
// Intel's firmware interface table: what the processor and the ACM look at before the reset vector.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/landmarks.h"
#include "flash/bios_window.h"
#include "quell/component.h"
#include "quell/finding.h"

namespace quell::flash {

namespace fit_type {
inline constexpr std::uint8_t header = 0x00;
inline constexpr std::uint8_t microcode = 0x01;
inline constexpr std::uint8_t startup_acm = 0x02;
inline constexpr std::uint8_t diagnostic_acm = 0x03;
inline constexpr std::uint8_t bios_startup_module = 0x07;
inline constexpr std::uint8_t key_manifest = 0x0B;
inline constexpr std::uint8_t boot_policy = 0x0C;
inline constexpr std::uint8_t cse_secure_boot = 0x10;
inline constexpr std::uint8_t unused = 0x7F;
}  // namespace fit_type

struct FitEntry {
  Range range{};              // of the 16 bytes, in image offsets
  std::uint64_t address = 0;  // physical; of the header: the signature
  std::uint32_t size_field = 0;
  std::uint8_t subtype = 0;  // byte 0xB
  std::uint16_t version = 0;
  std::uint8_t type = 0;
  bool has_checksum = false;  // bit 7 of the type byte (C_V): the checksum byte counts
  std::uint8_t checksum = 0;
  std::optional<std::uint64_t> target{};  // offset of the address from the start of the window
  // Bytes of a BIOS startup module (the field counts units of 16).
  [[nodiscard]] std::uint64_t module_size() const noexcept { return std::uint64_t{size_field} * 16; }
};

struct Fit {
  Range range{};  // image offsets
  std::uint64_t physical = 0;
  bool top_swap = false;            // reached through the pointer of the swapped block
  std::vector<FitEntry> entries{};  // the header first
  Check checksum{};                 // of the table
};

// What stands where the processor looks for a table.
struct FitSearch {
  std::optional<std::uint64_t> pointer{};   // the pointer's value, when it is not blank
  std::uint64_t pointer_offset = 0;         // image offset of the pointer
  std::vector<Fit> tables{};                // the one at the top, then those of swapped blocks
  std::vector<std::uint64_t> candidates{};  // image offsets of signatures that no pointer reaches
  std::vector<Finding> problems{};
  [[nodiscard]] bool found() const noexcept { return !tables.empty(); }
};

// "Microcode", "Startup ACM", ...; "OEM" or "Unknown" for other numbers.
std::string_view fit_type_name(std::uint8_t type);

// Follows the pointer 0x40 below the top, and those of top-swap blocks. `landmarks` are those of the whole image.
FitSearch find_fit(const BiosWindow& window, const std::vector<Landmark>& landmarks);

// The table as a tree of its entries.
Component describe(const Fit& fit);

}  // namespace quell::flash
