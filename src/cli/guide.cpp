// SPDX-License-Identifier: GPL-2.0-or-later
// The guided path for a first-timer. Every step says what it is about to do and asks; answering no ends the guide with
// nothing lost. What was reached stands in <vault>/guide.json, and the next run goes on there.
#include <memory>

#include <fmt/format.h>

#include "cli/flashing.h"
#include "cli/overrides.h"
#include "quell/intel/clean.h"
#include "quell/survey/recognise.h"
#include "quell/survey/report.h"
#include "report/chip/describe.h"
#include "report/chip/wiring.h"
#include "report/plan.h"
#include "report/text.h"
#include "spi/backup_job.h"
#include "spi/failure.h"
#include "spi/guide_progress.h"

namespace quell::cli {
namespace {

// What the user said no to; not an error.
constexpr const char* stopped_here = "stopped";

const Overrides guide_overrides{Override::boot_guard, Override::descriptor_alone};

class Guide {
 public:
  Guide(FlashArguments& arguments, const intel::CleanOptions& cleaning, Session& session, bool answers)
      : arguments_(arguments),
        cleaning_(cleaning),
        session_(session),
        answers_(answers),
        vault_(vault_path(arguments.chip)) {}

  Result<void> run();

 private:
  Result<void> choose_programmer();
  Result<void> wire();
  Result<void> identify();
  Result<void> back_up();
  Result<void> inspect();
  Result<void> clean();
  Result<void> write();
  void finish();

  void heading(std::string_view text) { print(fmt::format("\n{}. {}\n\n", ++step_, text)); }
  // Errc::usage with the text `stopped_here` when the answer is not yes.
  Result<void> agree(std::string_view question);
  Result<std::string> line(std::string_view prompt);
  // A conversation with the wiring confirmed already.
  Result<std::unique_ptr<ChipSession>> begin();
  Result<void> remember() { return spi::save_guide_progress(vault_, progress_); }

