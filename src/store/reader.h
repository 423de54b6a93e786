// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "quell/result.h"

namespace quell::store {

// One line of a file.
struct Line {
  std::string text{};
  std::uint64_t number = 0;  // from 1
  bool ended = true;         // false: the file stops in it
  bool too_long = false;     // its text was passed over
};

// The lines of a file or of standard input ("-"), one at a time; what zstd packed is unpacked on the way, told by its
// magic and not by its name.
class LineReader {
 public:
  // `stopped` is asked while there is nothing to read, and before each block: true ends the reading.
  static Result<LineReader> open(const std::string& path, std::function<bool()> stopped);

  LineReader(LineReader&&) noexcept;
  LineReader& operator=(LineReader&&) noexcept;
  ~LineReader();

  // The next line that is not empty; nothing at the end. Errc::io where the system or the packed data fails: what was
  // read before stands.
  Result<std::optional<Line>> next();
  // Whether the packed data stops before its end: the writer was stopped, or the file was cut short.
  [[nodiscard]] bool cut_short() const noexcept;

 private:
  struct Unpacker;
  LineReader(FileDescriptor file, std::string name, std::function<bool()> stopped);
  Result<bool> fill();
  Result<std::string_view> read_block();
  [[nodiscard]] Result<void> wait() const;

  FileDescriptor file_;
  std::string name_;
  std::function<bool()> stopped_;
  std::string raw_{};
  std::string text_{};     // what is unpacked and not handed out yet
  std::size_t taken_ = 0;  // of text_
  std::uint64_t number_ = 0;
  bool begun_ = false;
  bool at_end_ = false;
  std::optional<Error> damage_{};  // of the packed data, told when what stands before it was handed out
  std::unique_ptr<Unpacker> unpacker_;
};

}  // namespace quell::store
