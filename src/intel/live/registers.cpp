// SPDX-License-Identifier: GPL-2.0-or-later
// The places the status registers of an Intel engine can be read from.
#include "intel/live/registers.h"

#include <chrono>

#include <fmt/format.h>

#include "base/number.h"
#include "base/split.h"
#include "host/pause.h"
#include "intel/live/mei.h"

namespace quell::intel::live {

using namespace host;

namespace {

// HFSTS1 to HFSTS6 in the configuration space of function 0; TXE of Bay Trail and Braswell has the first two.
constexpr std::array<std::uint64_t, 6> register_offsets = {0x40, 0x48, 0x60, 0x64, 0x68, 0x6C};

// How many registers the hardware has: none up to ICH9, one on ICH10, two up to ME 8 and TXE 2, then six.
std::size_t register_count(const Generation& generation) {
  if (generation.kind == Product::txe) return generation.to <= 2 ? 2 : 6;
  if (generation.kind != Product::me) return 6;
  if (generation.to <= 4) return 0;
  if (generation.to <= 5) return 1;
  return generation.to <= 8 ? 2 : 6;
}

Registers registers_of(const Reading& config, const Generation& generation) {
  const ByteView view(config.bytes());
  Registers out;
  for (std::size_t i = 0; i < register_count(generation); ++i) {
    if (const auto value = view.u32(register_offsets.at(i))) out.at(i) = *value;
  }
  return out;
}

}  // namespace

std::optional<RegisterReading> registers_from_pci(const Root& root, const PciFunction& function,
                                                  const Generation& generation, EngineStatus& engine) {
  const std::string source = "/sys/bus/pci/devices/" + function.address + "/config";
  Reading config = pci_config(root, function);
  if (!config.ok()) {
    attempted(engine.attempts, source, config);
    engine.needs_privilege = engine.needs_privilege || config.reach == Reach::denied;
    return std::nullopt;
  }
  Registers registers = registers_of(config, generation);
  if (root.live() && registers[0] == 0U) {
    // All zero is a reset in passing: look once more before believing it.
    host::pause(std::chrono::seconds(2));
    config = pci_config(root, function);
    registers = registers_of(config, generation);
  }
  if (!registers[0]) {
    attempted(engine.attempts, source, {Reach::absent, {}, "this generation has no status registers"});
    return std::nullopt;
  }
  return RegisterReading{source, Freshness::live, registers};
}

std::optional<RegisterReading> registers_from_log(const Root& root, std::string_view address, EngineStatus& engine) {
  // mei_me 0000:00:16.0: unexpected reset: dev_state = INIT_CLIENTS fw status = 1E000255 60002306 00000200 ...
  const std::string source = "/quell/kernel-log";
  const Reading log = root.read(source, std::size_t{1} << 18U);
  if (!log.ok()) {
    attempted(engine.attempts, "kernel log", log);
    return std::nullopt;
  }
  std::optional<RegisterReading> out;
  for (const std::string_view line : lines_of(log.data)) {
    constexpr std::string_view marker = "fw status = ";
    const auto at = line.find(marker);
    if (at == std::string_view::npos || line.find(address) == std::string_view::npos) continue;
    std::string one_a_line(line.substr(at + marker.size()));
    for (char& c : one_a_line) c = c == ' ' ? '\n' : c;
    const Registers registers = parse_fw_status(one_a_line);
    if (registers[0]) out = RegisterReading{"kernel log", Freshness::log, registers};
  }
  return out;
}

std::optional<RegisterReading> registers_from_smbios(const SmbiosEngine& smbios) {
  for (const SmbiosEngine::Component& component : smbios.components) {
    if (component.number == 1 && component.present)
      return RegisterReading{"SMBIOS $MEI record", Freshness::snapshot, component.registers};
  }
  return std::nullopt;
}

void compare_readings(EngineStatus& engine) {
  if (engine.readings.size() < 2) return;
  const RegisterReading& first = engine.readings[0];
  const RegisterReading& second = engine.readings[1];
  const bool both_live = first.freshness == Freshness::live && second.freshness == Freshness::live;
  if (!both_live || !first.registers[0] || !second.registers[0]) return;
  // Mode, error and the partition table bit must agree; phase and state may change between two reads.
  constexpr std::uint32_t lasting = 0x000FF020;
  if ((*first.registers[0] & lasting) == (*second.registers[0] & lasting)) return;
  engine.findings.push_back({"host.intel.registers-disagree",
                             Question::structure,
                             Severity::warning,
                             "Two live sources of the status registers disagree",
                             fmt::format("{} gives HFSTS1 {:08x}, {} gives {:08x}.", first.source, *first.registers[0],
                                         second.source, *second.registers[0]),
                             "Run the command again; the verdict uses the first source.",
                             std::nullopt,
                             {}});
}

}  // namespace quell::intel::live
