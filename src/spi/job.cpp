// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/job.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include <fmt/format.h>
#include <sys/stat.h>

#include "spi/failure.h"
#include "spi/json_fields.h"

namespace quell::spi {
namespace {

constexpr const char* schema = "quell.job/1";

}  // namespace

std::string to_json(const JobFile& job) {
  Json document;
  document["schema"] = schema;
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
  return to_text(document);
}

Result<JobFile> parse_job(std::string_view json) {
  const Json document = parse_object(json);
  if (text_field(document, "schema") != schema) return fail(Errc::damaged, "not a job of a vault");
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
  if (job.id.empty() || job.base.empty() || job.target.empty() || job.size == 0 || job.unit_size == 0) {
    return fail(Errc::damaged, "a job without its hashes or sizes");
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
    jobs.push_back({*std::move(file), parse_journal(file_text(folder.path() / "journal")), folder.path()});
  }
  std::ranges::sort(jobs, {}, [](const KnownJob& job) { return job.file.id; });
  return jobs;
}

std::vector<KnownJob> unfinished_jobs(const Vault& vault) {
  auto jobs = all_jobs(vault);
  std::erase_if(jobs, [](const KnownJob& job) { return job.journal.closed(); });
  return jobs;
}

Result<KnownJob> find_job(const Vault& vault, std::string_view id) {
  for (KnownJob& job : all_jobs(vault)) {
    if (job.file.id == id) return std::move(job);
  }
  return fail(Errc::usage, fmt::format("{}: no such job; `quell vault list` shows them", id));
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
  return journal;
}

}  // namespace quell::spi
