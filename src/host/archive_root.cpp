// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "host/tar.h"

namespace quell::host {
namespace {

bool holds_tree(const Entries& entries) {
  return std::ranges::any_of(tree_folders, [&entries](std::string_view folder) {
    const auto at = entries.lower_bound(folder);
    return at != entries.end() && at->first.starts_with(folder);
  });
}

// The archive without the one folder that everything in it lies below, as `tar` makes it of a folder.
Entries below_its_folder(const Entries& entries) {
  Entries out;
  std::string folder;
  for (const auto& [path, entry] : entries) {
    const auto slash = path.find('/', 1);
    const std::string first = path.substr(0, slash);
    if (!folder.empty() && first != folder) return entries;
    folder = first;
    if (slash != std::string::npos) out[path.substr(slash)] = entry;
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<Root>> archive_root(ByteView archive) {
  QUELL_TRY(auto entries, read_tar(archive));
  Entries tree = holds_tree(entries) ? std::move(entries) : below_its_folder(entries);
  if (!holds_tree(tree)) {
    return fail(Errc::unrecognised, "neither sys nor proc in this archive: not a captured tree");
  }
  return memory_root(std::move(tree));
}

}  // namespace quell::host
