// SPDX-License-Identifier: GPL-2.0-or-later
// UEFI Secure Boot, the Boot Guard register of the processor, kernel lockdown.
#include <fmt/format.h>

#include "base/bits.h"
#include "host/sections.h"

namespace quell::host {
namespace {

// An efivars file: u32 attributes, then the data. Gives the first data byte.
std::optional<unsigned> efi_byte(const Root& root, const std::string& name, Section& section) {
  constexpr std::string_view global = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
  const std::string path = fmt::format("/sys/firmware/efi/efivars/{}-{}", name, global);
  const Reading reading = root.read(path, 64);
  if (!reading.ok()) {
    attempted(section.attempts, path, reading);
    return std::nullopt;
  }
  const auto value = ByteView(reading.bytes()).u8(4);
  if (!value) return std::nullopt;
  section.facts.push_back(fact(name, name, std::uint64_t{*value}, path));
  return *value;
}

}  // namespace

Section collect_secure_boot(const Root& root, const Machine& machine) {
  Section section{"secure_boot", "Secure Boot", {}, {}, {}};
  if (!root.exists("/sys/firmware/efi")) {
    section.summary = machine.compatible.empty() ? "no UEFI runtime (legacy boot, or none)" : "no UEFI on this machine";
    return section;
  }
  const auto enabled = efi_byte(root, "SecureBoot", section);
  const auto setup = efi_byte(root, "SetupMode", section);
  if (!enabled) {
    section.summary = "unknown";
  } else if (setup.value_or(0) == 1) {
    section.summary = "setup mode: no platform key, not enforcing";
  } else {
    section.summary = *enabled == 1 ? "enforcing, as the firmware claims" : "off, keys present";
  }
  return section;
}

Section collect_boot_guard_msr(const Root& root, const Machine& machine) {
  Section section{"boot_guard_msr", "Boot Guard (processor register 0x13a)", {}, {}, {}};
  const std::string path = "/quell/msr/0000013a";
  if (machine.cpu_vendor != "GenuineIntel" || machine.hypervisor) {
    section.summary = "does not apply";
    return section;
  }
  const Reading reading = root.read(path, 8);
  const auto low = ByteView(reading.bytes()).u32(0);
  const auto high = ByteView(reading.bytes()).u32(4);
  if (!reading.ok() || !low || !high) {
    attempted(section.attempts, "/dev/cpu/0/msr at 0x13a", reading);
    section.summary = reading.reach == Reach::denied   ? "unknown: run as root"
                      : reading.reach == Reach::absent ? "unknown: no such register, or the msr module is not loaded"
                                                       : "unknown: " + reading.reason;
    return section;
  }
  const auto add = [&](const char* key, const char* label, bool value) {
    section.facts.push_back(fact(key, label, value, "/dev/cpu/0/msr at 0x13a", "root"));
  };
  const bool forced = bits(*low, 4, 4) != 0;
  const bool measured = bits(*low, 5, 5) != 0;
  const bool verified = bits(*low, 6, 6) != 0;
  add("nem_enabled", "cache as RAM set up by the ACM", bits(*low, 0, 0) != 0);
  add("force_anchor", "ACM forced", forced);
  add("measured_boot", "measured boot", measured);
  add("verified_boot", "verified boot", verified);
  add("capable", "Boot Guard capability", bits(*high, 0, 0) != 0);
  // Bit 32 clear is no proof of absence: a machine with Boot Guard reads 0 in one public report.
  section.summary = verified   ? (forced ? "verified boot, enforced" : "verified boot")
                    : measured ? "measured boot"
                               : "not used, as far as this register shows";
  return section;
}

Section collect_lockdown(const Root& root) {
  Section section{"lockdown", "Kernel lockdown", {}, {}, {}};
  const std::string path = "/sys/kernel/security/lockdown";
  const Reading reading = root.read(path, 256);
  const std::string text = reading.text();
  const auto open = text.find('[');
  const auto close = text.find(']');
  if (!reading.ok() || open == std::string::npos || close == std::string::npos || close < open) {
    attempted(section.attempts, path, reading);
    section.summary = reading.reach == Reach::absent ? "none (no lockdown module)" : "unknown";
    return section;
  }
  section.summary = text.substr(open + 1, close - open - 1);
  section.facts.push_back(fact("mode", "mode", section.summary, path));
  return section;
}

}  // namespace quell::host
