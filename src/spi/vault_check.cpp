// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/vault_check.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include <fmt/format.h>

#include "spi/job.h"
#include "spi/sealed.h"
#include "spi/vault_files.h"

namespace quell::spi {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view version_text = "quell vault 2\n";

struct Index {
  bool present = false;
  JournalContent content{};
  std::set<std::string> manifests{}, jobs{};
};

Index read_index(const Vault& vault) {
  Index index;
  std::error_code problem;
  const fs::path file = vault.path() / "index";
  index.present = fs::exists(file, problem);
  index.content = parse_journal(file_text(file));
  for (const Record& record : index.content.records)
    (record.type == "job" ? index.jobs : index.manifests).insert(record.payload);
  return index;
}

// The names in a folder of the vault, sorted.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

class Checker {
 public:
  explicit Checker(const Vault& vault) : vault_(vault), index_(read_index(vault)) {}

  VaultReport run() {
    if (vault_.version() == 0) problem("VERSION is missing or damaged");
    if (old() && index_.present) problem("VERSION is that of an older vault: damaged, or an upgrade was cut short");
    if (vault_.version() == 2 || index_.present) check_index();
    check_objects();
    check_manifests();
    for (const std::string& name : names_in(vault_.jobs())) check_job(name);
    return std::move(report_);
  }

 private:
  void problem(std::string text) { report_.problems.push_back(std::move(text)); }
  void note(std::string text) { report_.notes.push_back(std::move(text)); }
  [[nodiscard]] bool exists(const fs::path& path) const {
    std::error_code ignored;
    return fs::exists(vault_.path() / path, ignored);
  }
  // Vaults of the first version have one copy of each object, and no index.
  [[nodiscard]] bool old() const { return vault_.version() == 1; }

  void check_index() {
    if (!index_.present) return problem("index is missing");
    const bool damaged = index_.content.damaged || index_.content.tail_damaged;
    if (damaged) problem("index is damaged: it cannot tell any more what should be there");
    if (index_.content.torn && !damaged) note("index ends in half a line, as after a power cut");
    for (const std::string& name : index_.manifests) {
      if (!exists(fs::path("manifests") / name)) problem(fmt::format("manifests/{} is missing", name));
    }
    for (const std::string& name : index_.jobs) {
      for (const char* file : {"job.json", "journal"}) {
        if (!exists(fs::path("jobs") / name / file)) problem(fmt::format("jobs/{}/{} is missing", name, file));
      }
    }
  }

  void check_objects() {
    const auto entries = vault_.list();
    if (!entries) return problem(entries.error().message);
    for (const VaultEntry& entry : *entries) {
      ++report_.objects;
      for (const std::string_view folder : copy_folders) {
        if (old() && folder != copy_folders.front()) continue;
        const fs::path file = copy_path({}, folder, entry.sha256);
        if (!exists(file)) {
          problem(fmt::format("{} is missing", file.string()));
        } else if (!holds(vault_.path() / file, entry.sha256)) {
          problem(fmt::format("{} does not match its name", file.string()));
        }
      }
      if (!vault_.load(entry.sha256)) problem(fmt::format("object {} is lost: no copy of it is whole", entry.sha256));
      if (entry.manifests.empty()) note(fmt::format("object {}: nothing is noted about it", entry.sha256));
    }
  }

  void check_manifests() {
    for (const std::string& object : names_in(vault_.path() / "manifests")) {
      if (!vault_.has(object)) problem(fmt::format("manifests/{}: there is no such object", object));
      for (const std::string& file : names_in(vault_.path() / "manifests" / object)) {
        if (file.starts_with(".tmp-")) continue;
        ++report_.manifests;
        const auto manifest = parse_manifest(file_text(vault_.path() / "manifests" / object / file));
        if (!manifest || manifest->sha256 != object) problem(fmt::format("manifests/{}/{} is damaged", object, file));
      }
    }
  }

