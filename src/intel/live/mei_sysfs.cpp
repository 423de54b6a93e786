// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "base/number.h"
#include "base/split.h"
#include "intel/live/mei.h"

namespace quell::intel::live {

using namespace host;

Registers parse_fw_status(std::string_view text) {
  Registers out;
  std::size_t next = 0;
  for (const std::string_view line : lines_of(text)) {
    const auto value = line.size() <= 10 ? parse_hex(line) : std::nullopt;
    if (!value || *value > 0xFFFFFFFFU || next >= out.size()) break;
    out.at(next++) = static_cast<std::uint32_t>(*value);
  }
  return out;
}

std::vector<MeiInterface> mei_interfaces(const Root& root) {
  const std::string classes = "/sys/class/mei";
  std::vector<MeiInterface> out;
  const Listing bus = root.list("/sys/bus/mei/devices");
  for (const std::string& name : root.list(classes).names) {
    if (!name.starts_with("mei")) continue;
    const std::string folder = fmt::format("{}/{}/", classes, name);
    MeiInterface one;
    one.name = name;
    one.kind = root.read(folder + "kind").text();
    one.state = root.read(folder + "dev_state").text();
    one.pci_address = root.link_name(folder + "device");
    one.hbm_version = root.read(folder + "hbm_ver").text();
    one.fw_status = root.read(folder + "fw_status");
    one.registers = parse_fw_status(one.fw_status.text());
    const std::string versions = root.read(folder + "fw_ver").text();
    for (const std::string_view line : lines_of(versions)) {
      if (const auto version = parse_version(line)) one.versions.push_back(*version);
    }
    // Bus devices are called "mei0-<GUID>", on some kernels with a suffix behind.
    for (const std::string& device : bus.names) {
      const std::string prefix = name + "-";
      if (device.starts_with(prefix)) one.clients.push_back(device.substr(prefix.size(), 36));
    }
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace quell::intel::live
