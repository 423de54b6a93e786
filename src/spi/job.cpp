// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/job.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include <fmt/format.h>
#include <sys/stat.h>

#include "spi/failure.h"
#include "spi/sealed.h"
#include "spi/vault_files.h"

namespace quell::spi {
namespace {

constexpr const char* schema_name = "quell.job";
constexpr const char* closing_name = "quell.job-closed";
constexpr std::uint64_t smallest_unit = 4096, largest_unit = 0x40000, largest_chip = std::uint64_t{1} << 32U;

// Sizes that another part of the program will trust.
bool fits(const JobFile& job) {
  if (job.size == 0 || job.size > largest_chip || job.unit_size < smallest_unit || job.unit_size > largest_unit ||
      job.unit_size % smallest_unit != 0) {
    return false;
  }
  return std::ranges::all_of(job.units,
                             [&](std::uint64_t unit) { return unit < job.size && unit % job.unit_size == 0; });
}

}  // namespace

std::string to_json(const JobFile& job) {
  Json document;
  document["schema"] = fmt::format("{}/2", schema_name);
  document["id"] = job.id;
  document["kind"] = job.kind;
  document["time"] = job.time;
  document["base"] = job.base;
  document["target"] = job.target;
  document["size"] = job.size;
  document["unit_size"] = job.unit_size;
  document["units"] = job.units;
  document["vendor"] = job.vendor;
  document["definition"] = job.definition;
  document["jedec_id"] = job.jedec_id;
  document["programmer"] = job.programmer;
  document["name"] = job.name;
  return sealed_text(std::move(document));
}

Result<JobFile> parse_job(std::string_view json) {
  QUELL_TRY(const Json document, open_sealed(json, schema_name));
  JobFile job;
  job.id = text_field(document, "id");
  job.kind = text_field(document, "kind");
  job.time = text_field(document, "time");
  job.base = text_field(document, "base");
  job.target = text_field(document, "target");
  job.size = number_field(document, "size");
  job.unit_size = number_field(document, "unit_size");
  job.vendor = text_field(document, "vendor");
  job.definition = text_field(document, "definition");
  job.jedec_id = text_field(document, "jedec_id");
  job.programmer = text_field(document, "programmer");
  job.name = text_field(document, "name");
  job.units = number_fields(document, "units");
  if (job.id.empty() || job.base.empty() || job.target.empty() || !fits(job)) {
    return fail(Errc::damaged, "a job without its hashes, or with sizes that no chip has");
  }
  return job;
}

std::uint64_t KnownJob::units_done() const {
  std::set<std::string> done;
  for (const Record& record : journal.records) {
    if (record.type == "unit-done") done.insert(record.payload);
  }
  return done.size();
}

std::vector<KnownJob> all_jobs(const Vault& vault) {
  std::vector<KnownJob> jobs;
  std::error_code problem;
  for (const auto& folder : std::filesystem::directory_iterator(vault.jobs(), problem)) {
    auto file = parse_job(file_text(folder.path() / "job.json"));
    if (!file) continue;
    KnownJob job{*std::move(file), parse_journal(file_text(folder.path() / "journal")), folder.path()};
    const auto closing = open_sealed(file_text(folder.path() / "closed"), closing_name);
    if (closing && text_field(*closing, "job") == job.file.id) job.ending = text_field(*closing, "how");
    if (job.ending.empty() && job.journal.closed()) job.ending = job.journal.records.back().payload;
    jobs.push_back(std::move(job));
  }
  std::ranges::sort(jobs, {}, [](const KnownJob& job) { return job.file.id; });
  return jobs;
}

std::vector<KnownJob> unfinished_jobs(const Vault& vault) {
  auto jobs = all_jobs(vault);
  std::erase_if(jobs, [](const KnownJob& job) { return job.closed(); });
  return jobs;
}

Result<KnownJob> find_job(const Vault& vault, std::string_view id) {
  for (KnownJob& job : all_jobs(vault)) {
    if (job.file.id == id) return std::move(job);
  }
  return fail(Errc::usage, fmt::format("{}: no such job; `quell vault list` shows them", id));
}

Result<void> close_job(const std::filesystem::path& folder, const std::string& id, const std::string& how) {
  const std::filesystem::path file = folder / "closed";
  std::error_code problem;
  if (std::filesystem::exists(file, problem)) {
    if (open_sealed(file_text(file), closing_name)) return {};
    std::filesystem::remove(file, problem);
  }
  Json document;
  document["schema"] = fmt::format("{}/2", closing_name);
  document["job"] = id;
  document["how"] = how;
  document["time"] = utc_now();
  const std::string text = sealed_text(std::move(document));
  return write_once(file, as_bytes(text));
}

void finish_closings(const Vault& vault) {
  for (const KnownJob& job : all_jobs(vault)) {
    std::error_code problem;
    const bool lacks = !std::filesystem::exists(job.folder / "closed", problem) && !problem;
    // Where it fails, the journal's word counts as before.
    if (job.closed() && lacks) static_cast<void>(close_job(job.folder, job.file.id, job.ending));
  }
}

Result<Journal> open_job(const Vault& vault, JobFile& job) {
  job.time = utc_now();
  std::string stamp = job.time;
  std::erase_if(stamp, [](char c) { return c == ':' || c == '-'; });
  job.id = fmt::format("{}-{}", stamp, random_name().substr(0, 6));
  const std::filesystem::path folder = vault.jobs() / job.id;
  const auto describe = [](const Error& error) { return failure("backup-not-saved", {{"reason", error.message}}); };
  if (::mkdir(folder.c_str(), 0700) != 0) {
    return tl::unexpected<Error>(
        describe(Error{Errc::io, fmt::format("{}: {}", folder.string(), std::strerror(errno)), {}}));
  }
  const std::string json = to_json(job);
  if (auto written = write_once(folder / "job.json", as_bytes(json)); !written) {
    return tl::unexpected<Error>(describe(written.error()));
  }
  auto journal = Journal::create(folder / "journal");
  if (!journal) return tl::unexpected<Error>(describe(journal.error()));
  if (auto opened = journal->append("opened", job.kind); !opened)
    return tl::unexpected<Error>(describe(opened.error()));
  // Last: what the index lists has both of its files.
  if (auto noted = vault.note("job", job.id); !noted) return tl::unexpected<Error>(describe(noted.error()));
  return journal;
}

}  // namespace quell::spi
