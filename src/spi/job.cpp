// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/job.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include <fmt/format.h>
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include "quell/mapped_file.h"
#include "spi/failure.h"

namespace quell::spi {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* schema = "quell.job/1";

std::string slurp(const std::filesystem::path& path) {
  const auto file = MappedFile::copy(path);
  if (!file) return {};
  std::string text(file->bytes().size(), '\0');
  std::ranges::transform(file->bytes(), text.begin(), [](std::byte byte) { return static_cast<char>(byte); });
  return text;
}

std::string text(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
}

std::uint64_t number(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

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
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<JobFile> parse_job(std::string_view json) {
  const Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded() || !document.is_object() || text(document, "schema") != schema) {
    return fail(Errc::damaged, "not a job of a vault");
  }
  JobFile job;
  job.id = text(document, "id");
  job.kind = text(document, "kind");
  job.time = text(document, "time");
  job.base = text(document, "base");
  job.target = text(document, "target");
  job.size = number(document, "size");
  job.unit_size = number(document, "unit_size");
  job.vendor = text(document, "vendor");
  job.definition = text(document, "definition");
  job.jedec_id = text(document, "jedec_id");
  job.programmer = text(document, "programmer");
  job.name = text(document, "name");
  const auto units = document.find("units");
  if (units != document.end() && units->is_array()) {
    for (const Json& unit : *units) {
      if (unit.is_number_unsigned()) job.units.push_back(unit.get<std::uint64_t>());
    }
  }
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
    auto file = parse_job(slurp(folder.path() / "job.json"));
    if (!file) continue;
    jobs.push_back({*std::move(file), parse_journal(slurp(folder.path() / "journal")), folder.path()});
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
