// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "cli/flashing.h"
#include "quell/intel/clean.h"
#include "spi/backup_job.h"
#include "spi/guide_progress.h"

namespace quell::cli {

// What can be insisted on in the guide.
const Overrides& guide_overrides();

// An object's name as the guide prints it.
std::string guide_name(const std::string& hash);

class Guide {
 public:
  Guide(FlashArguments& arguments, const intel::CleanOptions& cleaning, Session& session, bool answers)
      : arguments_(arguments),
        cleaning_(cleaning),
        session_(session),
        answers_(answers),
        vault_(vault_path(arguments.chip)) {}

  // All steps. What the user said no to comes back as an error that `conclude` knows.
  Result<void> run();
  // Says how it ended and how it goes on; the exit status.
  int conclude(const Result<void>& result);

 private:
  static constexpr unsigned steps = 8;
  static constexpr unsigned usual_width = 80;
  static constexpr std::string_view stopped_here = "stopped";
  static constexpr std::string_view ended_here = "ended";

  void before();
  Result<void> choose_programmer();
  Result<void> wire();
  Result<void> identify();
  Result<void> choose_definition(const std::vector<spi::ChipDefinition>& candidates);
  Result<void> back_up();
  Result<void> compare(const spi::Vault& vault, const spi::BackupResult& now);
  Result<void> inspect();
  Result<void> prepare();
  Result<void> no_engine_to_quiet() const;
  Result<void> write();

  // Text, wrapped at the terminal or at 80 columns.
  void tell(std::string_view text) const;
  void heading(std::string_view text);
  Result<void> agree(std::string_view question);
  Result<std::string> line(std::string_view prompt);
  // A conversation with the wiring confirmed already, and pull-ups on a Raspberry Pi.
  Result<std::unique_ptr<ChipSession>> begin();
  // Whether the write of the prepared image to this chip was interrupted.
  [[nodiscard]] bool interrupted() const;
  Result<void> remember() { return spi::save_guide_progress(vault_, progress_); }

  // Ctrl-C at a question ends the guide in words.
  spi::JobSignals signals_{};
  FlashArguments& arguments_;
  const intel::CleanOptions& cleaning_;
  Session& session_;
  bool answers_;
  std::string vault_;
  spi::GuideProgress progress_{};
  Console console_{session_};
  std::string jedec_{};
  unsigned step_ = 0;
  bool writing_ = false;
  bool already_written_ = false;
};

}  // namespace quell::cli
