// SPDX-License-Identifier: GPL-2.0-or-later
// The operating system beside the engines: os-release(5), the drivers that talk to an engine, crypttab(5).
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/split.h"
#include "host/provenance.h"
#include "host/sections.h"

namespace quell::host {
namespace {

// The value of NAME=value or NAME="value" in the text; empty when there is none.
std::string value_of(std::string_view text, std::string_view name) {
  for (std::string_view line : lines_of(text)) {
    if (!line.starts_with(name) || line.substr(name.size(), 1) != "=") continue;
    line.remove_prefix(name.size() + 1);
    if (line.size() >= 2 && (line.front() == '"' || line.front() == '\'') && line.back() == line.front())
      line = line.substr(1, line.size() - 2);
    return std::string(line);
  }
  return {};
}

// Kernel modules that talk to an engine.
std::vector<std::string> drivers(const Root& root) {
  constexpr std::array<std::string_view, 8> known{"mei_me", "mei_txe",      "mei_gsc", "issei",
                                                  "ccp",    "ipmi_devintf", "optee",   "qcomtee"};
  std::vector<std::string> out;
  for (const std::string_view name : known) {
    if (root.exists(fmt::format("/sys/module/{}", name))) out.emplace_back(name);
  }
  return out;
}

void add_unlocking(const Root& root, Section& section) {
  constexpr std::string_view path = "/etc/crypttab";
  const Reading table = root.read(path, std::size_t{1} << 16U);
  if (!table.ok()) return attempted(section.attempts, path, table);
  std::size_t by_tpm = 0;
  for (const std::string_view line : lines_of(table.data)) {
    if (!line.starts_with('#') && line.find("tpm2-device=") != std::string_view::npos) ++by_tpm;
  }
  section.facts.push_back(fact("tpm_unlocks", "disks that the TPM unlocks", std::uint64_t{by_tpm}, path));
}

}  // namespace

Section collect_system(const Root& root, bool deep) {
  Section section{"system", "Operating system", std::string(not_told), {}, {}};
  constexpr std::string_view path = "/etc/os-release";
  const Reading release = root.read(path);
  if (release.ok()) {
    const std::string id = value_of(release.data, "ID");
    const std::string name = value_of(release.data, "PRETTY_NAME");
    if (!id.empty() || !name.empty()) section.summary = name.empty() ? id : name;
    if (!id.empty()) section.facts.push_back(fact("distribution", "distribution", id, path));
  } else {
    attempted(section.attempts, path, release);
  }
  if (const auto loaded = drivers(root); !loaded.empty())
    section.facts.push_back(fact("drivers", "drivers that talk to an engine", loaded, "/sys/module"));
  if (deep) add_unlocking(root, section);
  return section;
}

}  // namespace quell::host
