// SPDX-License-Identifier: GPL-2.0-or-later
// Where the lines of a scan go.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "quell/result.h"

struct stat;

namespace quell::scan {

// OUT.part while the scan runs, OUT when it is done. One write a line; where OUT ends in ".zst", one a frame of about
// 1 MiB of whole lines, each frame on its own. "-" is standard output.
class Output {
 public:
  // Opens OUT.part, which no other scan may have open. Where OUT or OUT.part hold something that no scan wrote it is
  // Errc::refused. Where it is there already it is Errc::refused, unless `resume`;
  // then it is gone on with, or else with a copy of OUT, where that is there.
  static Result<Output> open(const std::string& path, bool resume);

  // Every whole line that was written before. What follows them, or the first that `take` does not accept, is cut off.
  Result<void> read_back(const std::function<bool(std::string_view line)>& take);
  // One line or several, whole.
  Result<void> write(std::string_view lines);
  // Brings to the disk what was written, where the last time is five seconds ago.
  Result<void> keep();
  // The same at once.
  Result<void> pause();
  // The same, and gives the file its name.
  Result<void> commit();
  // OUT holds all that there is to write: OUT.part is not needed.
  void drop();

  [[nodiscard]] bool to_stream() const noexcept { return part_.empty(); }
  // Whether this is the file itself, by any of its names.
  [[nodiscard]] bool is(const struct stat& status) const;
  // Whether OUT was there, and OUT.part was not.
  [[nodiscard]] bool was_finished() const noexcept { return was_finished_; }

 private:
  Output() = default;
  [[nodiscard]] Error failure(const char* doing) const;
  Result<void> copy_finished();
  Result<void> write_all(std::string_view bytes);
  Result<void> write_frame();

  std::string path_{};
  std::string part_{};  // empty for a stream
  FileDescriptor file_{};
  bool compressed_ = false;
  bool was_finished_ = false;
  bool written_ = false;
  std::string waiting_{};  // lines of the next frame
  std::chrono::steady_clock::time_point kept_ = std::chrono::steady_clock::now();
};

}  // namespace quell::scan
