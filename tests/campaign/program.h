// SPDX-License-Identifier: GPL-2.0-or-later
// The built program, run as a user runs it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace quell::campaign {

// Runs it; its reports are discarded, its messages go to a file. Its exit status, -1 when it was killed.
int run_quietly(const std::string& program, const std::vector<std::string>& arguments,
                const std::filesystem::path& messages);

// A folder that is gone with its object.
struct Folder {
  explicit Folder(std::filesystem::path name) : path(std::move(name)) { std::filesystem::create_directories(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(path), std::filesystem::directory_iterator()));
  }
  std::filesystem::path path;
};

}  // namespace quell::campaign
