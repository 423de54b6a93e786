// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "quell/byte_view.h"

namespace quell {

// An output file that appears whole or not at all: written without a name (under a temporary one where the file system
// has no such thing) in the same folder, fsync'd, then put in the place of the target. Destroyed or interrupted before
// `commit` it leaves nothing behind; for signals the program calls clean_up_on_signals() (base/signals.h). Devices and
// pipes ("-" is standard output) are written directly.
class AtomicFile {
 public:
  // What becomes of a symbolic link with the target's name: the file that it names is replaced, or the link itself.
  enum class Links { followed, replaced };

  // A new file gets the read and write permissions of `mode_from`, where given, less the umask; one that is replaced
  // keeps its owner, group and mode, without set-id bits.
  static Result<AtomicFile> create(const std::filesystem::path& target,
                                   const std::optional<std::filesystem::path>& mode_from = std::nullopt,
                                   Links links = Links::followed);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // Appends bytes. Errc::io names the target and the reason (a full disk).
  Result<void> write(Bytes bytes);
  // Flushes to the disk and gives the content its name. After this the object is spent.
  Result<void> commit();
  // How many other names (hard links) of a file that is replaced keep the old content.
  [[nodiscard]] std::uint64_t other_names() const noexcept { return other_names_; }

 private:
  AtomicFile() = default;
  Result<void> open_content(unsigned mode, bool replaces);
  Result<void> publish();
  void discard() noexcept;
  [[nodiscard]] std::string new_temporary_name() const;
  [[nodiscard]] Error failure(const char* doing, int number) const;

  std::filesystem::path target_;
  std::string name_;       // in the folder
  std::string temporary_;  // in the folder; empty while the content has no name
  int folder_ = -1;        // -1 when written directly
  int descriptor_ = -1;
  std::uint64_t other_names_ = 0;
};

// Writes one whole file as above.
Result<void> write_file(const std::filesystem::path& target, Bytes bytes,
                        const std::optional<std::filesystem::path>& mode_from = std::nullopt);

}  // namespace quell
