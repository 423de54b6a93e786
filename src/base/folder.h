// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file_descriptor.h"
#include "quell/byte_view.h"
#include "quell/result.h"

namespace quell {

// A folder that is held open. What is done in it goes through its descriptor, never through a path, and no symbolic
// link is followed on the way: whoever may write to the folder can break the work, but not lead it elsewhere.
class Folder {
 public:
  // The folder that the user named; links on the way to it are followed. Errc::io.
  static Result<Folder> open(const std::filesystem::path& path);

  // A folder below this one, by a relative path without "..". Where `make` is set, the folders that are missing are
  // made, and their paths put into `made`. A link on the way is Errc::refused.
  [[nodiscard]] Result<Folder> below(const std::filesystem::path& relative, bool make = false,
                                     std::vector<std::filesystem::path>* made = nullptr) const;
  // The same with links followed as if this folder were the root: none leads out of it. Errc::io when it is not there,
  // or the kernel cannot do that.
  [[nodiscard]] Result<Folder> inside(const std::filesystem::path& relative) const;
  // A new folder with this prefix and a random ending, for this user alone. Returns its name.
  [[nodiscard]] Result<std::string> make_private(const std::string& prefix) const;
  // A new file for writing; never an existing one, never through a link.
  [[nodiscard]] Result<FileDescriptor> create(const std::string& name) const;

  [[nodiscard]] int get() const noexcept { return descriptor_.get(); }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  Folder(FileDescriptor descriptor, std::filesystem::path path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  FileDescriptor descriptor_;
  std::filesystem::path path_;  // for messages
};

// Writes a file of this folder, whole or not at all; a link of that name is replaced, not followed. The permissions are
// 0666 less the umask.
Result<void> write_file(const Folder& folder, const std::string& name, Bytes bytes);

}  // namespace quell
