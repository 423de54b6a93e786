// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/backup_job.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ascii.h"
#include "quell/version.h"
#include "spi/failure.h"

namespace quell::spi {
namespace {

std::string mode_name(const Protection& protection) {
  constexpr std::array<std::string_view, 4> names{"none", "hardware", "power cycle", "permanent"};
  if (!protection.described) return {};
  std::string text(names.at(static_cast<std::size_t>(protection.mode)));
  if (protection.length != 0)
    text += fmt::format(", {:#x}-{:#x}", protection.start, protection.start + protection.length - 1);
  return text;
}

// The advice of a finding, as the sentence of a message.
std::string as_sentence(std::string advice) {
  if (advice.empty()) return "Read the chip again.";
  advice.front() = upper_case(advice.front());
  return advice.ends_with('.') ? advice : advice + ".";
}

// Why such a backup is not kept, and what lifts that.
Error not_usable(const Finding& finding) {
  std::string next = as_sentence(finding.advice);
  const bool accepted = can_be_accepted(finding);
  const bool undescribed = !accepted && finding.question == Question::descriptor;
  if (undescribed)
    next += " Where the chip is the second of a pair, say which it is; where the board has no Intel chipset, say that.";
  Error error = failure("repeatable-garbage", {{"problem", problem_text(finding)}, {"next", std::move(next)}});
  if (accepted) error.lifted_by.add(Override::findings);
  if (undescribed) error.lifted_by.add(Override::no_descriptor);
  return error;
}

// Errors are put to the user; what is agreed to counts as accepted.
const Finding* unresolved(const std::vector<Finding>& findings, std::vector<std::string> accepted, Watcher& watcher) {
  for (;;) {
    const Finding* found = obstacle(findings, accepted);
    if (found == nullptr || !can_be_accepted(*found)) return found;
    if (!watcher.ask(fmt::format("The reads agree, but {}. Keep this backup all the same?", problem_text(*found)))) {
      return found;
    }
    accepted.push_back(found->id);
  }
}

}  // namespace

Manifest manifest_of(ChipAccess& access, const StableRead& read, const Wobble& wobble, const Title& title) {
  Manifest manifest;
  manifest.sha256 = to_hex(read.sha256);
  manifest.size = read.content.size();
  manifest.vendor = access.chip().vendor;
  manifest.definition = access.chip().name;
  for (const ChipDefinition& chip : access.candidates()) manifest.candidates.push_back(chip.name);
  manifest.jedec_id = access.jedec_id();
  if (read.protection.status_register)
    manifest.status_register = fmt::format("{:#04x}", *read.protection.status_register);
  manifest.protection = mode_name(read.protection);
  manifest.programmer = access.programmer().text();
  manifest.clock = read.clock;
  manifest.library = read.library;
  manifest.quell = version;
  manifest.time = utc_now();
  for (const Sha256& hash : read.hashes) manifest.reads.push_back(to_hex(hash));
  manifest.matches = read.matches;
  manifest.voted = read.voted;
  manifest.wobbling_blocks = wobble.blocks.size();
  manifest.what = title(read.content);
  return manifest;
}

Result<BackupResult> backup(ChipAccess& access, Vault& vault, const BackupOptions& options, Wobble& wobble) {
  QUELL_TRY(StableRead read, read_until_stable(access, options.reading, wobble));
  BackupResult result;
  flash::ChipContext chip = options.judging.chip;
  chip.size = access.chip().size;
  result.findings = options.judging.judge(read.content, chip);
  if (const Finding* found = unresolved(result.findings, options.judging.accepted, access.watcher())) {
    return tl::unexpected<Error>(not_usable(*found));
  }
  result.manifest = manifest_of(access, read, wobble, options.judging.title);
  if (chip.component != 0) result.manifest.role = fmt::format("component {}", chip.component);
  result.manifest.note = options.note;
  result.manifest.not_read = options.reading.unread;
  for (const Finding& finding : result.findings) {
    result.manifest.checks.push_back(fmt::format("{}: {}", finding.id, finding.title));
  }
  result.known_before = vault.has(result.manifest.sha256);
  QUELL_CHECK(vault.upgrade());
  QUELL_CHECK(vault.store(read.content));
  QUELL_CHECK(vault.describe(result.manifest));
  result.content = std::move(read.content);
  return result;
}

}  // namespace quell::spi
