// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/pci.h"
#include "quell/host/root.h"

namespace quell::host {

// What sort of machine it is; decides which sources make sense.
struct Machine {
  std::string architecture{};  // "x86_64", "aarch64"; empty when unknown
  std::string cpu_vendor{};    // "GenuineIntel"
  unsigned cpu_family = 0;
  unsigned cpu_model = 0;
  std::string microcode{};
  bool hypervisor = false;
  std::string vendor{};  // DMI or device tree
  std::string product{};
  std::vector<std::string> compatible{};  // of the device tree's root node
  std::vector<PciFunction> pci{};

  // Whether the device tree names one with this beginning.
  [[nodiscard]] bool compatible_with(std::string_view beginning) const;
  // The first function of the second computer in an Intel Mac (T2), which holds the boot firmware in place of a flash
  // chip; nullptr without one.
  [[nodiscard]] const PciFunction* apple_bridge() const noexcept;
};
// Reads it from /proc/cpuinfo, DMI, the device tree and PCI; what is not told stays empty.
Machine read_machine(const Root& root);

// Text of a device tree property: strings end with NUL, lists have several.
std::vector<std::string> device_tree_strings(const Root& root, std::string_view path);
// A big-endian integer of a device tree property of 4 or 8 bytes.
std::optional<std::uint64_t> device_tree_number(const Root& root, std::string_view path);

inline constexpr std::string_view device_tree = "/proc/device-tree";

}  // namespace quell::host
