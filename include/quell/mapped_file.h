// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>

#include "quell/byte_view.h"

namespace quell {

// The largest input that anything here takes, in bytes. Flash chips end at 256 MiB; the bound keeps a stray disk image
// from being read at all.
constexpr std::uint64_t largest_input = std::uint64_t{512} << 20U;

// The content of a file, for as long as the object lives. Regular files are mapped; pipes and other streams
// ("-" is standard input) are read to memory. Nothing is ever written through it.
class MappedFile {
 public:
  // Errc::io with the path and the system's reason; a directory, an empty file and a file over largest_input are
  // errors too. A mapped file that is cut short by another program while it is read raises SIGBUS,
  // which ends a program that does not handle it; copy() has no such danger.
  static Result<MappedFile> open(const std::filesystem::path& path);
  // A private copy of the content, which no other program can change under the reader.
  static Result<MappedFile> copy(const std::filesystem::path& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  [[nodiscard]] Bytes bytes() const noexcept { return bytes_; }
  [[nodiscard]] ByteView view() const noexcept { return ByteView(bytes_); }

 private:
  MappedFile() = default;
  void release() noexcept;

  Bytes bytes_;
  void* mapping_ = nullptr;  // null when the content lives in `buffer_`
  std::size_t mapped_size_ = 0;
  Buffer buffer_;
};

}  // namespace quell
