// SPDX-License-Identifier: GPL-2.0-or-later
// Runs the program as a user does, in a folder of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "quell/byte_view.h"
#include "specimen/amd.h"

namespace quell::test {

class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

struct Outcome {
  int status = -1;  // exit status; 128 + n after signal n
  std::string output{};
  std::string errors{};
};

struct RunOptions {
  std::string program = QUELL_PROGRAM;
  std::vector<std::string> environment{};  // NAME=value, added
  std::string input{};                     // what is typed
  std::uint64_t file_size_limit = 0;       // RLIMIT_FSIZE
  unsigned seconds = 60;                   // then it is killed: status 137
  std::function<void(pid_t)> started{};
};

Outcome run(const std::vector<std::string>& arguments, const RunOptions& options = {});

Buffer read_bytes(const std::filesystem::path& path);
void write_bytes(const std::filesystem::path& path, Bytes bytes);

// A whole synthetic dump of this size whose descriptor speaks of one chip of just this size.
Buffer machine(std::uint64_t size, std::uint32_t seed = 1);
// The same with its ME quieted, as `quell clean` would.
Buffer quieted(const Buffer& dump);
// The content of an AMD board's chip: a specimen with a BIOS of noise in its free half.
Buffer amd_machine(specimen::AmdLayout layout, std::uint64_t size);

}  // namespace quell::test
