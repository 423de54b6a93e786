// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/survey/status.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/split.h"
#include "host/machine.h"
#include "host/sections.h"
#include "intel/live/live.h"
#include "quell/engine.h"
#include "survey/answers.h"
#include "survey/live_keys.h"

namespace quell {

using namespace host;

namespace {

std::string collection_time(const Root& root) {
  if (root.live()) {
    const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
  }
  const Reading captured = root.read("/quell/captured");
  for (const std::string_view line : lines_of(captured.data)) {
    constexpr std::string_view key = "time=";
    if (line.starts_with(key)) return std::string(line.substr(key.size()));
  }
  return {};
}

void describe_machine(const Root& root, const Machine& machine, HostStatus& status) {
  const auto add = [&status](const char* key, const char* label, const std::string& value, const char* source) {
    if (!value.empty()) status.machine.push_back(fact(key, label, value, source));
  };
  add("vendor", "vendor", machine.vendor, "/sys/class/dmi/id/sys_vendor");
  add("product", "product", machine.product, "/sys/class/dmi/id/product_name or the device tree");
  add("bios_version", "firmware", root.read("/sys/class/dmi/id/bios_version").text(), "/sys/class/dmi/id/bios_version");
  add("architecture", "architecture", machine.architecture, "/proc/sys/kernel/arch or /proc/cpuinfo");
  add("cpu_vendor", "processor", machine.cpu_vendor, "/proc/cpuinfo");
  if (root.exists("/.dockerenv") || root.exists("/run/.containerenv"))
    status.machine.push_back(fact("container", "container", true, "/.dockerenv or /run/.containerenv"));
}

void explain_nothing_found(const Machine& machine, HostStatus& status) {
  if (!status.engines.empty()) return;
  if (machine.hypervisor) {
    status.notes.emplace_back(
        "This is a virtual machine: the engine of the computer it runs on cannot be seen from here. Run `quell status` "
        "on the host itself.");
  } else if (!status.machine_known) {
    status.notes.emplace_back(
        "Nothing here tells which machine this is: no /proc/cpuinfo, device tree or PCI devices.");
  } else {
    status.notes.emplace_back(
        "No engine that quell knows announces itself. That is not proof that there is none: a flash image tells more "
        "(`quell inspect` on a dump).");
  }
}

// What people hope for when they install another system.
void explain_what_stays(HostStatus& status) {
  if (status.engines.empty() || status.virtual_machine) return;
  constexpr std::array from_disk{"arm-tee", "apple-sep", "raspberry-pi"};  // their firmware may lie beside a system
  const bool on_disk = std::ranges::any_of(status.engines, [&](const EngineStatus& engine) {
    return std::ranges::find(from_disk, engine.engine) != from_disk.end();
  });
  status.notes.push_back(
      fmt::format("Another operating system leaves all of this as it is: these engines are in the chips, and {}.",
                  on_disk ? "what they start from stays beside every system, or comes along with it"
                          : "their firmware in the flash chip, not on the disk"));
}

// Whoever installs another system meets Secure Boot.
void explain_secure_boot(HostStatus& status) {
  const auto section = std::ranges::find(status.sections, "secure_boot", &Section::key);
  const bool asked = section != status.sections.end() &&
                     std::ranges::find(section->facts, "SecureBoot", &Fact::key) != section->facts.end();
  if (!asked || status.virtual_machine) return;
  status.notes.emplace_back(
      "Secure Boot is checked by the BIOS, not by these engines: most distributions start through shim, which "
      "Microsoft "
      "has signed; with keys of your own (sbctl, on NixOS lanzaboote) nobody else's are needed.");
}

// What would be better as root, gathered from everything that was refused.
void gather_refusals(HostStatus& status) {
  const auto note = [&status](const std::vector<Attempt>& attempts) {
    for (const Attempt& attempt : attempts) {
      const auto& known = status.root_adds;
      const bool fresh = std::find(known.begin(), known.end(), attempt.source) == known.end();
      if (attempt.reach == Reach::denied && fresh) status.root_adds.push_back(attempt.source);
    }
  };
  for (const EngineStatus& engine : status.engines) note(engine.attempts);
  for (const Section& section : status.sections) note(section.attempts);
}

}  // namespace

HostStatus collect_status(const Root& root, const StatusOptions& options) {
  HostStatus status;
  status.live = root.live();
  status.collected_at = collection_time(root);
  const Machine machine = read_machine(root);
  status.virtual_machine = machine.hypervisor;
  status.machine_known = !machine.cpu_vendor.empty() || !machine.compatible.empty() || !machine.pci.empty();
  describe_machine(root, machine, status);
  for (const Engine* engine : engines()) {
    for (EngineStatus& one : engine->live(root, machine, options)) {
      one.engine = engine->id();
      status.engines.push_back(std::move(one));
    }
  }
  answer(status);
  status.summary = in_one_sentence(status);
  status.sections.push_back(collect_tpm(root, options.ask_engine));
  status.sections.push_back(collect_secure_boot(root, machine));
  if (machine.cpu_vendor == "GenuineIntel" && !machine.hypervisor)
    status.sections.push_back(intel::live::collect_boot_guard_msr(root, machine));
  status.sections.push_back(collect_lockdown(root));
  status.sections.push_back(collect_system(root, options.deep));
  explain_what_stays(status);
  explain_secure_boot(status);
  describe_live_keys(root, status);
  explain_nothing_found(machine, status);
  gather_refusals(status);
  return status;
}

}  // namespace quell
