// SPDX-License-Identifier: GPL-2.0-or-later
// One writing job as it lies in the vault: jobs/<id>/job.json says what was to be done and never changes,
// jobs/<id>/journal how far it came, jobs/<id>/closed that it ended: a damaged journal takes no such record any more.
#pragma once

#include <string>
#include <vector>

#include "spi/block_plan.h"
#include "spi/journal.h"
#include "spi/vault.h"

namespace quell::spi {

struct JobFile {
  std::string id{};
  std::string kind = "flash";  // or "restore"
  std::string time{};
  std::string base{};
  std::string target{};
  std::uint64_t size = 0;
  std::uint64_t unit_size = default_unit;
  std::vector<std::uint64_t> units{};
  std::string vendor{};
  std::string definition{};
  std::string jedec_id{};
  std::string programmer{};
  std::string name{};  // of the image, for people
};

std::string to_json(const JobFile& job);
Result<JobFile> parse_job(std::string_view json);

// A job of the vault and its diary.
struct KnownJob {
  JobFile file{};
  JournalContent journal{};
  std::filesystem::path folder{};
  std::string ending{};  // "done", "restored", "abandoned"; empty for an unfinished job
  [[nodiscard]] bool closed() const noexcept { return !ending.empty(); }
  [[nodiscard]] std::uint64_t units_done() const;
};

// Every job of the vault, oldest first; folders without a readable job.json are left out: nothing was written for them.
std::vector<KnownJob> all_jobs(const Vault& vault);
std::vector<KnownJob> unfinished_jobs(const Vault& vault);
Result<KnownJob> find_job(const Vault& vault, std::string_view id);

// Writes jobs/<id>/closed, which counts whatever the journal's state.
Result<void> close_job(const std::filesystem::path& folder, const std::string& id, const std::string& how);

// Does so for jobs whose journal says how they ended and that lack the file: the run was cut short between the two.
void finish_closings(const Vault& vault);

// Writes job.json and the first record ("opened").
Result<Journal> open_job(const Vault& vault, JobFile& job);

}  // namespace quell::spi
