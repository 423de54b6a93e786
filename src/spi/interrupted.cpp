// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/interrupted.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "spi/failure.h"

namespace quell::spi {
namespace {

// The content of this hash: what the user gave, else the vault's. Empty where it is lost, or of another size than the
// job says, which a job that was tampered with does.
Buffer content_of(const Vault& vault, const std::string& hash, std::uint64_t size, const Buffer& given) {
  if (to_hex(sha256(given)) == hash) return given.size() == size ? given : Buffer();
  auto loaded = vault.load(hash);
  return loaded && loaded->size() == size ? *std::move(loaded) : Buffer();
}

}  // namespace

bool can_belong(const JobFile& job, Bytes present, Bytes base, Bytes target) {
  if (ByteView(present).filled_with(std::byte{0xFF})) return true;
  const bool both = !base.empty() && !target.empty();
  std::uint64_t same = 0, others = 0;
  for (std::uint64_t at = 0; at < present.size(); at += block_size) {
    const Range range = Range{at, block_size}.intersection({0, present.size()});
    const Bytes now = present.subspan(range.offset, range.size);
    if (ByteView(now).filled_with(std::byte{0xFF})) continue;
    const auto equals = [&](Bytes other) {
      return other.size() == present.size() && equal(now, other.subspan(range.offset, range.size));
    };
    const bool planned = std::ranges::find(job.units, at - at % job.unit_size) != job.units.end();
    if (equals(base) || equals(target)) {
      ++same;
    } else if (both || !planned) {
      ++others;
    }
  }
  return same != 0 && same >= others;
}

Result<std::optional<Interrupted>> interrupted_job(ChipAccess& access, const Vault& vault, Bytes present,
                                                   const Buffer& given) {
  for (KnownJob& job : unfinished_jobs(vault)) {
    const JobFile& file = job.file;
    if (file.jedec_id != access.jedec_id() || file.size != access.chip().size) continue;
    Buffer base = content_of(vault, file.base, file.size, given);
    Buffer target = content_of(vault, file.target, file.size, given);
    if (base.empty() && target.empty()) return failed("vault-damaged", {{"object", file.base}});
    if (can_belong(file, present, base, target)) return Interrupted{std::move(job), std::move(base), std::move(target)};
    access.watcher().notice(fmt::format(
        "job {} was interrupted on a chip of this type, but this chip holds another machine's content: left alone",
        file.id));
  }
  return std::nullopt;
}

Result<std::string> choose_backup(const Vault& vault, const std::string& jedec_id) {
  for (const KnownJob& job : unfinished_jobs(vault)) {
    if (job.file.jedec_id != jedec_id) continue;
    // A restore that was cut short goes on to the backup that it was for.
    return job.file.kind == "restore" ? job.file.target : job.file.base;
  }
  std::set<std::string> found;
  QUELL_TRY(const auto entries, vault.list());
  for (const VaultEntry& entry : entries) {
    const bool fits = std::ranges::any_of(entry.manifests, [&](const Manifest& m) {
      return m.proves_backup() && m.role != "present" && m.jedec_id == jedec_id;
    });
    if (fits) found.insert(entry.sha256);
  }
  if (found.size() == 1) return *found.begin();
  if (found.empty())
    return fail(Errc::refused, "the vault holds no backup of a chip with this ID; name another with its hash");
  return fail(Errc::usage,
              "the vault holds several backups of chips with this ID; name one: `quell vault list` shows them");
}

bool stopped_between_blocks(const Vault& vault, const std::string& jedec_id, Bytes present) {
  const auto jobs = unfinished_jobs(vault);
  return std::ranges::any_of(jobs, [&](const KnownJob& job) {
    const JobFile& file = job.file;
    if (file.jedec_id != jedec_id || file.size != present.size()) return false;
    const Buffer base = content_of(vault, file.base, file.size, {});
    const Buffer target = content_of(vault, file.target, file.size, {});
    if (base.empty() || target.empty()) return false;
    for (std::uint64_t at = 0; at < file.size; at += block_size) {
      const Range block = Range{at, block_size}.intersection({0, file.size});
      const auto holds = [&](Bytes other) {
        return equal(present.subspan(block.offset, block.size), other.subspan(block.offset, block.size));
      };
      if (!holds(base) && !holds(target)) return false;
    }
    return true;
  });
}

Result<void> judge_foreign(const Interrupted& found, Bytes present, const FlashOptions& options, Watcher& watcher) {
  const auto& file = found.job.file;
  std::uint64_t foreign = 0;
  for (std::uint64_t at = 0; at < file.size; at += file.unit_size) {
    const Range range = Range{at, file.unit_size}.intersection({0, file.size});
    const auto same = [&](Bytes other) {
      return !other.empty() &&
             equal(other.subspan(range.offset, range.size), present.subspan(range.offset, range.size));
    };
    if (same(found.base) || same(found.target)) continue;
    // With a content or the diary lost, what the job was to write cannot be told from what is half written.
    const auto& records = found.job.journal.records;
    const bool untold = found.base.empty() || found.target.empty() || found.job.journal.damaged ||
                        found.job.journal.torn || records.empty();
    if (untold && std::ranges::find(file.units, at) != file.units.end()) continue;
    const bool begun = std::ranges::any_of(records, [&](const Record& record) {
      return record.type == "unit-begin" && record.payload.ends_with(fmt::format(" {:#x}", at));
    });
    if (!begun) ++foreign;
  }
  if (foreign == 0 || options.accepted.has(Override::unknown_content)) return {};
  const std::uint64_t total = (file.size + file.unit_size - 1) / file.unit_size;
  const bool blank = ByteView(present).filled_with(std::byte{0xFF});
  const std::string note = blank ? " (the whole chip is erased: `quell restore` brings the backup back)" : "";
  if (watcher.ask(fmt::format("{} of {} units hold neither the old nor the new content{}. Write over them?", foreign,
                              total, note))) {
    return {};
  }
  return failed("foreign-content",
                {{"units", std::to_string(foreign)}, {"total", std::to_string(total)}, {"blank", note}});
}

}  // namespace quell::spi
