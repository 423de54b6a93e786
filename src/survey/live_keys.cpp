// SPDX-License-Identifier: GPL-2.0-or-later
// A file of efivars: u32 attributes, then the variable.
#include "survey/live_keys.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/words.h"
#include "uefi/secure_boot.h"

namespace quell {
namespace {

constexpr std::uint64_t attributes_size = 4;
constexpr std::size_t largest_list = std::size_t{1} << 20U;

struct Source {
  const char* name;
  const char* label;
  const char* path;
};
constexpr std::array<Source, 4> sources{{
    {"PK", "platform key", "/sys/firmware/efi/efivars/PK-8be4df61-93ca-11d2-aa0d-00e098032b8c"},
    {"KEK", "key exchange keys", "/sys/firmware/efi/efivars/KEK-8be4df61-93ca-11d2-aa0d-00e098032b8c"},
    {"db", "allowed", "/sys/firmware/efi/efivars/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f"},
    {"dbx", "forbidden", "/sys/firmware/efi/efivars/dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f"},
}};

std::string names_of(const uefi::KeyList& list) {
  std::string out;
  for (const uefi::KnownCertificate& one : list.certificates) {
    out += (out.empty() ? "" : "; ") + (one.whose.empty() ? one.subject : one.whose);
    if (one.test_key) out += " (a public TEST key)";
  }
  if (!list.hashes.empty()) {
    out += fmt::format("{}{} hashes", out.empty() ? "" : "; ", list.hashes.size());
    if (!list.newest.empty()) out += fmt::format(", newest of {}", list.newest);
  }
  return out.empty() ? "empty" : out;
}

}  // namespace

void describe_live_keys(const host::Root& root, HostStatus& status) {
  const auto section = std::ranges::find(status.sections, "secure_boot", &host::Section::key);
  if (section == status.sections.end()) return;
  uefi::SecureBoot keys;
  for (const Source& source : sources) {
    const host::Reading reading = root.read(source.path, largest_list);
    if (!reading.ok() || reading.bytes().size() <= attributes_size) continue;
    const ByteView content = ByteView(reading.bytes()).clip(Range::between(attributes_size, reading.bytes().size()));
    keys.variables.push_back(uefi::read_key_list(source.name, "variable", ByteView(content.bytes())));
    section->facts.push_back(host::fact(source.name, source.label, names_of(keys.variables.back()), source.path));
  }
  for (Finding& finding : uefi::judge(keys)) {
    finding.range.reset();
    status.findings.push_back(std::move(finding));
  }
}

}  // namespace quell
