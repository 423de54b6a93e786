// SPDX-License-Identifier: GPL-2.0-or-later
// What the firmware starts, in which order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "uefi/variables.h"

namespace quell::uefi {

struct BootEntry {
  std::uint16_t number = 0;
  std::uint32_t attributes = 0;  // 1 active, 8 hidden
  std::string description{};
  std::string path{};  // "HD(1,GPT,...)/File(\EFI\...)"
  std::uint64_t path_bytes = 0;
  std::uint64_t optional_bytes = 0;
  std::string command{};  // an efibootmgr call that makes it again; empty where the path names no file on a partition

  [[nodiscard]] bool active() const noexcept { return (attributes & 1U) != 0; }
};

struct Boot {
  std::vector<std::uint16_t> order{};
  std::vector<BootEntry> entries{};  // in that order, then the others by number
  std::optional<std::uint16_t> next{};
  std::optional<std::uint16_t> timeout{};  // seconds
};

// A load option (UEFI specification, 3.1.3); nothing when it is cut off.
std::optional<BootEntry> read_load_option(std::uint16_t number, ByteView content);

// From the live variables of the stores that are in use.
Boot read_boot(const std::vector<VariableStore>& stores);

}  // namespace quell::uefi
