// SPDX-License-Identifier: GPL-2.0-or-later
// UEFI Secure Boot, kernel lockdown.
#include <fmt/format.h>

#include "host/provenance.h"
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
    section.summary = !tells_absence(root)         ? std::string(not_told)
                      : machine.compatible.empty() ? "no UEFI runtime (legacy boot, or none)"
                                                   : "no UEFI on this machine";
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

Section collect_lockdown(const Root& root) {
  Section section{"lockdown", "Kernel lockdown", {}, {}, {}};
  const std::string path = "/sys/kernel/security/lockdown";
  const Reading reading = root.read(path, 256);
  const std::string text = reading.text();
  const auto open = text.find('[');
  const auto close = text.find(']');
  if (!reading.ok() || open == std::string::npos || close == std::string::npos || close < open) {
    attempted(section.attempts, path, reading);
    section.summary = reading.reach != Reach::absent ? "unknown"
                      : tells_absence(root)          ? "none (no lockdown module)"
                                                     : std::string(not_told);
    return section;
  }
  section.summary = text.substr(open + 1, close - open - 1);
  section.facts.push_back(fact("mode", "mode", section.summary, path));
  return section;
}

}  // namespace quell::host
