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

// What is known of a PCI function of an Intel engine (data/mei-pci-ids.csv).
struct MeiPciId {
  std::string platform{};
  std::string generation{};  // as the source words it: "ME 9.0/9.1; SPS 3.x"
  std::string kind{};        // "me", "txe", "sps"; "ie" for an innovation engine, "none" for no host engine
  unsigned major_from = 0;   // firmware generations this hardware runs; 0 to 99 when not known
  unsigned major_to = 99;
  std::string function{};       // "HECI1"
  bool host_interface = false;  // the function whose registers tell the engine's state
  bool certain = true;
};
std::optional<MeiPciId> identify_mei(std::uint16_t vendor, std::uint16_t device);

// A text dump of `lspci -xxx` or `-xxxx` as the tree of /sys/bus/pci/devices it was made from.
// Errc::unrecognised when it holds no function with its registers.
Result<Entries> read_lspci_dump(ByteView text);

}  // namespace quell::host
