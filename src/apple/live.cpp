// SPDX-License-Identifier: GPL-2.0-or-later
// Apple: the T2 of Intel Macs, the Secure Enclave of Apple silicon under Asahi Linux.
#include <algorithm>

#include <fmt/format.h>

#include "apple/live.h"
#include "base/table.h"
#include "data/apple-socs.h"

namespace quell::apple {

using namespace host;

namespace {

std::string soc_name(const Machine& machine) {
  static const Table table(data::apple_socs);
  for (const auto row : table) {
    const auto& names = machine.compatible;
    if (std::find(names.begin(), names.end(), row["compatible"]) != names.end()) return std::string(row["name"]);
  }
  return {};
}

// The Secure Enclave's node lies below /soc; its address differs with the SoC.
std::string sep_node(const Root& root) {
  const std::string soc = std::string(device_tree) + "/soc";
  for (const std::string& name : root.list(soc).names) {
    if (name == "sep" || name.starts_with("sep@")) return fmt::format("{}/{}", soc, name);
  }
  return {};
}

EngineStatus t2_status(const PciFunction& bridge) {
  EngineStatus engine;
  engine.name = "T2";
  engine.title = "Apple T2";
  set_verdict(engine, Verdict::t2_present, Certainty::high);
  engine.facts.push_back(fact("driver", "driver", bridge.driver.empty() ? std::string("none bound") : bridge.driver,
                              "/sys/bus/pci/devices/" + bridge.address + "/driver"));
  Fact policy = fact("security_policy", "security policy", std::string("not full security (Linux boots)"),
                     "concluded from Linux running", "none", Freshness::inferred);
  policy.certain = false;
  engine.facts.push_back(std::move(policy));
  engine.options = {{"The T2 cannot be switched off; its policy is set in macOS recovery (Startup Security Utility)."}};
  return engine;
}

void add_boot_chain(const Root& root, EngineStatus& engine) {
  // m1n1 writes these; a device tree handed on by a boot loader freezes them.
  struct Entry {
    const char* property;
    const char* key;
    const char* label;
  };
  constexpr std::array<Entry, 6> entries = {Entry{"asahi,iboot1-version", "iboot1", "iBoot stage 1"},
                                            Entry{"asahi,system-fw-version", "system_firmware", "system firmware"},
                                            Entry{"asahi,iboot2-version", "iboot2", "iBoot stage 2"},
                                            Entry{"asahi,os-fw-version", "os_firmware", "firmware of this system"},
                                            Entry{"asahi,m1n1-stage1-version", "m1n1_stage1", "m1n1 stage 1"},
                                            Entry{"asahi,m1n1-stage2-version", "m1n1_stage2", "m1n1 stage 2"}};
  for (const Entry& entry : entries) {
    const std::string path = fmt::format("{}/chosen/{}", device_tree, entry.property);
    const std::string text = root.read(path).text();
    if (!text.empty()) engine.facts.push_back(fact(entry.key, entry.label, text, path, "none", Freshness::snapshot));
  }
}

EngineStatus sep_status(const Root& root, const Machine& machine) {
  EngineStatus engine;
  engine.name = "secure enclave";
  const std::string soc = soc_name(machine);
  engine.title = "Apple Secure Enclave" + (soc.empty() ? std::string() : " (" + soc + ")");
  set_verdict(engine, Verdict::sep_running, Certainty::high);
  if (const std::string node = sep_node(root); !node.empty()) {
    const std::string status = root.read(node + "/status").text();
    engine.facts.push_back(fact(
        "sep_node", "in the device tree",
        status.empty() || status == "okay" ? std::string("yes") : "yes, status " + status + " (Linux does not use it)",
        node));
  }
  add_boot_chain(root, engine);
  engine.facts.push_back(fact("boot_policy", "boot policy of this system", std::string("permissive"),
                              "m1n1 starts Linux only under it", "none", Freshness::inferred));
  engine.options = {
      {"Nothing on an Apple machine can be switched off by flashing; the boot policy is set with bputil in macOS."}};
  return engine;
}

}  // namespace

std::vector<EngineStatus> live(const Root& root, const Machine& machine) {
  std::vector<EngineStatus> out;
  if (const PciFunction* bridge = machine.apple_bridge()) out.push_back(t2_status(*bridge));
  if (machine.compatible_with("apple,")) out.push_back(sep_status(root, machine));
  return out;
}

}  // namespace quell::apple
