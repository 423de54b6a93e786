// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "uefi/secure_boot.h"

namespace quell::uefi {
namespace {

constexpr std::string_view test_key_advice =
    "ask the maker of the board for firmware with a key of its own, or put your own keys in its place";

std::string_view where_text(bool live) { return live ? "the variables" : "the factory defaults"; }

Finding finding(std::string_view id, Severity severity, std::string title, std::string detail, std::string advice,
                const KeyList* list) {
  Finding out{.id = std::string(id),
              .question = Question::access,
              .severity = severity,
              .title = std::move(title),
              .detail = std::move(detail),
              .advice = std::move(advice)};
  if (list != nullptr && !list->range.empty()) out.range = list->range;
  return out;
}

std::string_view test_key_id(std::string_view list) {
  if (list == "PK") return "uefi.pk.test-key";
  return list == "KEK" ? "uefi.kek.test-key" : "uefi.db.test-key";
}

void judge_test_keys(std::vector<Finding>& out, const KeyList& list, bool live) {
  const auto test = [](const KnownCertificate& one) { return one.test_key; };
  const auto holds = std::ranges::find_if(list.certificates, test);
  const auto signer = std::ranges::find_if(list.signers, test);
  const bool inside = holds != list.certificates.end();
  if (!inside && signer == list.signers.end()) return;
  const KnownCertificate& one = inside ? *holds : *signer;
  Finding found = finding(
      test_key_id(list.name), Severity::warning,
      inside ? fmt::format("{} in {} is a public test key", list.name, where_text(live))
             : fmt::format("{} in {} is signed with a public test key", list.name, where_text(live)),
      fmt::format("{} ({}), SHA-256 {}, serial {}. Whoever has the private half, which is public, can sign what this "
                  "machine then trusts{}.",
                  one.subject, list.source, to_hex(one.sha256), one.serial,
                  live ? "" : ", once the factory keys are restored or the variables are cleared"),
      std::string(test_key_advice), &list);
  found.references = {"CVE-2024-8105", "VU#455367", "BRLY-2024-005"};
  out.push_back(std::move(found));
}

void judge_db(std::vector<Finding>& out, const KeyList& list, bool live) {
  const auto of_year = [](const KnownCertificate& one, std::string_view year) {
    return one.whose.starts_with("Microsoft") || one.whose.starts_with("Windows") ? one.not_before.starts_with(year)
                                                                                  : false;
  };
  bool old = false;
  bool renewed = false;
  for (const KnownCertificate& one : list.certificates) {
    old = old || of_year(one, "2011");
    renewed = renewed || of_year(one, "2023");
  }
  if (old && !renewed) {
    out.push_back(finding(
        list.name == "KEK" ? "uefi.kek.2011-only" : "uefi.db.2011-only", Severity::info,
        fmt::format("{} in {} has Microsoft's keys of 2011 only", list.name, where_text(live)),
        "They ended in 2026. The machine still starts what is signed; it takes no new updates of db and dbx, and no "
        "loader that is signed with the keys of 2023 alone.",
        "an update of the firmware or of the operating system brings the keys of 2023", &list));
  }
}

void judge_dbx(std::vector<Finding>& out, const KeyList& list, bool live) {
  if (list.hashes.empty()) {
    out.push_back(finding("uefi.dbx.empty", Severity::info,
                          fmt::format("the list of forbidden programs in {} is empty", where_text(live)),
                          "dbx holds no entry: loaders that are known to be broken still start.",
                          "a current operating system fills it, or `fwupdmgr update`", &list));
    return;
  }
  if (list.missing == 0) return;
  out.push_back(finding(
      "uefi.dbx.old", Severity::info, fmt::format("the list of forbidden programs in {} is old", where_text(live)),
      fmt::format("dbx has {} hashes{}; {} of the {} that Microsoft publishes for x64 are missing.", list.hashes.size(),
                  list.newest.empty() ? std::string() : fmt::format(", the newest was published on {}", list.newest),
                  list.missing, list.published),
      "a current operating system fills it, or `fwupdmgr update`", &list));
}

void judge_list(std::vector<Finding>& out, const KeyList& list, bool live) {
  judge_test_keys(out, list, live);
  if (list.name == "db" || list.name == "KEK") judge_db(out, list, live);
  if (list.name == "dbx") judge_dbx(out, list, live);
}

}  // namespace

std::vector<Finding> judge(const SecureBoot& keys) {
  std::vector<Finding> out;
  for (const KeyList& list : keys.variables) judge_list(out, list, true);
  for (const KeyList& list : keys.defaults) judge_list(out, list, false);
  if (keys.readable && keys.find("PK") == nullptr) {
    out.push_back(finding("uefi.pk.absent", Severity::info, "Secure Boot has no platform key",
                          "The variables hold no PK: the machine is in setup mode, where anybody may put keys in.", "",
                          nullptr));
  }
  if (keys.enabled && !*keys.enabled) {
    out.push_back(finding("uefi.secure-boot.off", Severity::info, "Secure Boot is switched off",
                          "The variable SecureBootEnable is 0.", "", nullptr));
  }
  return out;
}

}  // namespace quell::uefi
