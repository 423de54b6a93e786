// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "quell/byte_view.h"
#include "quell/result.h"

namespace quell::cli {

// Files that a command writes together: all of them appear, or none.
class Outputs {
 public:
  // Errc::usage when the path names an input or another output.
  Result<void> add(const std::string& path, Buffer content);
  // The same for a name that the user did not choose: where it is a link, the link is replaced and not followed.
  Result<void> add_own(const std::string& path, Buffer content);
  // A file that no output may replace, however it is named; "-" is standard input. The outputs get the permissions of
  // the first one.
  void protect_input(const std::string& path);
  // Lets an output replace the input itself, whole and at once.
  void allow_in_place() { in_place_ = true; }
  Result<void> write() const;

 private:
  struct Output {
    std::string path;
    Buffer content;
    AtomicFile::Links links = AtomicFile::Links::followed;
  };
  [[nodiscard]] Result<void> check_inputs(const std::string& path) const;

  std::vector<std::string> inputs_;
  bool in_place_ = false;
  std::vector<Output> files_;
};

// Whether two paths name the same existing file, or are the same path.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace quell::cli
