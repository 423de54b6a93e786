// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/result.h"

namespace quell::cli {

// Files that a command writes together: all of them appear, or none.
class Outputs {
 public:
  // Errc::usage when the path names the input or another output.
  Result<void> add(const std::string& path, Buffer content);
  // The file that must not be named by any output, and whose permissions the outputs get.
  void protect_input(const std::string& path) { input_ = path; }
  // Lets an output replace the input itself, whole and at once.
  void allow_in_place() { in_place_ = true; }
  Result<void> write() const;

 private:
  struct Output {
    std::string path;
    Buffer content;
  };
  std::optional<std::string> input_;
  bool in_place_ = false;
  std::vector<Output> files_;
};

// Whether two paths name the same existing file, or are the same path.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace quell::cli
