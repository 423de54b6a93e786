// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "quell/host/root.h"

namespace quell::host {

// One PCI function. Configuration space beyond byte 63 needs privilege: `config` is then 64 bytes long.
struct PciFunction {
  std::string address{};  // "0000:00:16.0"
  std::uint16_t vendor = 0;
  std::uint16_t device = 0;
  std::uint32_t class_code = 0;  // base class, subclass, interface
  std::string driver{};          // empty when none is bound

  // "8086:1e3a"
  [[nodiscard]] std::string id() const;
};

// Every PCI function, in the order of addresses.
std::vector<PciFunction> pci_functions(const Root& root);

// The first 256 bytes of a function's configuration space. Denied when only the 64 public bytes were given.
Reading pci_config(const Root& root, const PciFunction& function);

// The text of `lspci` with -xxx or -xxxx, or with -n or -nn alone (also -k), as the tree of /sys/bus/pci/devices it was
// made from. Errc::unrecognised when it holds no function with its registers or numbers.
Result<Entries> read_lspci_dump(ByteView text);

}  // namespace quell::host
