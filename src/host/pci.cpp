// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/pci.h"

#include <fmt/format.h>

#include "base/number.h"

namespace quell::host {
namespace {

constexpr std::string_view devices = "/sys/bus/pci/devices";
constexpr std::size_t public_config = 64;
constexpr std::size_t config_size = 256;

std::uint32_t hex_attribute(const Root& root, const std::string& path) {
  return static_cast<std::uint32_t>(parse_hex(root.read(path, 32).text()).value_or(0));
}

}  // namespace

std::string PciFunction::id() const { return fmt::format("{:04x}:{:04x}", vendor, device); }

std::vector<PciFunction> pci_functions(const Root& root) {
  std::vector<PciFunction> out;
  for (const std::string& name : root.list(devices).names) {
    const std::string folder = fmt::format("{}/{}/", devices, name);
    PciFunction function;
    function.address = name;
    function.vendor = static_cast<std::uint16_t>(hex_attribute(root, folder + "vendor"));
    function.device = static_cast<std::uint16_t>(hex_attribute(root, folder + "device"));
    function.class_code = hex_attribute(root, folder + "class");
    function.driver = root.link_name(folder + "driver");
    out.push_back(std::move(function));
  }
  return out;
}

Reading pci_config(const Root& root, const PciFunction& function) {
  Reading config = root.read(fmt::format("{}/{}/config", devices, function.address), config_size);
  if (config.ok() && config.data.size() <= public_config)
    return {Reach::denied, config.data, "only the first 64 bytes are public: run as root"};
  return config;
}

}  // namespace quell::host
