// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "quell/byte_view.h"

namespace quell::cli {

// A folder of output files that appears whole or not at all. Files are written to a hidden folder on the same file
// system; `publish` moves them into place and takes everything back when one move fails. Destroyed before that, it
// removes what it made. While it lives, SIGINT, SIGTERM and SIGHUP are noted instead of ending the program; the
// destructor cleans up and then lets the signal do what it would have done.
class OutputFolder {
 public:
  // `target` need not exist; its parent must.
  static Result<OutputFolder> create(const std::filesystem::path& target);

  OutputFolder(OutputFolder&& other) noexcept;
  OutputFolder& operator=(OutputFolder&&) = delete;
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder();

  // Writes one file; `path` is relative, safe and not written before. Fails too when a signal has come.
  Result<void> write(const std::string& path, Bytes bytes);

  // Moves everything into the target. Errc::refused when a file is there already and `overwrite` is not set. A folder
  // on the way that is a symbolic link is never followed.
  Result<void> publish(bool overwrite);

 private:
  OutputFolder() = default;
  Result<void> check_target(bool overwrite) const;
  Result<void> move_all();
  void roll_back() noexcept;

  std::filesystem::path target_;
  std::filesystem::path staging_;  // empty once published or moved from
  bool target_existed_ = false;
  std::vector<std::string> files_;
  std::vector<std::filesystem::path> made_folders_;  // in the target, by publish
  std::size_t moved_ = 0;                            // how many of files_ have been moved
};

}  // namespace quell::cli
