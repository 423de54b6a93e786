// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed these parsers: a damaged disk, a power cut in the middle of a record, whoever can write into the vault.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "report/chip/describe.h"
#include "spi/guide_progress.h"
#include "spi/protecting.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  std::string text;
  for (const std::uint8_t byte : std::span(data, size)) text += static_cast<char>(byte);
  const spi::JournalContent journal = spi::parse_journal(text);
  static_cast<void>(spi::to_json(spi::parse_guide_progress(text)));
  static_cast<void>(spi::parse_snapshot(text));
  std::vector<spi::VaultEntry> entries;
  std::vector<spi::KnownJob> jobs;
  if (auto manifest = spi::parse_manifest(text)) entries.push_back({manifest->sha256, manifest->size, {*manifest}});
  if (auto job = spi::parse_job(text)) jobs.push_back({*job, journal, {}});
  static_cast<void>(report::chip::vault_text(entries, jobs, "v"));
  static_cast<void>(report::chip::vault_json(entries, jobs, "v"));
  return 0;
}
