// SPDX-License-Identifier: GPL-2.0-or-later
// TrustZone: trusted operating systems with a Linux driver, and the secure monitor below.
#include <array>

#include <fmt/format.h>

#include "arm/live.h"
#include "base/number.h"
#include "base/size.h"

namespace quell::arm {

using namespace host;

namespace {

std::string implementation_name(const std::string& id) {
  constexpr std::array<const char*, 5> names = {"", "OP-TEE", "AMD-TEE", "Arm trusted services", "Qualcomm QTEE"};
  const auto number = parse_decimal(id);
  return number && *number > 0 && *number < names.size() ? names.at(to_size(*number)) : "implementation " + id;
}

// The children of /proc/device-tree/reserved-memory that are closed to Linux.
std::vector<std::string> reserved_memory(const Root& root) {
  const std::string folder = std::string(device_tree) + "/reserved-memory";
  std::vector<std::string> out;
  for (const std::string& name : root.list(folder).names) {
    if (root.exists(fmt::format("{}/{}/no-map", folder, name))) out.push_back(name);
  }
  return out;
}

struct Conduit {
  std::string path;
  std::string label;
};

// Who answers calls of the operating system, below it.
struct Callee {
  bool monitor = false;
  bool hypervisor = false;
};

// Drivers of trusted operating systems. Whether there is one of another engine than the PSP.
bool collect_drivers(const Root& root, EngineStatus& engine) {
  bool found = false;
  for (const std::string& name : root.list("/sys/class/tee").names) {
    if (!name.starts_with("tee") || name.starts_with("teepriv")) continue;
    const std::string folder = "/sys/class/tee/" + name + "/";
    const std::string id = root.read(folder + "implementation_id").text();
    if (id == "2") continue;  // AMD-TEE belongs to the PSP
    found = true;
    engine.facts.push_back(fact("trusted_os", "trusted OS",
                                id.empty() ? std::string("unnamed") : implementation_name(id),
                                folder + "implementation_id"));
    if (const std::string revision = root.read(folder + "revision").text(); !revision.empty())
      engine.facts.push_back(fact("trusted_os_revision", "revision", revision, folder + "revision"));
    const std::string routing = root.read(folder + "rpmb_routing_model").text();
    if (!routing.empty())
      engine.facts.push_back(fact("rpmb_routing", "RPMB access by", routing, folder + "rpmb_routing_model"));
  }
  return found;
}

void collect_nodes(const Root& root, EngineStatus& engine, Callee& callee) {
  const std::string base(device_tree);
  for (const auto& [node, label] : {Conduit{base + "/psci", "PSCI"}, Conduit{base + "/firmware/optee", "OP-TEE node"},
                                    Conduit{base + "/firmware/scm", "Qualcomm SCM"}}) {
    const auto compatible = device_tree_strings(root, node + "/compatible");
    if (compatible.empty()) continue;
    const std::string method = root.read(node + "/method").text();
    const bool is_scm = label == "Qualcomm SCM";
    callee.monitor = callee.monitor || method == "smc" || is_scm;
    callee.hypervisor = callee.hypervisor || method == "hvc";
    engine.facts.push_back(fact(is_scm            ? "scm"
                                : label == "PSCI" ? "psci"
                                                  : "optee_node",
                                label, compatible.front() + (method.empty() ? "" : " by " + method), node));
  }
}

// ACPI machines have no device tree: FADT, ARM boot architecture flags at 129, bit 0 PSCI, bit 1 over a hypervisor.
void collect_fadt(const Root& root, EngineStatus& engine, Callee& callee) {
  const Reading fadt = root.read("/sys/firmware/acpi/tables/FACP", 512);
  const auto flags = ByteView(fadt.bytes()).u16(129);
  if (!flags || (*flags & 1U) == 0) return;
  const bool hypervisor = (*flags & 2U) != 0;
  (hypervisor ? callee.hypervisor : callee.monitor) = true;
  engine.facts.push_back(fact("psci", "PSCI", std::string(hypervisor ? "by hvc (ACPI)" : "by smc (ACPI)"),
                              "/sys/firmware/acpi/tables/FACP", "root"));
}

}  // namespace

std::vector<EngineStatus> live(const Root& root, const Machine& machine) {
  EngineStatus engine;
  engine.title = "ARM TrustZone";
  engine.name = "secure world";
  const bool tee = collect_drivers(root, engine);
  Callee callee;
  collect_nodes(root, engine, callee);
  const bool arm = machine.architecture.starts_with("a");
  if (arm) collect_fadt(root, engine, callee);
  const std::size_t partitions = root.list("/sys/bus/arm_ffa/devices").names.size();
  if (partitions > 0) {
    engine.facts.push_back(
        fact("ffa_partitions", "FF-A partitions", std::uint64_t{partitions}, "/sys/bus/arm_ffa/devices"));
  }
  if (const auto reserved = reserved_memory(root); !reserved.empty()) {
    engine.facts.push_back(
        fact("reserved_memory", "memory closed to Linux", reserved, std::string(device_tree) + "/reserved-memory"));
  }
  if (!tee && !arm && engine.facts.empty()) return {};
  if (machine.compatible_with("apple,") || machine.compatible_with("raspberrypi,")) {
    // Both boot without a secure monitor of this kind unless a node says so.
    if (!tee && !callee.monitor && partitions == 0) return {};
  }
  set_verdict(engine,
              tee                 ? Verdict::tee_present
              : callee.monitor    ? Verdict::secure_monitor_present
              : callee.hypervisor ? Verdict::hypervisor_only
                                  : Verdict::none_found,
              tee || callee.monitor ? Certainty::high : Certainty::medium);
  engine.options = {
      {"Nothing on a running machine switches the secure world off; only a boot chain without it does, "
       "where the boot ROM accepts one. `quell inspect` shows what a boot image carries."}};
  std::vector<EngineStatus> out;
  out.push_back(std::move(engine));
  return out;
}

}  // namespace quell::arm
