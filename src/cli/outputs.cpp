// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/outputs.h"

#include <optional>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/printable.h"
#include "cli/command.h"

namespace quell::cli {

namespace {

// What "-" stands for is a file as well: standard input among the inputs, standard output among the outputs.
bool status_of(const std::string& path, int standard, struct stat& status) {
  return (path == "-" ? ::fstat(standard, &status) : ::stat(path.c_str(), &status)) == 0;
}

bool is_input(const std::string& input, const std::string& output) {
  struct stat in {};
  struct stat out {};
  if (!status_of(input, STDIN_FILENO, in) || !status_of(output, STDOUT_FILENO, out)) {
    return input != "-" && output != "-" && same_file(input, output);
  }
  return S_ISREG(out.st_mode) && in.st_dev == out.st_dev && in.st_ino == out.st_ino;
}

}  // namespace

bool same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code ignored;
  if (std::filesystem::equivalent(a, b, ignored)) return true;
  const auto one = std::filesystem::weakly_canonical(a, ignored);
  const auto other = std::filesystem::weakly_canonical(b, ignored);
  return one.empty() || other.empty() ? a == b : one == other;
}

void Outputs::protect_input(const std::string& path) { inputs_.push_back(path); }

Result<void> Outputs::check_inputs(const std::string& path) const {
  if (in_place_) return {};
  for (const std::string& input : inputs_) {
    if (!is_input(input, path)) continue;
    return fail(Errc::usage, fmt::format("{}: is the input too; name another file, so that the original stays",
                                         path == "-" ? "standard output" : path));
  }
  return {};
}

Result<void> Outputs::add(const std::string& path, Buffer content) {
  QUELL_CHECK(check_inputs(path));
  for (const Output& other : files_) {
    if (path != "-" && other.path != "-" && same_file(other.path, path)) {
      return fail(Errc::usage, fmt::format("{}: is named for two outputs", path));
    }
  }
  files_.push_back({path, std::move(content)});
  return {};
}

Result<void> Outputs::add_own(const std::string& path, Buffer content) {
  QUELL_CHECK(add(path, std::move(content)));
  files_.back().links = AtomicFile::Links::replaced;
  return {};
}

Result<void> Outputs::write() const {
  std::vector<AtomicFile> open;
  const bool named = !inputs_.empty() && inputs_.front() != "-";
  const auto mode_from = named ? std::optional<std::filesystem::path>(inputs_.front()) : std::nullopt;
  for (const Output& file : files_) {
    QUELL_CHECK(check_inputs(file.path));
    QUELL_TRY(AtomicFile output, AtomicFile::create(file.path, mode_from, file.links));
    QUELL_CHECK(output.write(file.content));
    open.push_back(std::move(output));
  }
  for (std::size_t i = 0; i < open.size(); ++i) {
    const std::uint64_t others = open[i].other_names();
    QUELL_CHECK(open[i].commit());
    if (others == 0) continue;
    say(fmt::format("quell: {}: {} of this file {} the old content\n", printable(files_[i].path),
                    others == 1 ? "another name" : fmt::format("{} other names", others),
                    others == 1 ? "keeps" : "keep"));
  }
  return {};
}

}  // namespace quell::cli