  void check_job(const std::string& name) {
    const fs::path folder = vault_.jobs() / name;
    const bool listed = index_.jobs.contains(name);
    const auto file = parse_job(file_text(folder / "job.json"));
    ++report_.jobs;
    if (!file || file->id != name) {
      const bool begun = listed || exists(fs::path("jobs") / name / "journal");
      if (!begun) return note(fmt::format("jobs/{} was never begun", name));
      if (exists(fs::path("jobs") / name / "job.json")) problem(fmt::format("jobs/{}/job.json is damaged", name));
      return;
    }
    const JournalContent journal = parse_journal(file_text(folder / "journal"));
    if (journal.damaged || journal.tail_damaged || (journal.torn && !file_text(folder / "closed").empty()))
      problem(fmt::format("jobs/{}/journal is damaged", name));
    check_closing(name, *file, journal);
    for (const auto& [what, hash] : {std::pair("go back to", file->base), std::pair("write", file->target)}) {
      if (!vault_.has(hash)) problem(fmt::format("job {}: the content to {} is missing ({})", name, what, hash));
    }
  }

  void check_closing(const std::string& name, const JobFile& file, const JournalContent& journal) {
    const std::string closing = file_text(vault_.jobs() / name / "closed");
    if (!closing.empty()) {
      const auto read = open_sealed(closing, "quell.job-closed");
      if (!read || text_field(*read, "job") != file.id) problem(fmt::format("jobs/{}/closed is damaged", name));
    } else if (journal.closed() && index_.jobs.contains(name)) {
      problem(fmt::format("jobs/{}/closed is missing", name));
    }
  }

  const Vault& vault_;
  Index index_;
  VaultReport report_{};
};

class Mender {
 public:
  explicit Mender(Vault& vault) : vault_(vault) {}

  Result<RepairReport> run() {
    QUELL_CHECK(make_folder(vault_.path() / "lost"));
    if (vault_.version() != 2) {
      QUELL_CHECK(vault_.upgrade());
      report_.mended.emplace_back("VERSION");
    }
    QUELL_CHECK(mend_objects());
    QUELL_CHECK(sort_manifests());
    QUELL_CHECK(sort_jobs());
    QUELL_CHECK(rewrite_index());
    return std::move(report_);
  }

 private:
  // Out of the way, under a name that is free.
  Result<void> put_away(const fs::path& file, std::string what) {
    const fs::path target = vault_.path() / "lost" / fmt::format("{}-{}", random_name(), file.filename().string());
    std::error_code problem;
    fs::rename(file, target, problem);
    if (problem) return fail(Errc::io, fmt::format("{}: {}", file.string(), problem.message()));
    report_.lost.push_back(std::move(what));
    return {};
  }

  Result<void> mend_objects() {
    QUELL_TRY(const auto entries, vault_.list());
    for (const VaultEntry& entry : entries) {
      const auto content = vault_.load(entry.sha256);
      if (!content) {
        for (const std::string_view folder : copy_folders) {
          const fs::path file = copy_path(vault_.path(), folder, entry.sha256);
          std::error_code problem;
          if (fs::exists(file, problem))
            QUELL_CHECK(put_away(file, fmt::format("object {}: no copy of it is whole", entry.sha256)));
        }
        continue;
      }
      const bool whole = std::ranges::all_of(copy_folders, [&](std::string_view folder) {
        return holds(copy_path(vault_.path(), folder, entry.sha256), entry.sha256);
      });
      if (whole) continue;
      QUELL_CHECK(vault_.store(*content));
      report_.mended.push_back(fmt::format("object {}", entry.sha256));
    }
    return {};
  }

