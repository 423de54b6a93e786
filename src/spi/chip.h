// SPDX-License-Identifier: GPL-2.0-or-later
// What the worker tells of a chip.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quell::spi {

// Whether a definition's name, which may be several markings with slashes between them, has this one among them.
inline bool lists_name(std::string_view name, std::string_view marking) {
  while (!marking.empty()) {
    const std::size_t end = name.find('/');
    if (name.substr(0, end) == marking) return true;
    if (end == std::string_view::npos) break;
    name.remove_prefix(end + 1);
  }
  return false;
}

// One entry of the library's chip table.
struct ChipDefinition {
  std::string vendor{};
  std::string name{};
  std::uint64_t size = 0;
  bool tested_erase = false;
  bool tested_write = false;
};

// The answer to a probe. With no `definition` either nothing answered (`candidates` empty) or several definitions fit.
struct ChipIdentity {
  std::optional<ChipDefinition> definition{};
  std::vector<ChipDefinition> candidates{};
  std::string jedec_id{};                         // "ef4018"; empty when the chip was found without RDID
  std::optional<std::uint8_t> status_register{};  // SR1, where the library printed it
  std::string bus{};
};

// Status-register write protection, read without writing anything.
struct Protection {
  enum class Mode : std::uint8_t { none = 0, hardware = 1, power_cycle = 2, permanent = 3 };
  bool described = false;  // whether the library has a description of this chip's protection bits
  Mode mode = Mode::none;
  std::uint64_t start = 0;
  std::uint64_t length = 0;
  std::optional<std::uint8_t> status_register{};

  // Block-protect bits BP0-BP2 of SR1, or a protected range.
  [[nodiscard]] bool active() const noexcept {
    return length != 0 || (!described && status_register && (*status_register & 0x1CU) != 0);
  }
  friend bool operator==(const Protection&, const Protection&) = default;
};

}  // namespace quell::spi
