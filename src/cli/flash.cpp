// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include <fmt/format.h>

#include "cli/chip_options.h"
#include "cli/confine_chip.h"
#include "cli/flashing.h"
#include "cli/overrides.h"
#include "intel/disable_bit.h"
#include "intel/firmware_tpm.h"
#include "quell/mapped_file.h"
#include "report/chip/advice.h"
#include "report/chip/describe.h"
#include "spi/failure.h"
#include "spi/pair.h"
#include "survey/host_access.h"

namespace quell::cli {

void add_flash_options(const Command& command, FlashArguments& arguments) {
  add_chip_options(command, arguments.chip, true, true);
  command.flag("--dry-run", arguments.flash.dry_run, "show the plan and write nothing");
  command.flag("-y,--yes", arguments.flash.yes, help_of(Override::confirmation));
  command.option("--confirm", arguments.flash.confirm, "the plan's number, as --dry-run shows it, instead of --yes");
  add_override_options(command, {Override::tpm_loss}, arguments.accepted);
  add_override_options(command, {Override::protection, Override::untested_chip, Override::unknown_content},
                       arguments.flash.accepted);
  command.option("--unit", arguments.flash.unit_size, "bytes a step, a multiple of the chip's sector size")
      .byte_size()
      .between(std::uint64_t{4096}, std::uint64_t{0x40000});
}

namespace {

// A firmware TPM that goes with the engine takes the keys of encrypted disks along: nobody should learn that
// afterwards.
Result<void> confirm_tpm_loss(const FlashArguments& arguments, ChipSession& chip, ByteView target) {
  if (arguments.accepted.has(Override::tpm_loss) || arguments.flash.restore || arguments.flash.dry_run) return {};
  const auto loss = intel::tpm_loss(target);
  if (!loss) return {};
  chip.console.notice(fmt::format("{}: {}", loss->title, loss->detail));
  if (chip.console.ask("Are the recovery keys at hand, or is no disk unlocked through the TPM?")) return {};
  return tl::unexpected<Error>(intel::tpm_refusal(*loss));
}

}  // namespace

Result<void> run_flash(FlashArguments& arguments, ChipSession& chip, spi::Vault& vault, Buffer target,
                       const Session& session) {
  arguments.flash.reading = arguments.chip.reading;
  arguments.flash.judging = arguments.chip.judging;
  arguments.flash.name_bits = intel::disable_bit_names;
  QUELL_TRY(arguments.flash.internal, look_from_within(chip, arguments.flash.reading));
  if (arguments.flash.internal) arguments.flash.unit_size = spi::block_size;  // regions begin at any block
  spi::Wobble wobble;
  const auto show = [&](const spi::BlockPlan& plan) {
    if (session.json || session.verbosity < 0) return;
    print(report::chip::plan_text(plan, chip.access->chip().name, chip.access->programmer().clock()));
  };
  QUELL_CHECK(confirm_tpm_loss(arguments, chip, ByteView(target)));
  if (spi::under_voltage("")) chip.console.notice(spi::failure_text("under-voltage"));
  const auto result = spi::flash(*chip.access, vault, std::move(target), arguments.flash, wobble, show);
  if (!result) {
    const std::string map =
        report::chip::wobble_text(wobble, {}, chip.access->identified() ? chip.access->chip().size : 0);
    if (!map.empty() && session.verbosity >= 0) say(map);
    return tl::unexpected<Error>(result.error());
  }
  if (session.json) {
    print(report::chip::flash_json(*result));
  } else if (result->outcome == spi::FlashResult::Outcome::written ||
             result->outcome == spi::FlashResult::Outcome::resumed) {
    const bool partly = !arguments.flash.reading.unread.empty();
    print(fmt::format("Written and verified: an independent read of {} equals the image.\n",
                      partly ? "everything that the host may read" : "the whole chip"));
    if (session.verbosity >= 0 && arguments.flash.internal) {
      print("Shut the machine down (a restart is not enough), wait some seconds and start it again.\n");
    } else if (session.verbosity >= 0 && arguments.flash.restore) {
      print("The chip holds the backup again. Take the clip off with the power still away, then start the machine.\n");
    } else if (session.verbosity >= 0 && arguments.hints) {
      print(
          "Take the clip off with the power still away, then start the machine; `quell watch` says whether it worked.\n"
          "Some vendors' firmware undoes changes at the first start: look at `quell status` again later.\n");
    }
  } else if (session.verbosity < 0) {
    print(result->outcome == spi::FlashResult::Outcome::dry_run ? result->plan.id() + "\n"
                                                                : "The chip holds this content already.\n");
  }
  return {};
}

namespace {

Result<void> flash(FlashArguments& arguments, const std::string& image, const Session& session) {
  QUELL_TRY(const MappedFile file, MappedFile::copy(image));
  Bytes target = file.bytes();
  const unsigned component = arguments.chip.judging.chip.component;
  if (component != 0) {
    const auto sizes = spi::components(file.view());
    if (sizes && sizes->second != 0 && target.size() == sizes->sum()) {
      QUELL_TRY(target, spi::split(target, component));
    }
  }
  QUELL_TRY(const auto chip, ChipSession::begin(arguments.chip, session));
  QUELL_TRY(spi::Vault vault, open_vault(arguments.chip));
  confine_chip(session, chip->access->programmer(), vault.path().string());
  arguments.flash.name = image;
  return run_flash(arguments, *chip, vault, Buffer(target.begin(), target.end()), session);
}

Result<void> abandon(FlashArguments& arguments, const std::string& job, const Session& session) {
  QUELL_TRY(const auto chip, ChipSession::begin(arguments.chip, session));
  QUELL_TRY(spi::Vault vault, open_vault(arguments.chip));
  confine_chip(session, chip->access->programmer(), vault.path().string());
  arguments.flash.reading = arguments.chip.reading;
  spi::Wobble wobble;
  QUELL_CHECK(spi::abandon(*chip->access, vault, job, arguments.flash, wobble));
  print(fmt::format("Job {} is closed; nothing was written.\n", job));
  return {};
}

Result<void> advise(const std::string& image, const std::string& tree, const Session& session) {
  std::optional<MappedFile> file;
  std::unique_ptr<host::Root> root = host::live_root();
  if (!tree.empty()) {
    QUELL_TRY(root, host::open_root(tree));
  }
  if (!image.empty()) {
    QUELL_TRY(MappedFile opened, MappedFile::copy(image));
    file.emplace(std::move(opened));
  }
  const auto advice = host_access(*root, file ? file->view() : ByteView());
  print(session.json ? report::chip::advice_json(advice) : report::chip::advice_text(advice));
  return {};
}

// What the command offers beside that.
constexpr Overrides offered =
    flash_overrides | Overrides{Override::internal, Override::regions, Override::interrupted_job};

}  // namespace

void add_flash(const Command& app, Session& session) {
  auto arguments = std::make_shared<FlashArguments>();
  auto image = std::make_shared<std::string>();
  auto job = std::make_shared<std::string>();
  auto advising = std::make_shared<bool>(false);
  auto tree = std::make_shared<std::string>();
  const Command command =
      add_command(app, session, "flash", "write an image to the chip, only where it differs, and verify",
                  "quell flash clean.rom -p ch341a\n"
                  "  quell flash clean.rom -p rpi --dry-run\n"
                  "After an interruption run the same command again: it goes on where it stopped.\n"
                  "`quell restore` goes back to what was there before.",
                  of_chip);
  command.option("IMAGE", *image, "what the chip is to hold; the whole chip, or both chips of a pair with --component");
  add_flash_options(command, *arguments);
  add_override_options(command, {Override::internal}, arguments->flash.accepted);
  command.option("--region", arguments->flash.region, "write only this region of the image: me, bios, fd, gbe");
  command.option("--allow", arguments->flash.allow, help_of(Override::regions)).comma_separated();
  command.option("--abandon", *job, help_of(Override::interrupted_job));
  command.flag("--advise", *advising, "say what this machine would allow to be written from within, and stop");
  command.option("--root", *tree, "with --advise: of the machine of this captured tree (`quell capture --deep`)");
  command.callback([=, &session] {
    Result<void> result;
    if (*advising) {
      result = advise(*image, *tree, session);
    } else if (!tree->empty()) {
      result = fail(Errc::usage, "--root goes with --advise: only this machine's own chip can be written from within");
    } else if (!job->empty()) {
      result = abandon(*arguments, *job, session);
    } else if (image->empty()) {
      result = fail(Errc::usage, "name the image to write");
    } else {
      result = flash(*arguments, *image, session);
    }
    if (!result) session.status = complain(result.error(), {}, offered);
  });
}

}  // namespace quell::cli