  Result<void> sort_manifests() {
    for (const std::string& object : names_in(vault_.path() / "manifests")) {
      for (const std::string& name : names_in(vault_.path() / "manifests" / object)) {
        const fs::path file = vault_.path() / "manifests" / object / name;
        const auto manifest = parse_manifest(file_text(file));
        if (manifest && manifest->sha256 == object && vault_.has(object)) continue;
        QUELL_CHECK(put_away(file, fmt::format("what was noted in manifests/{}/{}", object, name)));
      }
      std::error_code problem;
      fs::remove(vault_.path() / "manifests" / object, problem);  // only an empty one goes
    }
    return {};
  }

  Result<void> sort_jobs() {
    const auto known = all_jobs(vault_);
    for (const std::string& name : names_in(vault_.jobs())) {
      const auto job = std::ranges::find(known, name, [](const KnownJob& one) { return one.file.id; });
      if (job == known.end()) {
        QUELL_CHECK(put_away(vault_.jobs() / name, fmt::format("job {}: what it was is not known any more", name)));
        continue;
      }
      const bool empty_journal = job->journal.records.empty();
      if (job->closed() && (job->journal.damaged || empty_journal || job->journal.torn)) {
        QUELL_CHECK(put_away(job->folder, fmt::format("the diary of job {}, which had ended ({})", name, job->ending)));
      } else if (job->closed()) {
        QUELL_CHECK(close_job(job->folder, name, job->ending));
      } else if (job->journal.damaged || empty_journal) {
        report_.lost.push_back(fmt::format(
            "the diary of the unfinished job {}: finish it with the same image, go back, or close it", name));
      }
    }
    return {};
  }

  Result<void> rewrite_index() {
    std::set<std::string> manifests, jobs;
    for (const std::string& object : names_in(vault_.path() / "manifests")) {
      for (const std::string& name : names_in(vault_.path() / "manifests" / object))
        manifests.insert(fmt::format("{}/{}", object, name));
    }
    for (const std::string& name : names_in(vault_.jobs())) jobs.insert(name);
    const Index now = read_index(vault_);
    if (now.present && !now.content.damaged && !now.content.torn && now.manifests == manifests && now.jobs == jobs)
      return {};
    if (now.present && (now.content.damaged || now.content.torn)) {
      QUELL_CHECK(put_away(vault_.path() / "index", "lines of the index"));
    } else {
      std::error_code problem;
      for (const std::string& name : now.manifests) {
        if (!manifests.contains(name)) report_.lost.push_back(fmt::format("manifests/{}", name));
      }
      fs::remove(vault_.path() / "index", problem);
    }
    for (const std::string& name : manifests) QUELL_CHECK(vault_.note("manifest", name));
    for (const std::string& name : jobs) QUELL_CHECK(vault_.note("job", name));
    report_.mended.emplace_back("index");
    return {};
  }

  Vault& vault_;
  RepairReport report_{};
};

}  // namespace

VaultReport check_vault(const Vault& vault) { return Checker(vault).run(); }

Result<RepairReport> repair_vault(Vault& vault) { return Mender(vault).run(); }

Result<void> Vault::upgrade() {
  if (version_ == 2) return {};
  QUELL_CHECK(make_folder(path_ / "copies"));
  QUELL_TRY(const auto entries, list());
  for (const VaultEntry& found : entries) {
    const auto content = load(found.sha256);
    if (content) QUELL_CHECK(store(*content));
  }
  for (const KnownJob& job : all_jobs(*this)) {
    if (job.closed()) QUELL_CHECK(close_job(job.folder, job.file.id, job.ending));
  }
  const bool listed = read_index(*this).present;
  version_ = 2;
  if (!listed) {
    for (const VaultEntry& found : entries) {
      for (const std::string& name : names_in(path_ / "manifests" / found.sha256))
        QUELL_CHECK(note("manifest", fmt::format("{}/{}", found.sha256, name)));
    }
    for (const KnownJob& job : all_jobs(*this)) QUELL_CHECK(note("job", job.file.id));
  }
  return replace_file(path_ / "VERSION", as_bytes(version_text));
}

}  // namespace quell::spi
