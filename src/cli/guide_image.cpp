// SPDX-License-Identifier: GPL-2.0-or-later
// The later steps of the guide: what is on the chip, what it should become, and bringing it there.
#include <algorithm>

#include <fmt/format.h>

#include "base/words.h"
#include "cli/guide.h"
#include "cli/overrides.h"
#include "quell/survey/recognise.h"
#include "quell/survey/report.h"
#include "report/boot_notes.h"
#include "report/chip/describe.h"
#include "report/plan.h"
#include "report/text.h"
#include "spi/interrupted.h"

namespace quell::cli {

std::string guide_name(const std::string& hash) { return hash.substr(0, 12); }

bool Guide::interrupted() const {
  const auto vault = spi::Vault::open_existing(vault_);
  if (!vault || progress_.target.empty()) return false;
  const auto jobs = spi::unfinished_jobs(*vault);
  return std::ranges::any_of(jobs, [&](const spi::KnownJob& job) {
    return job.file.jedec_id == jedec_ && job.file.target == progress_.target && vault->has(job.file.target);
  });
}

// What the chip holds now against what the guide remembers. Whatever differs leads to a new backup and a new image.
Result<void> Guide::compare(const spi::Vault& vault, const spi::BackupResult& now) {
  const std::string& hash = now.manifest.sha256;
  if (progress_.backup.empty() || hash == progress_.backup) return {};
  if (hash == progress_.target) return {};
  const auto before = vault.load(progress_.backup);
  spi::JobFile any;
  any.size = now.content.size();
  if (!before || before->size() != now.content.size() || !spi::can_belong(any, now.content, *before, {})) {
    tell(fmt::format(
        "\nThis is another chip, or another machine's: it has little in common with backup {}. That one stays in "
        "the vault; the new backup counts from here.\n",
        guide_name(progress_.backup)));
  } else {
    const auto plan = spi::make_block_plan(*before, now.content, spi::default_unit);
    std::string regions;
    for (const auto& region : plan.regions) regions += fmt::format("{}{}", regions.empty() ? "" : ", ", region.name);
    tell(
        fmt::format("\nThe chip changed since the last backup ({}): {} of 4 KiB {}. The machine ran in between. The "
                    "new backup counts from here, and the image is prepared anew from it.\n",
                    regions, count_text(plan.blocks.size(), "block"), plan.blocks.size() == 1 ? "differs" : "differ"));
  }
  return {};
}

Result<void> Guide::back_up() {
  heading("The backup");
  QUELL_TRY(spi::Vault vault, open_vault(arguments_.chip));
  if (interrupted()) {
    tell(
        "A write was interrupted: what is on the chip is neither the old nor the new content. The backup and the image "
        "are in the vault; the last step goes on with them.\n");
    return {};
  }
  tell(progress_.backup.empty()
           ? "The whole chip is read until two reads agree, checked, and kept in the vault. Nothing is written to the "
             "chip.\n"
           : fmt::format("The chip is read and compared with backup {}. Nothing is written to it.\n",
                         guide_name(progress_.backup)));
  QUELL_CHECK(agree("Read now?"));
  QUELL_TRY(const auto chip, begin());
  QUELL_CHECK(vault.lock());
  spi::BackupOptions options{arguments_.chip.reading, arguments_.chip.judging, "guide"};
  options.reading.known = [&vault](const Sha256& hash, Bytes) { return vault.has_backup(to_hex(hash)); };
  const std::string target = progress_.target;
  if (!target.empty()) {
    // The prepared image on the chip needs no second read either.
    options.reading.known = [&vault, target](const Sha256& hash, Bytes) {
      return to_hex(hash) == target || vault.has_backup(to_hex(hash));
    };
  }
  spi::Wobble wobble;
  auto result = spi::backup(*chip->access, vault, options, wobble);
  if (!result) {
    tell(report::chip::wobble_text(wobble, {}, chip->access->identified() ? chip->access->chip().size : 0));
    return tl::unexpected<Error>(result.error());
  }
  QUELL_CHECK(compare(vault, *result));
  if (result->manifest.sha256 == progress_.target) {
    already_written_ = true;
    tell("The chip holds the prepared image already.\n");
    return {};
  }
  if (result->manifest.sha256 == progress_.backup) {
    tell(fmt::format("The chip holds what backup {} says.\n", guide_name(progress_.backup)));
    return {};
  }
  tell(report::chip::backup_text(*result, vault.path().string()));
  progress_.backup = result->manifest.sha256;
  progress_.target.clear();
  return remember();
}

Result<void> Guide::inspect() {
  heading("What is in it");
  QUELL_TRY(const spi::Vault vault, open_vault(arguments_.chip));
  QUELL_TRY(const Buffer content, vault.load(progress_.backup));
  Image image("backup", ByteView(content));
  QUELL_TRY(const Report report, examine(image, Depth::structure));
  tell(report::to_text(report, {false, usual_width, -1, &option_of}));
  const std::string notes = report::boot_notes_text(report);
  if (!notes.empty()) print("\n" + notes + "\n");
  tell(fmt::format("`quell vault export {} -o original.rom`, then `quell inspect original.rom`, shows all of it.\n",
                   guide_name(progress_.backup)));
  return {};
}

Result<void> Guide::no_engine_to_quiet() const {
  tell(fmt::format(
      "\nThere is no Intel engine in this chip that quell can switch off. Other makers' engines (AMD's PSP among them) "
      "start the processor itself, and nobody but the maker can leave them out. Nothing was written to the chip; "
      "the backup {} stays in the vault. `quell explain` tells what such engines can do.\n",
      guide_name(progress_.backup)));
  return fail(Errc::usage, std::string(ended_here));
}

Result<void> Guide::prepare() {
  heading("What would be changed, and what it costs");
  QUELL_TRY(spi::Vault vault, open_vault(arguments_.chip));
  if (!progress_.target.empty() && vault.has(progress_.target)) {
    tell(fmt::format("Prepared already: {}\n", guide_name(progress_.target)));
    return {};
  }
  QUELL_TRY(const Buffer content, vault.load(progress_.backup));
  Image image("backup", ByteView(content));
  recognise(image);
  const auto planned = intel::plan_default(Examined(image), cleaning_);
  if (!planned && (planned.error().code == Errc::unrecognised || planned.error().code == Errc::unsupported))
    return no_engine_to_quiet();
  if (!planned) return tl::unexpected<Error>(planned.error());
  const intel::CleanPlan& plan = *planned;
  if (plan.left_out) {
    const Finding notice = notice_of(*plan.left_out);
    tell(report::printable(notice.title + ": " + notice.detail + insist_with(plan.left_out->why, guide_overrides())) +
         "\n\n");
  }
  const report::PlanReport shown{"backup",     content.size(), &plan.plan, image.bytes(),
                                 plan.notices, plan.costs,     {},         plan.minimum_size};
  tell(report::to_text(shown, {session_.use_color(), usual_width, 0}));
  tell(
      "What it costs: remote management (AMT), the firmware's own TPM where the machine uses that one (PTT), and "
      "protected "
      "playback of films end with the engine. A disk that is bound to that TPM asks for its recovery key.\n");
  QUELL_CHECK(agree("Prepare this image? (The chip is not touched yet.)"));
  QUELL_TRY(const Buffer cleaned, intel::apply_clean(plan, image));
  QUELL_CHECK(vault.lock());
  QUELL_TRY(
      progress_.target,
      vault.keep(cleaned, {.role = "target", .what = title_of(cleaned), .parts = {progress_.backup}, .note = "guide"}));
  return remember();
}

Result<void> Guide::write() {
  heading("Writing, and starting the machine again");
  if (!already_written_) {
    QUELL_TRY(spi::Vault vault, open_vault(arguments_.chip));
    QUELL_TRY(Buffer target, vault.load(progress_.target));
    QUELL_TRY(const auto chip, begin());
    arguments_.hints = false;  // this step gives them
    arguments_.flash.name = fmt::format("prepared image {}", guide_name(progress_.target));
    writing_ = true;
    QUELL_CHECK(run_flash(arguments_, *chip, vault, std::move(target), session_));
    writing_ = false;
  }
  tell(
      "\nWhat to do next: take the clip off while the board has no power, put batteries and mains back, and start the "
      "machine. "
      "The first start can take some minutes and switch off once.\n"
      "If it does not find its system: the boot entries are those of the backup. Choose the disk in the firmware's "
      "boot menu, or "
      "let the system's installer write its entry anew. Keys of Secure Boot that you enrolled since are enrolled again "
      "in the "
      "firmware's setup.\n");
  tell(
      "On the machine itself:\n"
      "  quell watch      for half an hour: is the engine off, and does its watchdog\n"
      "                   stay quiet?\n"
      "  quell status     some vendors' firmware undoes changes: look again in a week\n");
  tell(fmt::format("The way back, here with the clip on again:\n  quell restore {} -p {}\n",
                   guide_name(progress_.backup), arguments_.chip.programmer));
  return {};
}

}  // namespace quell::cli
