// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "base/number.h"
#include "base/split.h"
#include "host/machine.h"

namespace quell::host {
namespace {

// The value behind "key   : value" in the first processor's block.
std::string cpu_field(std::string_view cpuinfo, std::string_view key) {
  for (const std::string_view line : words_of(cpuinfo, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !line.starts_with(key)) continue;
    const std::string_view middle = line.substr(key.size(), colon - key.size());
    if (middle.find_first_not_of(" \t") != std::string_view::npos) continue;
    const auto value = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
    return std::string(line.substr(value));
  }
  return {};
}

std::string architecture_of(const Root& root, const std::string& cpuinfo) {
  std::string given = root.read("/proc/sys/kernel/arch").text();  // since Linux 6.1
  if (!given.empty()) return given;
  if (!cpu_field(cpuinfo, "vendor_id").empty()) return "x86_64";
  if (cpu_field(cpuinfo, "CPU architecture") == "8") return "aarch64";
  return cpu_field(cpuinfo, "CPU implementer").empty() ? "" : "armv7l";
}

}  // namespace

bool Machine::compatible_with(std::string_view beginning) const {
  return std::any_of(compatible.begin(), compatible.end(),
                     [beginning](const std::string& name) { return name.starts_with(beginning); });
}

const PciFunction* Machine::apple_bridge() const noexcept {
  constexpr std::array<std::uint16_t, 4> devices = {0x1801, 0x1802, 0x1803, 0x2005};
  const auto found = std::ranges::find_if(pci, [&devices](const PciFunction& one) {
    return one.vendor == 0x106B && std::ranges::find(devices, one.device) != devices.end();
  });
  return found == pci.end() ? nullptr : &*found;
}

Machine read_machine(const Root& root) {
  Machine machine;
  // The first processor's block says it all. (A capture keeps these bytes; on ARM the serial number stands at the
  // end of the file, behind the last processor, and is cut away by capture.)
  const std::string cpuinfo = root.read("/proc/cpuinfo").data;
  machine.cpu_vendor = cpu_field(cpuinfo, "vendor_id");
  machine.cpu_family = static_cast<unsigned>(parse_decimal(cpu_field(cpuinfo, "cpu family")).value_or(0));
  machine.cpu_model = static_cast<unsigned>(parse_decimal(cpu_field(cpuinfo, "model")).value_or(0));
  machine.microcode = cpu_field(cpuinfo, "microcode");
  const std::string flags = cpu_field(cpuinfo, "flags");
  const auto words = words_of(flags);
  machine.hypervisor = std::find(words.begin(), words.end(), "hypervisor") != words.end() ||
                       !root.read("/sys/hypervisor/type").text().empty();
  machine.architecture = architecture_of(root, cpuinfo);
  machine.vendor = root.read("/sys/class/dmi/id/sys_vendor").text();
  machine.product = root.read("/sys/class/dmi/id/product_name").text();
  if (machine.product.empty()) machine.product = root.read(std::string(device_tree) + "/model").text();
  machine.compatible = device_tree_strings(root, std::string(device_tree) + "/compatible");
  machine.pci = pci_functions(root);
  return machine;
}

std::vector<std::string> device_tree_strings(const Root& root, std::string_view path) {
  std::vector<std::string> out;
  const Reading reading = root.read(path);
  for (const std::string_view word : words_of(reading.data, '\0')) out.emplace_back(word);
  return out;
}

std::optional<std::uint64_t> device_tree_number(const Root& root, std::string_view path) {
  const Reading reading = root.read(path, 8);
  const ByteView view(reading.bytes());
  if (!reading.ok()) return std::nullopt;
  if (view.size() == 4) return view.be32(0).value_or(0);
  if (view.size() == 8) return view.be64(0).value_or(0);
  return std::nullopt;
}

}  // namespace quell::host
