// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/path_list.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/file_descriptor.h"

namespace quell::scan {

namespace fs = std::filesystem;

void PathList::add(std::string_view path) {
  places_.push_back({text_.size(), path.size()});
  text_ += path;
}

std::string_view PathList::at(const Place& place) const {
  return std::string_view(text_).substr(place.start, place.size);
}

std::string_view PathList::at(std::size_t index) const { return at(places_.at(index)); }

void PathList::sort() {
  const auto path = [this](const Place& place) { return at(place); };
  std::ranges::sort(places_, {}, path);
  const auto same = [&](const Place& a, const Place& b) { return at(a) == at(b); };
  places_.erase(std::unique(places_.begin(), places_.end(), same), places_.end());
}

void walk(const std::string& path, const Shard& shard, PathList& list) {
  const auto add = [&](const std::string& found) {
    if (shard.has(found)) list.add(found);
  };
  std::error_code problem;
  if (!fs::is_directory(path, problem)) return add(path);
  std::vector<std::string> folders{path};
  while (!folders.empty()) {
    const std::string folder = std::move(folders.back());
    folders.pop_back();
    fs::directory_iterator entries(folder, problem);
    for (; !problem && entries != fs::directory_iterator(); entries.increment(problem)) {
      std::error_code unknown;
      const fs::file_type type = entries->symlink_status(unknown).type();
      if (type == fs::file_type::directory) {
        folders.push_back(entries->path().native());
      } else if (type != fs::file_type::symlink || !fs::is_directory(entries->path(), unknown)) {
        add(entries->path().native());
      }
    }
    if (problem) add(folder);
    problem.clear();
  }
}

Result<void> walk_listed(const std::string& list_path, const Shard& shard, PathList& list) {
  const auto failure = [&](const char* doing) {
    return fail(Errc::io, fmt::format("{}: {}: {}", list_path, doing, std::strerror(errno)));
  };
  const FileDescriptor file(list_path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                             : ::open(list_path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) return failure("cannot be opened");
  std::string path;
  const auto finish = [&] {
    if (!path.empty()) walk(path, shard, list);
    path.clear();
  };
  bool ended = false;  // a path, by a NUL byte
  bool lines = false;
  std::array<char, 65536> block{};
  for (;;) {
    const ssize_t count = ::read(file.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure("cannot be read");
    if (count == 0) break;
    for (const char byte : std::string_view(block.data(), static_cast<std::size_t>(count))) {
      lines = lines || byte == '\n';
      if (byte == '\0') {
        ended = true;
        finish();
      } else {
        path += byte;
      }
    }
  }
  if (lines && !ended) {
    return fail(Errc::usage,
                fmt::format("{}: has lines and no NUL byte that ends a path: write it with `find -print0`, "
                            "or pass it through `tr '\\n' '\\0'`",
                            list_path));
  }
  finish();
  return {};
}

}  // namespace quell::scan