  FlashArguments& arguments_;
  const intel::CleanOptions& cleaning_;
  Session& session_;
  bool answers_;
  std::string vault_;
  spi::GuideProgress progress_{};
  Console console_{session_};
  unsigned step_ = 0;
};

Result<std::string> Guide::line(std::string_view prompt) {
  const auto answer = console_.line(prompt);
  if (!answer) return fail(Errc::usage, stopped_here);
  return *answer;
}

Result<void> Guide::agree(std::string_view question) {
  QUELL_TRY(const std::string answer, line(fmt::format("{} [y/N] ", question)));
  if (const std::string_view word = answer; word == "y" || word == "Y" || word == "yes") return {};
  return fail(Errc::usage, stopped_here);
}

Result<std::unique_ptr<ChipSession>> Guide::begin() {
  arguments_.chip.yes_wiring = true;
  QUELL_TRY(auto chip, ChipSession::begin(arguments_.chip, session_));
  if (answers_) chip->console.assume_interactive();
  return chip;
}

Result<void> Guide::choose_programmer() {
  heading("The programmer");
  if (arguments_.chip.programmer.empty()) arguments_.chip.programmer = progress_.programmer;
  if (arguments_.chip.programmer.empty()) {
    print("A CH341A is a USB stick with a socket; a Raspberry Pi connects with eight wires.\n");
    QUELL_TRY(arguments_.chip.programmer, line("Which one do you have (ch341a, rpi, or flashrom's own name)? "));
  }
  QUELL_TRY(const spi::Programmer programmer, spi::Programmer::parse(arguments_.chip.programmer));
  if (programmer.internal()) return spi::failed("internal-refused");
  if (progress_.programmer != arguments_.chip.programmer) progress_.wired = false;
  progress_.programmer = arguments_.chip.programmer;
  print(fmt::format("Using {}.\n", programmer.text()));
  return remember();
}

Result<void> Guide::wire() {
  heading("The wires");
  if (progress_.wired) {
    print("Done before. `quell wiring` shows the pin table again.\n");
    return agree("Is the clip on, and the board still without mains and batteries?");
  }
  const spi::Programmer programmer = *spi::Programmer::parse(arguments_.chip.programmer);
  if (const auto table = report::chip::wiring_text(programmer.name(), "soic8")) {
    print(*table);
  } else {
    print("There is no pin table for this programmer; connect the eight pins as its maker says.\n");
  }
  QUELL_CHECK(agree("Mains and all batteries off the board, supply voltage looked up, clip on?"));
  progress_.wired = true;
  return remember();
}

Result<void> Guide::identify() {
  heading("The chip");
  if (arguments_.chip.chip.empty()) arguments_.chip.chip = progress_.chip;
  for (;;) {
    QUELL_TRY(const auto chip, begin());
    QUELL_TRY(spi::Attached attached, chip->access->look());
    print(report::chip::probe_text(attached.identity, attached.protection, attached.worker.library_version()));
    static_cast<void>(attached.worker.finish());
    if (attached.identity.definition) {
      progress_.chip = arguments_.chip.chip;
      return remember();
    }
    QUELL_TRY(arguments_.chip.chip, line("The marking on the chip: "));
    if (arguments_.chip.chip.empty()) return fail(Errc::usage, stopped_here);
  }
}

Result<void> Guide::back_up() {
  heading("The backup");
  QUELL_TRY(spi::Vault vault, open_vault(arguments_.chip));
  if (!progress_.backup.empty() && vault.has_backup(progress_.backup)) {
    print(fmt::format("Kept already: {}\n", progress_.backup));
    return {};
  }
  print(
      "The whole chip is read until two reads agree, checked, and kept in the vault. Nothing is written to the "
      "chip.\n");
  QUELL_CHECK(agree("Read now?"));
  QUELL_TRY(const auto chip, begin());
  QUELL_CHECK(vault.lock());
  spi::Wobble wobble;
  auto result = spi::backup(*chip->access, vault, {arguments_.chip.reading, arguments_.chip.judging, "guide"}, wobble);
  if (!result) {
    print(report::chip::wobble_text(wobble, {}, chip->access->identified() ? chip->access->chip().size : 0));
    return tl::unexpected<Error>(result.error());
  }
  print(report::chip::backup_text(*result, vault.path().string()));
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
  print(report::to_text(report, {session_.use_color(), session_.width(), 0, &option_of}));
  return {};
}

Result<void> Guide::clean() {
  heading("What would be changed");
  QUELL_TRY(spi::Vault vault, open_vault(arguments_.chip));
  if (!progress_.target.empty() && vault.has(progress_.target)) {
    print(fmt::format("Prepared already: {}\n", progress_.target));
    return {};
  }
  QUELL_TRY(const Buffer content, vault.load(progress_.backup));
  Image image("backup", ByteView(content));
  recognise(image);
  QUELL_TRY(const intel::CleanPlan plan, intel::plan_default(Examined(image), cleaning_));
  if (plan.left_out) {
    const Finding notice = notice_of(*plan.left_out);
    print(report::printable(notice.title + ": " + notice.detail + insist_with(plan.left_out->why, guide_overrides)) +
          "\n\n");
  }
  const report::PlanReport shown{"backup", content.size(),   &plan.plan, image.bytes(), plan.notices,
                                 {},       plan.minimum_size};
  print(report::to_text(shown, {session_.use_color(), session_.width(), 0}));
  QUELL_CHECK(agree("Prepare this image? (The chip is not touched yet.)"));
  QUELL_TRY(const Buffer cleaned, intel::apply_clean(plan, image));
  QUELL_CHECK(vault.lock());
  spi::Manifest manifest;
  QUELL_TRY(manifest.sha256, vault.store(cleaned));
  manifest.size = cleaned.size();
  manifest.role = "target";
  manifest.time = spi::utc_now();
  manifest.what = title_of(cleaned);
  manifest.parts = {progress_.backup};
  manifest.note = "guide";
  QUELL_CHECK(vault.describe(manifest));
  progress_.target = manifest.sha256;
  return remember();
}

Result<void> Guide::write() {
  heading("Writing");
  QUELL_TRY(spi::Vault vault, open_vault(arguments_.chip));
  QUELL_TRY(Buffer target, vault.load(progress_.target));
  QUELL_TRY(const auto chip, begin());
  arguments_.hints = false;  // the last step gives them
  arguments_.flash.name = fmt::format("prepared image {}", progress_.target.substr(0, 12));
  return run_flash(arguments_, *chip, vault, std::move(target), session_);
}

void Guide::finish() {
  heading("What to do next");
  print(
      "Take the clip off while the board has no power, put batteries and mains back, and start the machine. The first\n"
      "start can take some minutes and switch off once.\n"
      "  quell watch      after half an hour: is the engine off, and does its watchdog stay quiet?\n"
      "  quell status     some vendors' firmware undoes changes: look again in a week\n"
      "  quell restore    the way back, with the clip on again\n");
}

Result<void> Guide::run() {
  if (answers_) console_.assume_interactive();
  if (!console_.interactive()) {
    return fail(Errc::usage,
                "the guide asks questions: run it in a terminal, or give the answers on standard input with --answers");
  }
  QUELL_CHECK(open_vault(arguments_.chip));
  progress_ = spi::load_guide_progress(vault_);
  print(
      "From a running machine to one whose engine is quiet, one step at a time. Answering no stops safely;\n"
      "`quell guide` goes on where you stopped.\n");
  QUELL_CHECK(choose_programmer());
  QUELL_CHECK(wire());
  QUELL_CHECK(identify());
  QUELL_CHECK(back_up());
  QUELL_CHECK(inspect());
  QUELL_CHECK(clean());
  QUELL_CHECK(write());
  spi::forget_guide_progress(vault_);
  finish();
  return {};
}

}  // namespace

void add_guide(const Command& app, Session& session) {
  auto arguments = std::make_shared<FlashArguments>();
  auto answers = std::make_shared<bool>(false);
  auto cleaning = std::make_shared<intel::CleanOptions>();
  const Command command =
      add_command(app, session, "guide", "the whole path, step by step, for a first-timer with a clip",
                  "quell guide\n"
                  "  quell guide -p rpi --pull-ups\n"
                  "It can be left at every question and goes on there the next time.");
  add_flash_options(command, *arguments);
  command.flag("--answers", *answers, "read the answers from standard input although it is no terminal");
  add_override_options(command, guide_overrides, cleaning->accepted);
  command.callback([arguments, answers, cleaning, &session] {
    const auto result = Guide(*arguments, *cleaning, session, *answers).run();
    if (result) return;
    if (result.error().message == stopped_here) {
      print("\nStopped here; nothing is lost. `quell guide` goes on where you stopped.\n");
    } else {
      session.status = complain(result.error(), {}, guide_overrides);
    }
  });
}

}  // namespace quell::cli
