// SPDX-License-Identifier: GPL-2.0-or-later
// What the chip commands print: text for people, JSON (schema quell/2) for programs.
#pragma once

#include <string>

#include "spi/access.h"
#include "spi/backup_job.h"
#include "spi/flash_job.h"
#include "spi/job.h"
#include "spi/vault_check.h"

namespace quell::report::chip {

std::string probe_text(const spi::ChipIdentity& identity, const spi::Protection& protection,
                       const std::string& library);
std::string probe_json(const spi::ChipIdentity& identity, const spi::Protection& protection,
                       const std::string& library);

// Where reads wobbled, by region of `content` (which may be empty), worst blocks first.
std::string wobble_text(const spi::Wobble& wobble, Bytes content, std::uint64_t chip_size);

std::string backup_text(const spi::BackupResult& result, const std::string& place);
std::string backup_json(const spi::BackupResult& result, const spi::Wobble& wobble, const std::string& place);

std::string plan_text(const spi::BlockPlan& plan, const std::string& chip, std::uint64_t clock);
std::string flash_json(const spi::FlashResult& result);

std::string vault_text(const std::vector<spi::VaultEntry>& entries, const std::vector<spi::KnownJob>& jobs,
                       const std::string& place);
// What `quell vault verify` found.
std::string check_json(const spi::VaultReport& report, const std::string& vault);
std::string vault_json(const std::vector<spi::VaultEntry>& entries, const std::vector<spi::KnownJob>& jobs,
                       const std::string& place);

}  // namespace quell::report::chip
