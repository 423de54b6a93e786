// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/flash_job.h"

#include <algorithm>
#include <future>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/words.h"
#include "spi/backup_job.h"
#include "spi/failure.h"
#include "spi/internal.h"
#include "spi/interrupted.h"
#include "spi/pair.h"
#include "spi/protecting.h"
#include "spi/writing.h"

namespace quell::spi {
namespace {

constexpr std::size_t short_hash = 12;

Result<void> judge_size(Bytes target, std::uint64_t chip_size) {
  if (target.size() == chip_size) return {};
  const auto sizes = components(ByteView(target));
  const bool pair = sizes && sizes->second != 0 && target.size() == sizes->sum();
  const std::string next =
      pair ? "It is the image of two chips: split it with `quell vault split`, or say which one this is."
           : "Check which image belongs to which chip.";
  Error error =
      failure("size-mismatch", {{"image", size_text(target.size())}, {"chip", size_text(chip_size)}, {"next", next}});
  if (pair) error.lifted_by.add(Override::component);
  return tl::unexpected<Error>(std::move(error));
}

std::vector<flash::NamedBit> names_in(Bytes content, const FlashOptions& options) {
  return options.name_bits ? options.name_bits(ByteView(content)) : std::vector<flash::NamedBit>{};
}

// What speaks against this content of a chip that is as large.
std::vector<Finding> judge(Bytes content, const FlashOptions& options) {
  flash::ChipContext chip = options.judging.chip;
  chip.size = content.size();
  return options.judging.judge(content, chip);
}

// An image may have the weaknesses that the present content has; what it adds must be accepted.
Result<void> judge_target(Bytes base, const std::vector<Finding>& findings, const FlashOptions& options) {
  std::vector<std::string> accepted = options.judging.accepted;
  if (obstacle(findings, accepted) == nullptr) return {};
  for (const Finding& finding : judge(base, options)) {
    if (can_be_accepted(finding)) accepted.push_back(finding.id);
  }
  const Finding* found = obstacle(findings, accepted);
  if (found == nullptr) return {};
  Error error = failure("image-fails-check", {{"image", options.name}, {"problem", problem_text(*found)}});
  if (can_be_accepted(*found)) error.lifted_by.add(Override::findings);
  return tl::unexpected<Error>(std::move(error));
}

// The ME region may change, and in the descriptor what `quell clean` changes; the rest needs a word of the user.
Result<void> judge_regions(const BlockPlan& plan, const FlashOptions& options, bool have_regions) {
  if (!options.region.empty() || options.restore || !have_regions) return {};
  std::vector<std::string> missing;
  for (const RegionChange& change : plan.regions) {
    const bool usual = change.name == "me" || (change.name == "fd" && !plan.descriptor_beyond_clean);
    const bool allowed = std::ranges::any_of(
        options.allow, [&](const std::string& name) { return name == change.name || name == "all"; });
    if (!usual && !allowed) missing.push_back(change.name);
  }
  if (missing.empty()) return {};
  return failed("region-not-allowed", {{"regions", fmt::format("{}", fmt::join(missing, ", "))},
                                       {"flags", fmt::format("{}", fmt::join(missing, ","))}});
}

Result<void> confirm(ChipAccess& access, const BlockPlan& plan, const FlashOptions& options) {
  if (options.yes || (!options.confirm.empty() && options.confirm == plan.id())) return {};
  const std::string question = fmt::format(
      "Write {} blocks of 4 KiB to {}? If the power fails, do not start the computer: run the same command again.",
      plan.blocks.size(), access.chip().name);
  if (options.confirm.empty() && access.watcher().confirm(question, access.chip().name)) return {};
  return failed("not-confirmed", {{"plan", plan.id()}});
}

// A backup that nobody named is for the chip that it came from.
Result<void> judge_likeness(const ChipAccess& access, Bytes present, Bytes backup) {
  JobFile any;
  any.size = backup.size();
  if (present.size() != backup.size() || can_belong(any, present, backup, {})) return {};
  return failed("unlike-backup", {{"chip", access.chip().name}});
}

// What the host may not read, and what a backup from within does not hold, stays as the chip has it: the target takes
// it over. An image that says something else about it is refused, because that part would silently not be written.
Result<void> leave_as_it_is(Buffer& target, Bytes present, const FlashOptions& options, Watcher& watcher) {
  if (target.size() != present.size()) return {};
  const Range chip{0, present.size()};
  std::vector<NamedRange> lost;
  for (const NamedRange& hidden : options.reading.unread) {
    const ByteView wanted = ByteView(target).clip(hidden.range);
    if (!options.restore && options.region.empty() && !wanted.filled_with(std::byte{0xFF})) lost.push_back(hidden);
  }
  if (!lost.empty()) return failed("internal-not-readable", {{"regions", names_of(lost)}});
  std::vector<NamedRange> kept = options.reading.unread;
  kept.insert(kept.end(), options.not_held.begin(), options.not_held.end());
  for (const NamedRange& range : kept) {
    const Range place = range.range.intersection(chip);
    std::ranges::copy(present.subspan(place.offset, place.size), std::span(target).subspan(place.offset).begin());
  }
  if (options.restore && !kept.empty())
    watcher.notice(fmt::format("not restored, because the host could not read it: {} stays as it is", names_of(kept)));
  return {};
}

Result<void> judge_chip(const ChipDefinition& chip, const FlashOptions& options) {
  const bool generic = chip.name == "SFDP-capable chip";
  if ((generic || !chip.tested_erase || !chip.tested_write) && !options.accepted.has(Override::untested_chip)) {
    return failed("chip-untested", {{"chip", chip.name}});
  }
  return {};
}

std::vector<std::uint64_t> differing_units(Bytes a, Bytes b, std::uint64_t unit_size) {
  return make_block_plan(a, b, unit_size).units;
}

// Writes a record after the last unit.
Result<void> note(Journal& journal, std::string_view type, std::string_view payload = {}) {
  const auto written = journal.append(type, payload);
  return written ? Result<void>() : failed("journal-late", {{"reason", written.error().message}});
}

// The ending beside the journal. Only where that is damaged does it have to succeed.
Result<void> close(const std::filesystem::path& folder, const std::string& id, const std::string& how, bool must,
                   const FlashOptions& options) {
  if (options.accepted.has(Override::read_only_vault)) return {};
  const auto closed = close_job(folder, id, how);
  if (closed || !must) return {};
  return failed("journal-late", {{"reason", closed.error().message}});
}

Result<FlashResult> take_up(ChipAccess& access, const Interrupted& found, const StableRead& read, bool to_target,
                            const FlashOptions& options, const ShowPlan& show) {
  const auto& file = found.job.file;
  QUELL_CHECK(judge_foreign(found, read.content, options, access.watcher()));
  const Buffer& goal = to_target ? found.target : found.base;
  FlashResult result{FlashResult::Outcome::resumed,
                     make_block_plan(read.content, goal, file.unit_size, {}, names_in(read.content, options)), file.id};
  access.watcher().notice(fmt::format("taking up job {}: {} of {} units were done; going {} {}", file.id,
                                      found.job.units_done(), file.units.size(), to_target ? "on to" : "back to",
                                      (to_target ? file.target : file.base).substr(0, short_hash)));
  show(result.plan);
  if (options.dry_run) {
    result.outcome = FlashResult::Outcome::dry_run;
    return result;
  }
  QUELL_TRY(Journal journal, options.accepted.has(Override::read_only_vault)
                                 ? Result<Journal>(Journal::nowhere())
                                 : Journal::resume(found.job.folder / "journal"));
  if (!result.plan.empty()) {
    if (options.internal) QUELL_CHECK(judge_internal(result.plan, *options.internal, options.accepted));
    QUELL_CHECK(judge_protection(read.protection, result.plan, options.accepted));
    QUELL_CHECK(confirm(access, result.plan, options));
    QUELL_CHECK(journal.append(to_target ? "resumed" : "restore-begin"));
    QUELL_CHECK(lift_protection(access, journal, read.protection));
    QUELL_CHECK(write_units(access, journal, {read.content, goal, file.unit_size, result.plan.units}));
  }
  QUELL_CHECK(verify(access, journal, goal, result.plan.target, file.units, options));
  QUELL_CHECK(put_protection_back(access, journal, found.job.journal.records));
  const std::string how = to_target ? "done" : "restored";
  QUELL_CHECK(note(journal, "closed", how));
  QUELL_CHECK(close(found.job.folder, file.id, how, found.job.journal.damaged, options));
  return result;
}

Error interrupted_error(const KnownJob& job) {
  return failure("interrupted-job",
                 {{"job", job.file.id},
                  {"done", std::to_string(job.units_done())},
                  {"total", std::to_string(job.file.units.size())},
                  {"target", job.file.name.empty() ? job.file.target.substr(0, short_hash) : job.file.name}});
}

// Keeps what is on the chip before a restore: it may be worth something.
Result<void> keep_present(ChipAccess& access, Vault& vault, const StableRead& read, const Wobble& wobble,
                          const FlashOptions& options) {
  if (options.accepted.has(Override::read_only_vault) || vault.has_backup(to_hex(read.sha256))) return {};
  Manifest manifest = manifest_of(access, read, wobble, options.judging.title);
  manifest.role = "present";
  manifest.not_read = options.reading.unread;
  auto kept = vault.store(read.content);
  auto described = kept ? vault.describe(manifest) : Result<void>(tl::unexpected<Error>(kept.error()));
  if (described || options.accepted.has(Override::no_room)) return {};
  return refuse(described.error().message + " So what the chip holds now would be lost.", {Override::no_room});
}

Result<void> keep_target(ChipAccess& access, Vault& vault, Bytes target, const BlockPlan& plan,
                         const FlashOptions& options) {
  // What a run that was cut short left out is made up for: a second copy, or the description.
  const auto known = vault.entry(plan.target);
  if (known && !known->manifests.empty()) {
    QUELL_CHECK(vault.store(target));
    return {};
  }
  QUELL_CHECK(vault.keep(target, {.role = "target",
                                  .definition = access.chip().name,
                                  .jedec_id = access.jedec_id(),
                                  .what = options.judging.title(target),
                                  .not_read = options.reading.unread,
                                  .note = options.name}));
  return {};
}

// A restore can do without a diary where the user says so: the backup is in the vault whatever happens.
Result<Journal> begin_journal(const Vault& vault, JobFile& file, const FlashOptions& options) {
  if (options.accepted.has(Override::read_only_vault)) return Journal::nowhere();
  auto journal = open_job(vault, file);
  if (journal || !options.restore) return journal;
  if (options.accepted.has(Override::no_room)) return Journal::nowhere();
  return refuse(journal.error().message, {Override::no_room});
}

Result<FlashResult> write_new_job(ChipAccess& access, Vault& vault, const StableRead& read, Bytes target,
                                  BlockPlan plan, const FlashOptions& options) {
  if (!options.restore) QUELL_CHECK(keep_target(access, vault, target, plan, options));
  JobFile file;
  file.kind = options.restore ? "restore" : "flash";
  file.base = plan.base;
  file.target = plan.target;
  file.size = plan.size;
  file.unit_size = plan.unit_size;
  file.units = plan.units;
  file.vendor = access.chip().vendor;
  file.definition = access.chip().name;
  file.jedec_id = access.jedec_id();
  file.programmer = access.programmer().text();
  file.name = options.name;
  // The way back must exist in every byte, not only by name.
  if (!options.restore) QUELL_CHECK(vault.confirm(plan.base, read.content));
  QUELL_TRY(Journal journal, begin_journal(vault, file, options));
  QUELL_CHECK(lift_protection(access, journal, read.protection));
  QUELL_CHECK(write_units(access, journal, {read.content, target, plan.unit_size, plan.units}));
  QUELL_CHECK(verify(access, journal, target, plan.target, plan.units, options));
  if (read.protection.active() && read.protection.described) {
    const std::vector<Record> records{{0, "", "snapshot", snapshot_text(read.protection)}};
    QUELL_CHECK(put_protection_back(access, journal, records));
  }
  QUELL_CHECK(note(journal, "closed", "done"));
  QUELL_CHECK(close(vault.jobs() / file.id, file.id, "done", false, options));
  return FlashResult{FlashResult::Outcome::written, std::move(plan), file.id};
}

// Where a job was interrupted on this chip: its end, or its way back, if that is what is asked for now; else an error.
Result<std::optional<FlashResult>> go_on(ChipAccess& access, Vault& vault, const StableRead& read, const Buffer& target,
                                         const FlashOptions& options, const ShowPlan& show) {
  QUELL_TRY(const auto interrupted, interrupted_job(access, vault, read.content, target));
  if (!interrupted) return std::nullopt;
  Buffer wanted = target;
  if (!options.region.empty()) {
    if (interrupted->base.empty()) return failed("vault-damaged", {{"object", interrupted->job.file.base}});
    QUELL_TRY(wanted, only_region(interrupted->base, target, options.region));
  }
  const std::string name = to_hex(sha256(wanted));
  const bool to_target = name == interrupted->job.file.target && !interrupted->target.empty();
  const bool back = options.restore && name == interrupted->job.file.base && !interrupted->base.empty();
  if (!to_target && !back) return tl::unexpected<Error>(interrupted_error(interrupted->job));
  QUELL_TRY(FlashResult result, take_up(access, *interrupted, read, to_target, options, show));
  return result;
}

}  // namespace

Result<FlashResult> flash(ChipAccess& access, Vault& vault, Buffer target, const FlashOptions& options, Wobble& wobble,
                          const ShowPlan& show) {
  const bool read_only = options.restore && options.accepted.has(Override::read_only_vault);
  if (options.restore && !read_only && !vault.writable()) {
    return refuse(
        fmt::format("{}: this vault cannot be written, so neither what the chip holds now nor how far the job "
                    "came would be kept",
                    vault.path().string()),
        {Override::read_only_vault});
  }
  QUELL_CHECK(vault.lock(read_only));
  if (!read_only) finish_closings(vault);
  // Looking at the image takes about as long as a fast programmer needs for the chip: both at once.
  auto looked = std::async(std::launch::async, [&] { return judge(target, options); });
  ReadOptions reading = options.reading;
  reading.known = [&](const Sha256& hash, Bytes content) {
    return vault.has_backup(to_hex(hash)) || stopped_between_blocks(vault, access.jedec_id(), content);
  };
  QUELL_TRY(const StableRead read, read_until_stable(access, reading, wobble));
  auto findings = looked.get();
  const std::string base_name = to_hex(read.sha256);
  QUELL_CHECK(leave_as_it_is(target, read.content, options, access.watcher()));
  QUELL_TRY(auto gone_on, go_on(access, vault, read, target, options, show));
  if (gone_on) return *std::move(gone_on);
  QUELL_CHECK(judge_size(target, access.chip().size));
  if (!options.region.empty()) {
    QUELL_TRY(target, only_region(read.content, target, options.region));
    findings = judge(target, options);
  }
  if (equal(target, read.content)) {
    FlashResult result{FlashResult::Outcome::nothing_to_do,
                       make_block_plan(read.content, target, options.unit_size, base_name), ""};
    show(result.plan);
    return result;
  }
  if (options.restore && !options.chosen) QUELL_CHECK(judge_likeness(access, read.content, target));
  if (!options.restore) {
    QUELL_CHECK(judge_target(read.content, findings, options));
    if (!vault.has_backup(base_name)) return failed("no-backup", {{"hash", base_name.substr(0, short_hash)}});
  }
  BlockPlan plan = make_block_plan(read.content, target, options.unit_size, base_name, names_in(read.content, options));
  show(plan);
  const bool have_regions =
      std::ranges::any_of(plan.regions, [](const RegionChange& r) { return r.name != "unassigned"; });
  QUELL_CHECK(judge_regions(plan, options, have_regions));
  QUELL_CHECK(judge_chip(access.chip(), options));
  if (options.internal) QUELL_CHECK(judge_internal(plan, *options.internal, options.accepted));
  QUELL_CHECK(judge_protection(read.protection, plan, options.accepted));
  if (options.dry_run) return FlashResult{FlashResult::Outcome::dry_run, std::move(plan), ""};
  QUELL_CHECK(confirm(access, plan, options));
  if (options.restore) QUELL_CHECK(keep_present(access, vault, read, wobble, options));
  return write_new_job(access, vault, read, target, std::move(plan), options);
}

Result<void> abandon(ChipAccess& access, Vault& vault, std::string_view id, const FlashOptions& options,
                     Wobble& wobble) {
  QUELL_CHECK(vault.lock());
  QUELL_TRY(const KnownJob job, find_job(vault, id));
  if (job.closed()) return fail(Errc::usage, fmt::format("{}: this job is closed already", id));
  if (!options.accepted.has(Override::unknown_content)) {
    QUELL_TRY(const StableRead read, read_until_stable(access, options.reading, wobble));
    const std::string now = to_hex(read.sha256);
    if (now != job.file.base && now != job.file.target) {
      return failed("foreign-content",
                    {{"units", "some"}, {"total", std::to_string(job.file.units.size())}, {"blank", ""}});
    }
  }
  QUELL_TRY(Journal journal, Journal::resume(job.folder / "journal"));
  QUELL_CHECK(journal.append("closed", "abandoned"));
  return close(job.folder, job.file.id, "abandoned", job.journal.damaged, options);
}

namespace {

Result<Buffer> read_back(ChipAccess& access, const ReadOptions& reading) {
  auto content = read_once(access, reading);
  if (content) return content;
  return failed("not-verified", {{"detail", without_promise(content.error().message)}});
}

}  // namespace

Result<void> verify(ChipAccess& access, Journal& journal, Bytes goal, const std::string& goal_hash,
                    const std::vector<std::uint64_t>& planned, const FlashOptions& options) {
  ReadOptions reading = options.reading;
  reading.stage = "verifying";
  reading.accepted.add(Override::register_write);
  bool repaired = false;
  for (;;) {
    QUELL_CHECK(note(journal, "verify-begin"));
    QUELL_TRY(const Buffer first, read_back(access, reading));
    if (equal(first, goal)) break;
    QUELL_TRY(const Buffer second, read_back(access, reading));
    if (equal(second, goal)) break;
    if (first != second) {
      QUELL_CHECK(note(journal, "verify-failed", "two reads differ"));
      return failed("verify-unstable");
    }
    Wobble wobble;
    wobble.compare(first, goal);
    std::uint64_t bytes = 0;
    for (const auto& [number, block] : wobble.blocks) bytes += block.bytes;
    QUELL_CHECK(note(journal, "verify-failed", fmt::format("{:#x} {} bytes", wobble.first, bytes)));
    if (repaired) {
      return failed("verify-failed",
                    {{"address", fmt::format("{:#x}", wobble.first)}, {"bytes", std::to_string(bytes)}});
    }
    repaired = true;
    const auto units = differing_units(first, goal, options.unit_size);
    const bool outside = std::ranges::any_of(
        units, [&](std::uint64_t unit) { return std::ranges::find(planned, unit) == planned.end(); });
    access.watcher().notice(fmt::format("{} units differ from the plan{}; writing them once more", units.size(),
                                        outside ? ", some outside of it" : ""));
    QUELL_CHECK(write_units(access, journal, {first, goal, options.unit_size, units}));
  }
  return note(journal, "verified", goal_hash);
}

}  // namespace quell::spi
