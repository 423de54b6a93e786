// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/capture.h"

#include <algorithm>
#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/split.h"
#include "host/flash_controller.h"
#include "host/provenance.h"
#include "host/smbios.h"
#include "quell/version.h"

namespace quell {

using namespace host;

namespace {

// On ARM the last lines of /proc/cpuinfo name the board's serial number.
std::string without_serial(const std::string& cpuinfo) {
  std::string out;
  for (const std::string_view line : lines_of(cpuinfo)) {
    if (!line.starts_with("Serial")) out += std::string(line) + "\n";
  }
  return out;
}

// Of crypttab(5) whether the TPM unlocks a disk; not which, and not where its keys are.
std::string without_disks(const std::string& crypttab) {
  std::string out;
  for (const std::string_view line : lines_of(crypttab)) {
    const bool by_tpm = !line.starts_with('#') && line.find("tpm2-device=") != std::string_view::npos;
    if (by_tpm) out += "disk none none tpm2-device=auto\n";
  }
  return out;
}

// LAN parameters 3 (IP address) and 5 (MAC address) of a management controller, of any channel.
bool tells_an_address(std::string_view path) {
  constexpr std::string_view lan = "/quell/ipmi/ipmi0/0c02";
  if (!path.starts_with(lan) || path.size() < lan.size() + 4) return false;
  const std::string_view parameter = path.substr(lan.size() + 2, 2);
  return parameter == "03" || parameter == "05";
}

// Subsystem identifiers are a model's, not a machine's; beyond 256 bytes, where a device may have a serial number,
// nothing is read. What remains to take out:
void remove_identifiers(Entries& entries) {
  for (auto& [path, entry] : entries) {
    if (entry.kind != Entry::Kind::file) continue;
    if (path == "/proc/cpuinfo") entry.data = without_serial(entry.data);
    // Answers with the addresses of a management controller: only that there was one.
    if (tells_an_address(path)) std::fill(entry.data.begin(), entry.data.end(), '\0');
    if (path == "/etc/crypttab") entry.data = without_disks(entry.data);
    if (path == "/sys/firmware/dmi/tables/DMI") {
      const Buffer reduced = reduce_smbios(ByteView(as_bytes(entry.data)));
      std::string data;
      for (const std::byte byte : reduced) data.push_back(static_cast<char>(byte));
      entry.data = std::move(data);
    }
  }
}

std::string description(const Root& root) {
  std::string out = fmt::format("program=quell {}\n", version);
  if (root.live()) {
    const auto now = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    out += fmt::format("time={:%Y-%m-%dT%H:%M:%SZ}\n", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
    return out;
  }
  const Reading before = root.read("/quell/captured");
  for (const std::string_view line : lines_of(before.data)) {
    const bool kept = line.starts_with("time=") || line.starts_with("source=");
    if (kept) out += std::string(line) + "\n";
  }
  // What somebody put together does not become complete by being captured again.
  if (!tells_absence(root) && out.find("source=") == std::string::npos) out += "source=tree\n";
  return out;
}

}  // namespace

Entries capture(const Root& root, const CaptureOptions& options) {
  const RecordingRoot recorder(root);
  static_cast<void>(collect_status(recorder, options.status));
  Entries entries = recorder.entries();
  const std::string controller = to_text(read_flash_controller(root, options.status.deep));
  if (!controller.empty()) entries[std::string(flash_controller_file)] = {Entry::Kind::file, controller};
  if (!options.identifiers) remove_identifiers(entries);
  entries["/quell/captured"] = {Entry::Kind::file, description(root)};
  return entries;
}

}  // namespace quell
