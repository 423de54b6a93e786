// SPDX-License-Identifier: GPL-2.0-or-later
// Intel's SPI controller as the machine's firmware left it: what decides whether the system may write the flash chip it
// runs from (docs/formats/flashing.md#internal-flashing). Registers are read, never written.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/host/root.h"
#include "quell/range.h"

namespace quell::host {

// A range that the controller guards whatever the descriptor says: PR0-4 (ICH9 to 9 series), FPR0-4 and GPR0 (later).
struct GuardedRange {
  std::string name{};  // "PR0"
  Range range{};
  bool no_read = false;
  bool no_write = false;
};

struct FlashController {
  std::string where{};                         // PCI function of the BIOS control register: "0000:00:1f.0"
  std::optional<std::uint8_t> bios_control{};  // BIOS_CNTL / BIOS_SPI_BC, at 0xDC
  std::optional<std::uint32_t> status{};       // HSFS
  std::optional<std::uint32_t> access{};       // FRAP
  std::vector<std::uint32_t> regions{};        // FREG0 and on; empty when not read
  std::vector<GuardedRange> guarded{};
  std::vector<std::string> missing{};  // what could not be read, and why

  // HSFS bit 15, FLOCKDN: guarded ranges and opcodes stay as they are until the next reset.
  [[nodiscard]] std::optional<bool> locked() const noexcept;
  // HSFS bit 13 is 0 while the descriptor override strap is active: the rights of the masters count for nothing.
  [[nodiscard]] bool override_strap() const noexcept;
  // Whether the host may read or write region n (0 descriptor, 1 BIOS, 2 ME, ...), by FRAP: its own rights in bits 7:0
  // and 15:8, what other masters grant in 23:16 and 31:24.
  [[nodiscard]] std::optional<bool> may_read(unsigned region) const noexcept;
  [[nodiscard]] std::optional<bool> may_write(unsigned region) const noexcept;
  // The place of region n by FREG; empty when it is not in use or was not read.
  [[nodiscard]] Range region(unsigned index) const noexcept;
};

// In a captured tree the file of `flash_controller_file`; else PCI configuration space and, where `deep`, the registers
// in physical memory.
FlashController read_flash_controller(const Root& root, bool deep);

// Where a captured tree keeps it: lines of a name and a hexadecimal number ("hsfs 0xe008").
inline constexpr std::string_view flash_controller_file = "/quell/flash-controller";
std::string to_text(const FlashController& controller);

}  // namespace quell::host
