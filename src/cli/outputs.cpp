// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/outputs.h"

#include <fmt/format.h>

#include "base/atomic_file.h"

namespace quell::cli {

bool same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code ignored;
  if (std::filesystem::equivalent(a, b, ignored)) return true;
  return std::filesystem::weakly_canonical(a, ignored) == std::filesystem::weakly_canonical(b, ignored);
}

Result<void> Outputs::add(const std::string& path, Buffer content) {
  if (path != "-") {
    if (input_ && !in_place_ && same_file(*input_, path)) {
      return fail(Errc::usage,
                  fmt::format("{}: is the input too; name another file, so that the original stays", path));
    }
    for (const Output& other : files_) {
      if (same_file(other.path, path)) return fail(Errc::usage, fmt::format("{}: is named for two outputs", path));
    }
  }
  files_.push_back({path, std::move(content)});
  return {};
}

Result<void> Outputs::write() const {
  std::vector<AtomicFile> open;
  for (const Output& file : files_) {
    const auto mode_from = input_ ? std::optional<std::filesystem::path>(*input_) : std::nullopt;
    QUELL_TRY(AtomicFile output, AtomicFile::create(file.path, mode_from));
    QUELL_CHECK(output.write(file.content));
    open.push_back(std::move(output));
  }
  for (AtomicFile& output : open) QUELL_CHECK(output.commit());
  return {};
}

}  // namespace quell::cli
