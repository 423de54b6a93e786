// SPDX-License-Identifier: GPL-2.0-or-later
// The engines of an Intel chipset, from every source together.
#include <algorithm>

#include <fmt/format.h>

#include "base/bits.h"
#include "host/provenance.h"
#include "intel/live/advice.h"
#include "intel/live/answers.h"
#include "intel/live/live.h"
#include "intel/live/mei_pci.h"
#include "intel/live/questions.h"
#include "intel/live/registers.h"

namespace quell::intel::live {

using namespace host;

namespace {

constexpr std::string_view smbios_path = "/sys/firmware/dmi/tables/DMI";
constexpr std::size_t largest_smbios = std::size_t{1} << 20U;

// One engine with all that was found of it.
struct Candidate {
  const PciFunction* function = nullptr;
  const MeiInterface* interface = nullptr;
  std::optional<MeiPciId> id{};
};

std::vector<Candidate> find_candidates(const Machine& machine, const std::vector<MeiInterface>& interfaces) {
  std::vector<Candidate> out;
  const auto interface_at = [&interfaces](const std::string& address) -> const MeiInterface* {
    const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                    [&address](const MeiInterface& one) { return one.pci_address == address; });
    return found == interfaces.end() ? nullptr : &*found;
  };
  for (const PciFunction& function : machine.pci) {
    auto id = identify_mei(function.vendor, function.device);
    if (id && id->host_interface) out.push_back({&function, interface_at(function.address), std::move(id)});
  }
  // An interface whose function is in no table (newer hardware, a partial capture) is still an engine.
  for (const MeiInterface& interface : interfaces) {
    const bool host = interface.kind.empty() || interface.kind == "mei";
    const bool taken =
        std::any_of(out.begin(), out.end(), [&interface](const Candidate& one) { return one.interface == &interface; });
    const auto known = std::find_if(machine.pci.begin(), machine.pci.end(), [&interface](const PciFunction& one) {
      return one.address == interface.pci_address && identify_mei(one.vendor, one.device).has_value();
    });
    if (host && !taken && known == machine.pci.end()) out.push_back({nullptr, &interface, std::nullopt});
  }
  return out;
}

Generation generation_of(const Candidate& candidate, const std::vector<Version>& versions) {
  Generation out;
  if (candidate.id) {
    out.kind = candidate.id->kind.value_or(Product::me);
    out.from = candidate.id->major_from;
    out.to = candidate.id->major_to;
  }
  if (!versions.empty() && versions.front().major != 0) out.from = out.to = versions.front().major;
  return out;
}

std::string title_of(const Candidate& candidate, const Generation& generation) {
  if (!candidate.id) return "Intel management engine";
  std::string name = "Intel ";
  if (generation.kind == Product::sps) {
    name += "SPS";
  } else if (generation.kind == Product::txe) {
    name += "TXE";
  } else {
    name += generation.from >= 12 ? "CSME" : "ME";
  }
  return fmt::format("{}, {}{}", name, candidate.id->platform, candidate.id->certain ? "" : " (probably)");
}

void add_register_facts(const Generation& generation, EngineStatus& engine) {
  const RegisterReading& best = engine.readings.front();
  if (engine.verdict == Verdict::unreadable) return;  // no bit of it means anything
  const auto add = [&](const char* key, const char* label, Value value) {
    engine.facts.push_back(fact(key, label, std::move(value), best.source,
                                best.freshness == Freshness::live ? "none" : "root", best.freshness));
  };
  const auto text = [&engine](const char* key) {
    const Field* field = find_field(engine.fields, key);
    return field == nullptr ? std::string() : field->text;
  };
  if (const std::string sku = text("sku"); !sku.empty() && generation.kind == Product::me)
    add("sku", "firmware SKU", sku);
  if (const std::string phase = text("phase_code"); !phase.empty()) {
    add("phase", "progress phase", phase);
    add("phase_state", "state in the phase", phase_state_text(engine.fields, generation));
  }
  const bool halted = engine.verdict != Verdict::running;
  const auto closed = manufacturing_closed(engine.fields, generation);
  const bool open_bit = best.registers[0] && bits(*best.registers[0], 4, 4) != 0;
  if (halted && open_bit) {
    add("manufacturing", "manufacturing mode", std::string("bit 4 set, expected in this state"));
  } else if (closed) {
    add("manufacturing", "manufacturing mode", std::string(*closed ? "closed" : "open"));
    if (!*closed && engine.verdict == Verdict::running) {
      engine.findings.push_back({"host.intel.manufacturing-open",
                                 Question::access,
                                 Severity::warning,
                                 "Manufacturing mode was left open",
                                 "The end-of-manufacturing step was not done: parts of the engine's configuration, "
                                 "and on newer chipsets the flash descriptor, can still be changed by software.",
                                 "Nothing a user can close from here; the board's vendor can.",
                                 std::nullopt,
                                 {}});
    }
  } else if (generation.kind == Product::me) {
    add("manufacturing", "manufacturing mode", Unknown{});
  }
  const BootGuard guard = boot_guard(engine.fields, generation);
  if (!guard.summary.empty()) add("boot_guard", "Boot Guard", guard.summary);
  if (guard.profile) add("boot_guard_profile", "Boot Guard profile", std::uint64_t{*guard.profile});
  if (guard.fuses_committed) add("fuses_committed", "fuses committed", *guard.fuses_committed);
}

void add_version_facts(const std::vector<Version>& versions, std::string_view source, Freshness freshness,
                       EngineStatus& engine) {
  constexpr std::array<const char*, 3> keys = {"firmware_version", "recovery_version", "fitc_version"};
  constexpr std::array<const char*, 3> labels = {"firmware", "recovery firmware", "made with FIT"};
  for (std::size_t i = 0; i < std::min(versions.size(), keys.size()); ++i) {
    if (versions[i].major != 0) {
      engine.facts.push_back(fact(keys.at(i), labels.at(i), to_string(versions[i]), source,
                                  freshness == Freshness::live ? "none" : "root", freshness));
    }
  }
}

// State and clients of the link; whether AMT is among them.
bool describe_link(const MeiInterface* interface, EngineStatus& engine) {
  if (interface == nullptr) return false;
  const std::string folder = "/sys/class/mei/" + interface->name;
  if (!interface->state.empty())
    engine.facts.push_back(fact("link", "link to the engine", interface->state, folder + "/dev_state"));
  if (interface->clients.empty()) return false;
  const bool amt =
      std::find(interface->clients.begin(), interface->clients.end(), amthi_client) != interface->clients.end();
  engine.facts.push_back(fact("amt_client", "AMT interface offered", amt, "/sys/bus/mei/devices"));
  return amt;
}

// From a dump of the PCI devices neither the driver nor a missing interface can be told.
void explain_missing_interface(const Root& root, const Candidate& candidate, EngineStatus& engine) {
  if (candidate.interface != nullptr || candidate.function == nullptr) return;
  const bool bound = !candidate.function->driver.empty();
  if (!tells_absence(root)) {
    if (bound) {
      engine.facts.push_back(fact("driver", "driver", candidate.function->driver,
                                  "/sys/bus/pci/devices/" + candidate.function->address + "/driver"));
    }
    return;
  }
  engine.facts.push_back(fact("driver", "driver",
                              bound ? candidate.function->driver + ", but no interface: the link did not start"
                                    : std::string("none bound (module missing, blacklisted or refused)"),
                              "/sys/bus/pci/devices/" + candidate.function->address + "/driver"));
}

void gather_readings(const Root& root, const Candidate& candidate, const Generation& generation,
                     const SmbiosEngine& smbios, EngineStatus& engine) {
  const MeiInterface* interface = candidate.interface;
  if (interface != nullptr && interface->registers[0]) {
    engine.readings.push_back(
        {"/sys/class/mei/" + interface->name + "/fw_status", Freshness::live, interface->registers});
  } else if (interface != nullptr) {
    attempted(engine.attempts, "/sys/class/mei/" + interface->name + "/fw_status", interface->fw_status);
  }
  if (candidate.function != nullptr) {
    if (auto reading = registers_from_pci(root, *candidate.function, generation, engine))
      engine.readings.push_back(*std::move(reading));
  }
  const std::string address = candidate.function != nullptr ? candidate.function->address : "mei";
  if (auto reading = registers_from_log(root, address, engine)) engine.readings.push_back(*std::move(reading));
  if (auto reading = registers_from_smbios(smbios)) engine.readings.push_back(*std::move(reading));
  // A dead or hidden function reads as ones: whatever else was read is better.
  std::stable_partition(engine.readings.begin(), engine.readings.end(),
                        [](const RegisterReading& one) { return one.registers[0] != 0xFFFFFFFFU; });
  compare_readings(engine);
}

void conclude(const Generation& generation, EngineStatus& engine) {
  if (engine.readings.empty()) {
    set_verdict(engine, Verdict::unknown, Certainty::low);
    if (engine.needs_privilege) {
      engine.verdict_title = "unknown: run as root";
      engine.advice = "Run as root: the status registers are then readable in PCI configuration space.";
    }
    return;
  }
  engine.needs_privilege = false;
  const RegisterReading& best = engine.readings.front();
  const Verdict verdict = judge(best.registers, generation);
  const bool live = best.freshness == Freshness::live;
  const bool sure = verdict != Verdict::disabled_hap || hap_is_certain(best.registers, generation);
  set_verdict(engine, verdict, live && sure ? Certainty::high : live || sure ? Certainty::medium : Certainty::low);
  if (!sure) {
    engine.meaning =
        "The engine is halted by HAP / AltMeDisable, or it is halted in debug mode; only the flash image tells which.";
  }
}

// What the driver wrote when the engine did not answer it.
void add_log_evidence(const Root& root, EngineStatus& engine) {
  auto lines = kernel_log_evidence(root, {"mei_me ", "mei_txe "},
                                   {"hw ready failed", "hw_start failed", "H_RST", "initialization failed",
                                    "init hw failure", "consecutive resets", "reset failed"});
  if (lines.empty()) return;
  engine.facts.push_back(fact("driver_log", "driver's messages", lines, "kernel log", "root", Freshness::log));
  if (engine.verdict != Verdict::unknown && engine.verdict != Verdict::unreadable) return;
  engine.verdict_title = "unknown: it does not answer its driver";
  engine.meaning =
      "The driver found an engine that does not answer: it never became ready. An engine that was halted before its "
      "interface came up looks like this, and so does one whose firmware is damaged. It does not prove that it is off.";
}

AdvisedProduct advised(Product kind) {
  switch (kind) {
    case Product::me: break;
    case Product::txe: return AdvisedProduct::txe;
    case Product::sps: return AdvisedProduct::sps;
  }
  return AdvisedProduct::me;
}

std::optional<std::uint32_t> memory_word(const Root& root, std::uint32_t address, EngineStatus& engine,
                                         std::string_view what) {
  const Reading word = root.read(fmt::format("/quell/mem/{:08x}", address), 4);
  if (!word.ok()) {
    attempted(engine.attempts, fmt::format("/dev/mem at {:#x} ({})", address, what), word);
    return std::nullopt;
  }
  const auto value = ByteView(word.bytes()).u32(0);
  return value ? std::optional(*value) : std::nullopt;
}

// Physical memory, read only: the function disable register of ME 6 to 10 and the TXT policy status.
void look_deep(const Root& root, const Machine& machine, EngineStatus& engine) {
  for (const PciFunction& function : machine.pci) {
    if (!function.address.ends_with(":00:1f.0") || function.vendor != 0x8086) continue;
    const Reading config = pci_config(root, function);
    const auto rcba = ByteView(config.bytes()).u32(0xF0);
    if (!config.ok() || !rcba || (*rcba & 1U) == 0 || *rcba == 0xFFFFFFFFU) continue;
    // FD2 at RCBA + 0x3428: bit 1 disables HECI1. The base has 18 bits, so adding cannot overflow.
    if (const auto fd2 = memory_word(root, (*rcba & 0xFFFFC000U) + 0x3428U, engine, "function disable 2")) {
      engine.facts.push_back(
          fact("function_disabled", "hidden by the firmware", (*fd2 & 2U) != 0, "RCBA + 0x3428", "root"));
    }
  }
  // TXT ACM policy status: bit 6 repeats the HAP bit; all ones means the space is not decoded.
  const auto policy = memory_word(root, 0xFED30378U, engine, "TXT policy status");
  if (policy && *policy != 0xFFFFFFFFU) {
    const bool hap = (*policy & 0x40U) != 0;
    engine.facts.push_back(fact("txt_hap", "HAP bit seen by TXT", hap, "0xfed30378", "root"));
    if (hap && engine.verdict == Verdict::unknown) set_verdict(engine, Verdict::disabled_hap, Certainty::medium);
  }
}

EngineStatus examine_candidate(const Root& root, const Machine& machine, const Candidate& candidate,
                               const SmbiosEngine& smbios, const StatusOptions& options) {
  EngineStatus engine;
  const MeiInterface* interface = candidate.interface;
  engine.name = candidate.function != nullptr ? candidate.function->address : interface->name;
  std::vector<Version> versions;
  if (interface != nullptr) versions = interface->versions;
  const std::string version_source = interface == nullptr ? "" : "/sys/class/mei/" + interface->name + "/fw_ver";
  add_version_facts(versions, version_source, Freshness::live, engine);
  Generation generation = generation_of(candidate, versions);
  gather_readings(root, candidate, generation, smbios, engine);
  if (versions.empty() && !smbios.versions.empty()) {
    versions = smbios.versions;
    add_version_facts(versions, "SMBIOS type 221", Freshness::snapshot, engine);
  }
  if (!engine.readings.empty()) generation = refine(generation, engine.readings.front().registers);
  engine.title = title_of(candidate, generation);
  if (!engine.readings.empty()) {
    engine.fields = decode(engine.readings.front().registers, generation, options.unsure);
  }
  conclude(generation, engine);
  add_log_evidence(root, engine);
  if (!engine.readings.empty()) add_register_facts(generation, engine);
  bool amt = describe_link(interface, engine);
  explain_missing_interface(root, candidate, engine);
  const bool answers = interface != nullptr && (interface->state.empty() || interface->state == "ENABLED");
  if (answers && options.ask_engine) amt = ask_engine(root, *interface, generation, engine, versions) || amt;
  if (versions.empty()) {
    engine.facts.push_back(fact("firmware_version", "firmware", Unknown{}, "fw_ver, MKHI, SMBIOS"));
  } else {
    add_advisories(advised(generation.kind), versions.front(), is_off(engine.counts_as_disabled), engine);
  }
  if (options.deep) look_deep(root, machine, engine);
  Situation situation{.generation = generation,
                      .boot_guard = boot_guard(engine.fields, generation),
                      .amt = amt,
                      .behind_t2 = machine.apple_bridge() != nullptr};
  if (candidate.id) situation.families = candidate.id->families;
  if (!versions.empty()) situation.firmware = versions.front();
  if (amt && engine.manageability.stack == Manageability::Stack::not_told)
    engine.manageability = {.stack = Manageability::Stack::present, .reason = "the firmware offers AMT's interface"};
  advise(situation, engine);
  answer(situation, engine);
  return engine;
}

// The bridge at 00:1f.0 stands for a PCH, and with it for an engine somewhere.
bool is_pch_machine(const Machine& machine) {
  return std::any_of(machine.pci.begin(), machine.pci.end(), [](const PciFunction& one) {
    return one.vendor == 0x8086 && one.address.ends_with(":00:1f.0") && one.class_code >> 8U == 0x0601;
  });
}

EngineStatus hidden_engine(const Root& root, const Machine& machine, const SmbiosEngine& smbios,
                           const StatusOptions& options, const Reading& smbios_reading) {
  EngineStatus engine;
  engine.name = "hidden";
  engine.title = "Intel management engine without a visible interface";
  if (auto reading = registers_from_log(root, "mei", engine)) engine.readings.push_back(*std::move(reading));
  if (auto reading = registers_from_smbios(smbios)) engine.readings.push_back(*std::move(reading));
  if (!smbios_reading.ok()) {
    attempted(engine.attempts, smbios_path, smbios_reading);
    engine.needs_privilege = smbios_reading.reach == Reach::denied;
  }
  Generation generation;
  std::vector<Version> versions = smbios.versions;
  add_version_facts(versions, "SMBIOS type 221", Freshness::snapshot, engine);
  if (!versions.empty()) generation.from = generation.to = versions.front().major;
  if (!engine.readings.empty()) {
    generation = refine(generation, engine.readings.front().registers);
    engine.fields = decode(engine.readings.front().registers, generation, options.unsure);
  }
  conclude(generation, engine);
  if (!engine.readings.empty()) add_register_facts(generation, engine);
  if (smbios.version_unanswered) {
    engine.facts.push_back(fact("bios_saw_version", "version the BIOS saw",
                                std::string("none: the engine did not answer it"), "SMBIOS type 221", "root",
                                Freshness::snapshot));
  }
  if (options.deep) look_deep(root, machine, engine);
  if (engine.verdict == Verdict::unknown) {
    engine.meaning =
        "This chipset has an engine, but its PCI function is hidden or switched off by the firmware. Some vendors hide "
        "it when HAP is set, others when the engine failed. That it is hidden does not say that it is off.";
    add_log_evidence(root, engine);
    // The chip behind a T2 cannot be read.
    if (machine.apple_bridge() != nullptr) {
      engine.advice.clear();
    } else if (engine.advice.empty() || !engine.needs_privilege) {
      engine.advice = "Read the flash chip and run `quell inspect` on the dump: the descriptor's HAP bit decides.";
    }
  }
  answer({.generation = generation, .behind_t2 = machine.apple_bridge() != nullptr}, engine);
  return engine;
}

}  // namespace

std::vector<EngineStatus> engines_of(const Root& root, const Machine& machine, const StatusOptions& options) {
  const std::vector<MeiInterface> interfaces = mei_interfaces(root);
  const std::vector<Candidate> candidates = find_candidates(machine, interfaces);
  const bool pch = is_pch_machine(machine) && (machine.cpu_vendor.empty() || machine.cpu_vendor == "GenuineIntel");
  std::vector<EngineStatus> out;
  if (candidates.empty() && (!pch || machine.hypervisor)) return out;
  const Reading table = root.read(smbios_path, largest_smbios);
  const SmbiosEngine smbios = read_smbios(ByteView(table.bytes()));
  for (const Candidate& candidate : candidates) {
    out.push_back(examine_candidate(root, machine, candidate, smbios, options));
  }
  if (candidates.empty()) out.push_back(hidden_engine(root, machine, smbios, options, table));
  return out;
}

}  // namespace quell::intel::live
