// SPDX-License-Identifier: GPL-2.0-or-later
// AMD's security processor (PSP): what the ccp driver reports, and the Platform Secure Boot fuses.
#include <fmt/format.h>

#include "amd/live.h"
#include "base/bits.h"
#include "base/split.h"
#include "base/table.h"
#include "data/amd-ccp-attributes.h"
#include "data/amd-processors.h"
#include "data/amd-psb-fields.h"
#include "data/amd-psp-pci-ids.h"
#include "host/provenance.h"

namespace quell::amd {

using namespace host;

namespace {

struct PspFunction {
  const PciFunction* function = nullptr;
  std::string platform{};
};

std::optional<PspFunction> find_psp(const Machine& machine) {
  static const Table table(data::amd_psp_pci_ids);
  for (const PciFunction& function : machine.pci) {
    for (const auto row : table) {
      if (row.flag("psp") && function.vendor == row.number("vendor") && function.device == row.number("device"))
        return PspFunction{&function, std::string(row["platform"])};
    }
  }
  return std::nullopt;
}

// "Zen 3 (Vermeer)" by family and model; empty where no row has them. One PCI device stands for several processors.
std::string processor_name(const Machine& machine) {
  static const Table table(data::amd_processors);
  for (const auto row : table) {
    if (row.number("family") != machine.cpu_family || machine.cpu_model < row.number("model_from") ||
        machine.cpu_model > row.number("model_to")) {
      continue;
    }
    return fmt::format("{} ({})", row["core"], row["names"]);
  }
  return {};
}

// "74.04.3e.00": some kernels print the four bytes of a version from the lowest on. The highest is zero in every
// version that is known.
std::optional<std::string> turned_version(std::string_view text) {
  const auto parts = words_of(text, '.');
  if (parts.size() != 4 || parts[3] != "00" || parts[0] == "00") return std::nullopt;
  return fmt::format("{}.{}.{}.{}", parts[3], parts[2], parts[1], parts[0]);
}

void add_version(std::string_view key, std::string_view label, const std::string& text, const std::string& path,
                 EngineStatus& engine) {
  const auto turned = turned_version(text);
  if (!turned) {
    engine.facts.push_back(fact(key, label, text, path));
    return;
  }
  engine.facts.push_back(
      fact(key, label, fmt::format("{} (this kernel prints {}, the lowest byte first)", *turned, text), path));
}

// What the driver wrote of the processor when it came up, or could not.
void add_log(const Root& root, EngineStatus& engine) {
  auto lines = kernel_log_evidence(
      root, {"ccp "},
      {"unable to access", "psp enabled", "tee enabled", "sev enabled", "initialization failed", "not available"});
  if (lines.empty()) return;
  engine.facts.push_back(
      fact("driver_log", "driver's messages", std::move(lines), "kernel log", "root", Freshness::log));
}

// An attribute exists only where the PSP announces security reporting; a missing one means "not reported".
bool add_attributes(const Root& root, const std::string& address, EngineStatus& engine) {
  static const Table table(data::amd_ccp_attributes);
  bool any = false;
  for (const auto row : table) {
    const std::string path = fmt::format("/sys/bus/pci/devices/{}/{}", address, row["attribute"]);
    const Reading reading = root.read(path, 128);
    if (!reading.ok()) {
      if (reading.reach != Reach::absent) attempted(engine.attempts, path, reading);
      continue;
    }
    const std::string text = reading.text();
    any = true;
    if (row.is({"type", "flag"}) && (text == "0" || text == "1")) {
      engine.facts.push_back(fact(row["attribute"], row["label"], text == "1", path));
    } else {
      add_version(row["attribute"], row["label"], text, path, engine);
    }
  }
  return any;
}

// C2PMSG_37 of the PSP over the system management network. Only where the register block has a documented address.
void add_secure_boot(const Root& root, EngineStatus& engine) {
  const std::string path = "/quell/smn/03810994";
  const Reading reading = root.read(path, 4);
  const auto status = ByteView(reading.bytes()).u32(0);
  if (!reading.ok() || !status || *status == 0xFFFFFFFFU) {
    attempted(engine.attempts, "SMN 0x03810994 (Platform Secure Boot)", reading);
    return;
  }
  static const Table table(data::amd_psb_fields);
  const auto add = [&engine, &path](std::string_view key, std::string_view label, Value value) {
    engine.facts.push_back(fact(key, label, std::move(value), path, "root"));
  };
  const bool enabled = bits(*status, 24, 24) != 0;
  const bool locked = bits(*status, 28, 28) != 0;
  const bool bound = bits(*status, 7, 0) != 0;
  add("psb_state", "Platform Secure Boot",
      std::string(enabled  ? "enabled, permanently"
                  : locked ? "disabled, permanently"
                  : bound  ? "bound to a vendor, not enforced"
                           : "not enabled; the fuses can still be set"));
  for (const auto row : table) {
    const unsigned high = row.number("high");
    const unsigned low = row.number("low");
    const std::uint32_t value = bits(*status, high, low);
    if (high == low) {
      add(row["key"], row["label"], value != 0);
    } else {
      add(row["key"], row["label"], std::uint64_t{value});
    }
  }
}

// Root complexes whose PSP registers are documented at SMN 0x03800000
// (docs/formats/host-status.md#amd-platform-secure-boot).
bool register_block_known(const Machine& machine) {
  for (const PciFunction& function : machine.pci) {
    const bool root_complex = function.id() == "1022:153a" || function.id() == "1022:14e8";
    if (root_complex && function.address.ends_with(":00:00.0")) return true;
  }
  return false;
}

}  // namespace

std::vector<EngineStatus> live(const Root& root, const Machine& machine, const StatusOptions& options) {
  const auto psp = find_psp(machine);
  const bool amd = machine.cpu_vendor == "AuthenticAMD" || machine.cpu_vendor == "HygonGenuine";
  // Family 15h from model 60h and family 16h from model 30h on, and all later families
  // (recalled: docs/formats/host-status.md#amd-pci-functions).
  const bool by_family = machine.cpu_family >= 0x17 || (machine.cpu_family == 0x15 && machine.cpu_model >= 0x60) ||
                         (machine.cpu_family == 0x16 && machine.cpu_model >= 0x30);
  if (!psp && !(amd && by_family && !machine.hypervisor)) return {};
  EngineStatus engine;
  engine.title = "AMD security processor (PSP)";
  if (psp) {
    engine.name = psp->function->address;
    const std::string processor = amd ? processor_name(machine) : std::string();
    engine.title += ", " + (processor.empty() ? psp->platform : processor);
    const bool reporting = add_attributes(root, psp->function->address, engine);
    set_verdict(engine, reporting ? Verdict::psp_present_reporting : Verdict::psp_present_silent, Certainty::high);
    if (tells_absence(root) || !psp->function->driver.empty()) {
      engine.facts.push_back(fact("driver", "driver",
                                  psp->function->driver.empty() ? std::string("none bound") : psp->function->driver,
                                  "/sys/bus/pci/devices/" + psp->function->address + "/driver"));
    }
    add_log(root, engine);
  } else {
    const std::string processor = processor_name(machine);
    if (!processor.empty()) engine.title += ", " + processor;
    engine.name = "processor";
    set_verdict(engine, Verdict::psp_assumed, Certainty::medium);
  }
  // Another processor in the same chip, with firmware of Microsoft's.
  if (constexpr std::string_view pluton = "/sys/bus/acpi/devices/MSFT0200:00"; root.exists(pluton))
    engine.facts.push_back(fact("pluton", "Microsoft Pluton beside it", true, pluton));
  if (!machine.microcode.empty())
    engine.facts.push_back(fact("microcode", "CPU microcode", machine.microcode, "/proc/cpuinfo"));
  if (options.deep && register_block_known(machine)) {
    add_secure_boot(root, engine);
  } else {
    const char* reason = options.deep ? "the register's address is not documented for this CPU family"
                                      : "read only when asked for: it takes writing the index register of 00:00.0";
    engine.attempts.push_back({"Platform Secure Boot fuses", Reach::absent, reason});
  }
  engine.options = {
      {"There is no strap that halts the PSP; setup options such as \"PSP support\" only remove its interface."},
      {"The flash image tells which firmware it runs and which key signed it: `quell inspect` on a dump."}};
  std::vector<EngineStatus> out;
  out.push_back(std::move(engine));
  return out;
}

}  // namespace quell::amd
