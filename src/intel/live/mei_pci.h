// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "intel/product.h"

namespace quell::intel::live {

// What is known of a PCI function of an Intel engine (data/mei-pci-ids.csv).
struct MeiPciId {
  std::string platform{};
  std::vector<std::string> families{};  // chipsets, by the names of data/intel-disable-bits.csv
  std::string generation{};             // as the source words it: "ME 9.0/9.1; SPS 3.x"
  std::optional<Product> kind{};        // nothing for an innovation engine and for what is no engine of the host
  unsigned major_from = 0;              // firmware generations this hardware runs; 0 to 99 when not known
  unsigned major_to = 99;
  std::string function{};       // "HECI1"
  bool host_interface = false;  // the function whose registers tell the engine's state
  bool certain = true;
};
std::optional<MeiPciId> identify_mei(std::uint16_t vendor, std::uint16_t device);

}  // namespace quell::intel::live
