// SPDX-License-Identifier: GPL-2.0-or-later
// How a baseboard management controller shows itself: its graphics and bridge on PCI, its IPMI interface, what SMBIOS
// says of it (docs/formats/engines.md#how-they-show).
#include "bmc/live.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "bmc/ipmi.h"
#include "host/smbios.h"

namespace quell::bmc {

using namespace host;

namespace {

constexpr std::uint16_t aspeed = 0x1A03;
constexpr std::string_view smbios_path = "/sys/firmware/dmi/tables/DMI";
constexpr std::size_t largest_smbios = std::size_t{1} << 20U;

void add_functions(const Machine& machine, EngineStatus& engine) {
  for (const PciFunction& function : machine.pci) {
    if (function.vendor != aspeed) continue;
    const bool graphics = function.class_code >> 16U == 0x03;
    engine.facts.push_back(fact(graphics ? "graphics" : "bridge", graphics ? "its graphics" : "its bridge",
                                fmt::format("{} at {}", function.id(), function.address),
                                "/sys/bus/pci/devices/" + function.address));
  }
}

void add_ipmi(const Root& root, EngineStatus& engine) {
  for (const std::string& name : root.list("/sys/class/ipmi").names)
    engine.facts.push_back(fact("ipmi", "IPMI interface", name, "/sys/class/ipmi/" + name));
}

// Types 38 (IPMI device) and 42 (management controller host interface).
void add_smbios(const Root& root, EngineStatus& engine) {
  const Reading table = root.read(smbios_path, largest_smbios);
  const std::array<std::pair<std::uint8_t, const char*>, 2> types{
      {{std::uint8_t{38}, "IPMI device"}, {std::uint8_t{42}, "management host interface"}}};
  for (const auto& [type, label] : types) {
    const std::string entry = fmt::format("/sys/firmware/dmi/entries/{}-0", type);
    const bool listed = root.exists(entry);
    if (!listed && !(table.ok() && has_structure(ByteView(table.bytes()), type))) continue;
    engine.facts.push_back(fact(fmt::format("smbios_{}", type), fmt::format("SMBIOS type {}", type), std::string(label),
                                listed ? entry : std::string(smbios_path), listed ? "none" : "root",
                                Freshness::snapshot));
  }
  if (!engine.facts.empty() && !table.ok()) attempted(engine.attempts, smbios_path, table);
}

// The system on chip of a management controller: this machine is one.
std::string own_chip(const Machine& machine) {
  for (const std::string& name : machine.compatible) {
    if (name.starts_with("aspeed,ast2") || name.starts_with("nuvoton,npcm")) return name;
  }
  return {};
}

}  // namespace

std::vector<EngineStatus> live(const Root& root, const Machine& machine, const StatusOptions& options) {
  EngineStatus engine;
  engine.name = "bmc";
  const std::string chip = own_chip(machine);
  if (chip.empty()) {
    add_functions(machine, engine);
    add_ipmi(root, engine);
    add_smbios(root, engine);
    if (engine.facts.empty()) return {};
    if (options.deep) ask_controller(root, engine);
    engine.title = "Baseboard management controller (BMC)";
    set_verdict(engine, Verdict::running, engine.facts.size() > 1 ? Certainty::high : Certainty::medium);
    engine.meaning =
        "A computer of its own on this board, with its own network port or a share of the host's, on standby power.";
    engine.advice =
        "Find its network port and address in the BIOS setup; keep it on a network of its own, or unplugged.";
  } else {
    engine.title = "This machine is a baseboard management controller (BMC)";
    engine.facts.push_back(fact("chip", "chip", chip, std::string(device_tree) + "/compatible"));
    set_verdict(engine, Verdict::running, Certainty::high);
    engine.meaning = "What runs here is the management controller; the computer that it manages is another one.";
    engine.advice.clear();
  }
  engine.verdict_title = "present, and running whenever the board has power";
  return {std::move(engine)};
}

}  // namespace quell::bmc
