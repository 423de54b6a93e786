// SPDX-License-Identifier: GPL-2.0-or-later
// What the collectors of single sources share. For src/host/ only.
#pragma once

#include "quell/host/mei.h"
#include "quell/host/pci.h"
#include "quell/host/smbios.h"
#include "quell/host/status.h"

namespace quell::host {

// What sort of machine it is; decides which sources make sense.
struct Machine {
  std::string architecture{};  // "x86_64", "aarch64"; empty when unknown
  std::string cpu_vendor{};    // "GenuineIntel"
  unsigned cpu_family = 0;
  unsigned cpu_model = 0;
  std::string microcode{};
  bool hypervisor = false;
  std::string vendor{};  // DMI or device tree
  std::string product{};
  std::vector<std::string> compatible{};  // of the device tree's root node
  std::vector<PciFunction> pci{};

  // Whether the device tree names one with this beginning.
  [[nodiscard]] bool compatible_with(std::string_view beginning) const;
};
Machine read_machine(const Root& root);

// A fact about a source.
Fact fact(std::string_view key, std::string_view label, Value value, std::string_view source,
          std::string_view privilege = "none", Confidence confidence = Confidence::live);
// Notes a source that gave nothing; absent ones are kept too.
void attempted(std::vector<Attempt>& attempts, std::string_view source, const Reading& reading);
// Puts the verdict's words into an engine.
void set_verdict(EngineStatus& engine, std::string_view id, std::string_view certainty);

// Everything about the engines of the Intel chipset.
std::vector<EngineStatus> collect_intel(const Root& root, const Machine& machine, const StatusOptions& options);
// AMD's security processor.
std::vector<EngineStatus> collect_amd(const Root& root, const Machine& machine, const StatusOptions& options);
// TrustZone: secure monitor and trusted operating systems.
std::vector<EngineStatus> collect_tee(const Root& root, const Machine& machine);
// Apple's T2 and Secure Enclave.
std::vector<EngineStatus> collect_apple(const Root& root, const Machine& machine);
// The VideoCore of a Raspberry Pi.
std::vector<EngineStatus> collect_raspberry_pi(const Root& root, const Machine& machine);

Section collect_tpm(const Root& root, bool ask);
Section collect_secure_boot(const Root& root, const Machine& machine);
Section collect_boot_guard_msr(const Root& root, const Machine& machine);
Section collect_lockdown(const Root& root);

// What a conversation with the engine found out; facts and findings go into the engine's status.
void ask_engine(const Root& root, const MeiInterface& interface, const Generation& generation, EngineStatus& engine,
                std::vector<Version>& versions);

// Findings for every advisory that matches.
void add_advisories(std::string_view product, const Version& version, bool halted, EngineStatus& engine);

// Text of a device tree property: strings end with NUL, lists have several.
std::vector<std::string> device_tree_strings(const Root& root, std::string_view path);
// A big-endian integer of a device tree property of 4 or 8 bytes.
std::optional<std::uint64_t> device_tree_number(const Root& root, std::string_view path);

inline constexpr std::string_view device_tree = "/proc/device-tree";

}  // namespace quell::host
