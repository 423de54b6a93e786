// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/folder.h"
#include "quell/byte_view.h"

namespace quell::cli {

// A folder of output files that appears whole or not at all. Files are written to a hidden folder on the same file
// system; `publish` moves them into place and takes everything back when one move fails. Destroyed before that, it
// removes what it made. All of it goes through folders that are held open, so that whoever may write to the target can
// lead nothing elsewhere. While it lives, signals that would end the program are noted; the destructor cleans up and
// then lets the signal do what it would have done. What a run left that was killed, the next one removes.
class OutputFolder {
 public:
  // `target` need not exist; its parent must.
  static Result<OutputFolder> create(const std::filesystem::path& target);

  // The folder in which all of it will happen: the target, or its parent where it is not there yet.
  static std::filesystem::path place_of(const std::filesystem::path& target);

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
  OutputFolder(Folder place, std::string name) : place_(std::move(place)), name_(std::move(name)) {}
  Result<void> make_staging();
  Result<void> check_target(const Folder& target, bool overwrite) const;
  Result<void> move_all(const Folder& target);
  Result<void> move_one(const Folder& target, const std::filesystem::path& path);
  void roll_back(const Folder& target) noexcept;
  // The folder that holds `path` in a tree of ours; made where it is missing.
  [[nodiscard]] Result<Folder> holder(const Folder& tree, const std::filesystem::path& path) const;

  Folder place_;                   // the target where it was there, else its parent
  std::string name_;               // of the target in `place_`; empty where the target was there
  std::string staging_name_{};     // in `place_`; empty once moved from
  std::optional<Folder> fresh_{};  // the new files
  std::optional<Folder> old_{};    // those of the target that they replace
  std::vector<std::string> files_{};
  std::vector<std::filesystem::path> made_folders_{};  // in the target, by publish
  std::size_t moved_ = 0;                              // how many of files_ have been moved
};

}  // namespace quell::cli
