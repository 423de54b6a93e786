// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/backup_job.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

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

// "ask" findings are put to the user; what is agreed to counts as accepted.
const SanityFinding* unresolved(const std::vector<SanityFinding>& findings, SanityOptions options, Watcher& watcher) {
  for (;;) {
    const SanityFinding* found = obstacle(findings, options);
    if (found == nullptr || found->weight == SanityFinding::Weight::refuse) return found;
    if (!watcher.ask(
            fmt::format("The reads agree, but {} ({}). Keep this backup all the same?", found->text, found->id))) {
      return found;
    }
    options.accepted.push_back(found->id);
  }
}

}  // namespace

Manifest manifest_of(ChipAccess& access, const StableRead& read, const Wobble& wobble) {
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
  manifest.what = title_of(read.content);
  return manifest;
}

Result<BackupResult> backup(ChipAccess& access, Vault& vault, const BackupOptions& options, Wobble& wobble) {
  QUELL_TRY(StableRead read, read_until_stable(access, options.reading, wobble));
  BackupResult result;
  SanityOptions sanity = options.sanity;
  sanity.chip_size = access.chip().size;
  result.findings = check_dump(read.content, sanity);
  if (const SanityFinding* found = unresolved(result.findings, sanity, access.watcher())) {
    const std::string accept = found->weight == SanityFinding::Weight::ask
                                   ? fmt::format(" To keep it all the same say --accept {}.", found->id)
                                   : "";
    return failed("repeatable-garbage", {{"problem", found->text}, {"next", found->next + accept}});
  }
  result.manifest = manifest_of(access, read, wobble);
  if (sanity.component != 0) result.manifest.role = fmt::format("component {}", sanity.component);
  result.manifest.note = options.note;
  for (const SanityFinding& finding : result.findings) {
    result.manifest.checks.push_back(fmt::format("{}: {}", finding.id, finding.text));
  }
  result.known_before = vault.has(result.manifest.sha256);
  QUELL_CHECK(vault.store(read.content));
  QUELL_CHECK(vault.describe(result.manifest));
  result.content = std::move(read.content);
  return result;
}

}  // namespace quell::spi
