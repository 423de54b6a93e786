// SPDX-License-Identifier: GPL-2.0-or-later
// The guided path for a first-timer, in eight steps. Every step says what it is about to do and asks; answering no ends
// the guide with nothing lost. What was reached stands in <vault>/guide.json; when the guide is taken up again it reads
// the chip first and compares.
#include "cli/guide.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/number.h"
#include "cli/confine_chip.h"
#include "cli/overrides.h"
#include "report/chip/describe.h"
#include "report/chip/wiring.h"
#include "report/text.h"
#include "spi/marking.h"
#include "spi/programmer_list.h"

namespace quell::cli {

void Guide::tell(std::string_view text) const {
  const unsigned width = session_.width();
  print(fit(text, width == 0 ? usual_width : std::min(width, usual_width)));
}

void Guide::heading(std::string_view text) {
  ++step_;
  tell(fmt::format("\nStep {} of {}: {}\n\n", step_, steps, text));
}

Result<std::string> Guide::line(std::string_view prompt) {
  const auto answer = console_.line(fit(prompt, usual_width));
  if (!answer) return fail(Errc::usage, std::string(stopped_here));
  return std::string(trimmed(*answer));
}

Result<void> Guide::agree(std::string_view question) {
  for (;;) {
    const auto answer = line(fmt::format("{} [y/N] ", question));
    if (!answer) return tl::unexpected(answer.error());
    if (*answer == "y" || *answer == "Y" || *answer == "yes") return {};
    if (answer->empty() || *answer == "n" || *answer == "N" || *answer == "no")
      return fail(Errc::usage, std::string(stopped_here));
    tell("Please answer y for yes or n for no.\n");
  }
}

Result<std::unique_ptr<ChipSession>> Guide::begin() {
  arguments_.chip.accepted.add(Override::wiring);
  const auto programmer = spi::Programmer::parse(arguments_.chip.programmer);
  const bool pull_ups = arguments_.chip.pull_ups || (programmer && programmer->raspberry_pi());
  const bool asked = arguments_.chip.pull_ups;
  arguments_.chip.pull_ups = pull_ups;
  auto chip = ChipSession::begin(arguments_.chip, session_);
  if (!chip && pull_ups && !asked && chip.error().code == Errc::io) {
    // No header of a Raspberry Pi here: then the wires have to do it.
    arguments_.chip.pull_ups = false;
    chip = ChipSession::begin(arguments_.chip, session_);
    if (chip) tell("No pull-ups are set here: tie /WP and /HOLD to 3.3 V.\n");
  }
  if (!chip) return chip;
  if (answers_) (*chip)->console.assume_interactive();
  return chip;
}

void Guide::before() {
  heading("Before you start");
  tell(
      "What runs where: this guide runs on a second computer, with the clip on the board's flash chip. `quell status` "
      "and "
      "`quell watch` run on the board's own system, afterwards.\n"
      "Look up the board's service manual: how to open it, where the flash chip is, how to take the battery out.\n"
      "Take mains, the battery and the coin cell off the board, and press its power button once. Touch bare metal "
      "before "
      "you touch the board. Opening the machine can end its warranty.\n"
      "Writing firmware also writes back the boot entries and Secure Boot keys that were on the chip when it was read. "
      "If "
      "you enrolled keys of your own, have them at hand; if a disk is bound to the firmware's TPM, have its recovery "
      "key.\n");
  tell(fmt::format("The backup will lie in {}. Copy it to another disk as well.\n", vault_));
}

Result<void> Guide::choose_programmer() {
  heading("The programmer");
  if (arguments_.chip.programmer.empty()) arguments_.chip.programmer = progress_.programmer;
  const auto known = spi::library_programmers(spi::worker_program());
  for (;;) {
    if (arguments_.chip.programmer.empty()) {
      tell(
          "  1  a CH341A: a USB stick with a socket\n"
          "  2  a Raspberry Pi, connected with eight wires\n"
          "  3  a serprog device: say its place as serprog:dev=/dev/ttyACM0:115200\n");
      const auto answer = line("Which one do you have (a number, or flashrom's own name for it)? ");
      if (!answer) return tl::unexpected(answer.error());
      arguments_.chip.programmer = *answer == "1" ? "ch341a" : *answer == "2" ? "rpi" : *answer == "3" ? "" : *answer;
      if (arguments_.chip.programmer.empty()) continue;
    }
    const auto programmer = spi::Programmer::parse(arguments_.chip.programmer);
    if (programmer && programmer->internal()) {
      return fail(Errc::refused,
                  "The guide walks with a clip and an external programmer. From within a machine whose firmware allows "
                  "it: `quell flash --advise`, then `quell backup` and `quell flash` with -p internal "
                  "--allow-internal.");
    }
    const bool exists =
        programmer && (!known || known->empty() || std::ranges::find(*known, programmer->name()) != known->end());
    if (exists) {
      if (progress_.programmer != arguments_.chip.programmer) progress_.wired = false;
      progress_.programmer = arguments_.chip.programmer;
      tell(fmt::format("Using {}.\n", programmer->text()));
      return remember();
    }
    tell(fmt::format("There is no programmer {}. `quell probe --list` prints them all.\n",
                     report::printable(arguments_.chip.programmer)));
    arguments_.chip.programmer.clear();
    progress_.programmer.clear();
  }
}

Result<void> Guide::wire() {
  heading("The wires");
  const spi::Programmer programmer = *spi::Programmer::parse(arguments_.chip.programmer);
  if (progress_.wired) {
    tell("Done before. `quell wiring` shows the pin table again.\n");
    return agree("Is the clip on, and the board still without mains and batteries?");
  }
  if (const auto table = report::chip::wiring_text(programmer.name(), "soic8")) {
    tell(*table);
  } else {
    tell("There is no pin table for this programmer; connect the eight pins as its maker says.\n");
  }
  if (programmer.raspberry_pi())
    tell("The guide pulls /WP and /HOLD up through GPIO for as long as it talks to the chip.\n");
  QUELL_CHECK(agree("Mains and all batteries off the board, supply voltage looked up, clip on?"));
  if (!programmer.level_question().empty()) QUELL_CHECK(agree(programmer.level_question()));
  progress_.wired = true;
  return remember();
}

Result<void> Guide::choose_definition(const std::vector<spi::ChipDefinition>& candidates) {
  for (std::size_t i = 0; i < candidates.size(); ++i)
    tell(fmt::format("  {}  {}\n", i + 1, report::printable(candidates[i].name)));
  for (;;) {
    QUELL_TRY(const std::string answer, line("What is printed on the chip (or a number from the list)? "));
    if (answer.empty()) return fail(Errc::usage, std::string(stopped_here));
    const auto number = parse_decimal(answer);
    if (number && *number >= 1 && *number <= candidates.size()) {
      arguments_.chip.chip = candidates[*number - 1].name;
      return {};
    }
    auto fits = spi::fitting(candidates, answer);
    if (fits.empty()) {
      const auto named = std::ranges::find_if(
          candidates, [&](const spi::ChipDefinition& one) { return spi::lists_name(one.name, answer); });
      if (named != candidates.end()) fits.push_back(*named);
    }
    if (fits.size() == 1) {
      arguments_.chip.chip = fits.front().name;
      tell(fmt::format("That is {}.\n", report::printable(fits.front().name)));
      return {};
    }
    tell(fits.empty()
             ? "That is none of these. Look again, with a lamp from the side; the ID fits only the chips above.\n"
             : "That fits several of these: choose by number.\n");
  }
}

Result<void> Guide::identify() {
  heading("The chip");
  if (arguments_.chip.chip.empty()) arguments_.chip.chip = progress_.chip;
  for (;;) {
    QUELL_TRY(auto chip, begin());
    auto attached = chip->access->look();
    if (!attached && !arguments_.chip.chip.empty() && attached.error().code == Errc::usage) {
      // What is remembered is another chip's name.
      tell("The chip does not answer as the one that was here before.\n");
      arguments_.chip.chip.clear();
      progress_.chip.clear();
      continue;
    }
    if (!attached) return tl::unexpected<Error>(attached.error());
    tell(report::chip::probe_text(attached->identity, attached->protection, attached->worker.library_version()));
    static_cast<void>(attached->worker.finish());
    jedec_ = attached->identity.jedec_id;
    if (attached->identity.definition) {
      progress_.chip = arguments_.chip.chip;
      return remember();
    }
    const auto candidates = attached->identity.candidates;
    chip.reset();
    QUELL_CHECK(choose_definition(candidates));
  }
}

Result<void> Guide::run() {
  if (answers_) console_.assume_interactive();
  if (!console_.interactive()) {
    return fail(Errc::usage,
                "the guide asks questions: run it in a terminal, or give the answers on standard input with --answers");
  }
  QUELL_CHECK(open_vault(arguments_.chip));
  progress_ = spi::load_guide_progress(vault_);
  tell(
      "From a running machine to one whose engine is quiet, in eight steps. Answering no stops safely; `quell guide` "
      "goes on where "
      "you stopped, `quell guide --new` begins anew.\n");
  before();
  QUELL_CHECK(choose_programmer());
  confine_chip(session_, *spi::Programmer::parse(arguments_.chip.programmer), vault_);
  QUELL_CHECK(wire());
  QUELL_CHECK(identify());
  QUELL_CHECK(back_up());
  if (progress_.backup.empty())
    return fail(Errc::io, "the vault does not hold the backup any more: `quell guide --new`");
  QUELL_CHECK(inspect());
  QUELL_CHECK(prepare());
  QUELL_CHECK(write());
  spi::forget_guide_progress(vault_);
  return {};
}

int Guide::conclude(const Result<void>& result) {
  if (result) return done;
  const Error& error = result.error();
  if (error.message == ended_here) return done;
  if (error.message == stopped_here) {
    tell(fmt::format("\nStopped in step {} of {}; nothing on the chip was changed. `quell guide` goes on from here.\n",
                     step_, steps));
    return done;
  }
  const int status = complain(error, {}, flash_overrides | guide_overrides());
  tell(writing_ && interrupted()
           ? fmt::format("\nStopped while writing. Do not start the machine. `quell guide` goes on; `quell "
                         "restore {} -p {}` goes "
                         "back.\n",
                         guide_name(progress_.backup), arguments_.chip.programmer)
           : fmt::format(
                 "\nStopped in step {} of {}; nothing on the chip was changed. `quell guide` goes on from here.\n",
                 step_, steps));
  return status;
}

const Overrides& guide_overrides() {
  static const Overrides offered{Override::boot_guard, Override::descriptor_alone};
  return offered;
}

void add_guide(const Command& app, Session& session) {
  auto arguments = std::make_shared<FlashArguments>();
  auto answers = std::make_shared<bool>(false);
  auto anew = std::make_shared<bool>(false);
  auto forget = std::make_shared<bool>(false);
  auto cleaning = std::make_shared<intel::CleanOptions>();
  const Command command = add_command(
      app, session, "guide", "the whole path, step by step, for a first-timer with a clip",
      "quell guide\n"
      "  quell guide -p rpi\n"
      "It can be left at every question and goes on there the next time, once it has read the chip and compared.",
      no_choice);
  command.flag("--new", *anew, "begin anew, whatever was reached before; backups stay");
  command.flag("--forget", *forget, "forget what was reached, and stop; backups stay");
  add_flash_options(command, *arguments);
  command.flag("--answers", *answers, "read the answers from standard input although it is no terminal");
  add_override_options(command, guide_overrides(), cleaning->accepted);
  command.callback([=, &session] {
    if (*anew || *forget) spi::forget_guide_progress(vault_path(arguments->chip));
    if (*forget) {
      print("Forgotten. The vault keeps its backups.\n");
      return;
    }
    Guide guide(*arguments, *cleaning, session, *answers);
    session.status = guide.conclude(guide.run());
  });
}

}  // namespace quell::cli
