// SPDX-License-Identifier: GPL-2.0-or-later
// The work list of a scan: paths, and little else, because there may be ten million.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quell/result.h"
#include "scan/shard.h"

namespace quell::scan {

// Paths in one piece of memory.
class PathList {
 public:
  void add(std::string_view path);
  // In the order of their bytes, each once.
  void sort();
  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  [[nodiscard]] std::string_view at(std::size_t index) const;

 private:
  struct Place {
    std::uint64_t start;
    std::uint64_t size;
  };
  [[nodiscard]] std::string_view at(const Place& place) const;

  std::string text_{};
  std::vector<Place> places_{};
};

// Adds what `path` names and belongs to the shard: the path itself, or where it is a folder all that lies below it but
// for folders. A link to a folder is followed when it is `path` itself, and is left out below it. A folder that cannot
// be listed is added itself.
void walk(const std::string& path, const Shard& shard, PathList& list);

// Walks every path of a list in which each ends with a NUL byte; "-" is standard input. Errc::io; Errc::usage
// where it looks like a list of lines.
Result<void> walk_listed(const std::string& list_path, const Shard& shard, PathList& list);

}  // namespace quell::scan
