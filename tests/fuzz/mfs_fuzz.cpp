// SPDX-License-Identifier: GPL-2.0-or-later
// The engine's file system is written by the engine and by whoever made the image; both may be hostile.
#include <cstdint>
#include <span>

#include "intel/cse/mfs.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const ByteView view(std::as_bytes(std::span(data, size)));
  static_cast<void>(intel::parse_mfs_configuration(view));
  const auto volume = intel::parse_mfs(view);
  if (!volume) return 0;
  std::uint64_t total = 0;
  for (const intel::MfsFile& file : volume->files) {
    const Buffer content = volume->content(file);
    total += content.size();
    static_cast<void>(intel::mfs_file_title(file.number));
    static_cast<void>(intel::parse_mfs_configuration(ByteView(content)));
  }
  // No chunk belongs to two files.
  if (total > (volume->chunk_places.size() + 1) * intel::mfs_chunk_size) __builtin_trap();
  return 0;
}
