// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "quell/byte_view.h"

namespace quell {

// An output file that appears whole or not at all: written under a temporary name in the same folder, fsync'd,
// then renamed over the target. Destroyed or interrupted before `commit` it leaves nothing behind: temporary files
// are unlinked by the destructor and, for a program that calls remove_temporaries_on_signals(), on SIGINT, SIGTERM
// and SIGHUP. Devices and pipes ("-" is standard output) are written directly on commit.
class AtomicFile {
 public:
  // Creates the temporary file; permissions are those of `mode_from` where given, else 0666 less the umask.
  static Result<AtomicFile> create(const std::filesystem::path& target,
                                   const std::optional<std::filesystem::path>& mode_from = std::nullopt);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // Appends bytes. Errc::io names the target and the reason (a full disk).
  Result<void> write(Bytes bytes);
  // Flushes to the disk and renames. After this the object is spent.
  Result<void> commit();

 private:
  AtomicFile() = default;
  void discard() noexcept;
  Error failure(const char* doing, int number) const;

  std::filesystem::path target_;
  std::string temporary_;  // empty when written directly
  int descriptor_ = -1;
};

// Writes one whole file as above.
Result<void> write_file(const std::filesystem::path& target, Bytes bytes,
                        const std::optional<std::filesystem::path>& mode_from = std::nullopt);

// For programs: installs handlers that unlink unfinished temporary files and then let the signal end the program.
void remove_temporaries_on_signals();

}  // namespace quell
