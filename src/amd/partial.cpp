// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/partial.h"

#include <algorithm>
#include <bit>

#include "amd/read_directory.h"

namespace quell::amd {
namespace {

constexpr std::uint64_t step = 0x100;  // builders place directories at 4 KiB, some at less
// The largest real image has some forty.
constexpr std::size_t most_directories = 256;

bool is_directory(ByteView file, const Window& window, std::uint64_t at) {
  const Cookie* cookie = cookie_at(file, at);
  if (cookie == nullptr) return false;
  const auto directory = read_directory(file, window, *cookie, {.offset = at});
  return directory && directory->checksum.computed && directory->checksum.valid();
}

}  // namespace

Efs absent_structure(Range body) {
  return {.offset = body.offset,
          .window = {.base = body.offset,
                     .size = std::min(std::bit_ceil(std::max<std::uint64_t>(body.size, 1)), largest_window),
                     .end = body.end()},
          .absent = true};
}

std::vector<std::uint64_t> find_directories(ByteView file, Range body) {
  std::vector<std::uint64_t> found;
  const Window window = absent_structure(body).window;
  for (std::uint64_t at = body.offset; at < body.end() && found.size() < most_directories; at += step) {
    if (is_directory(file, window, at)) found.push_back(at);
  }
  return found;
}

std::vector<std::uint64_t> erased_places(ByteView file, const Window& window) {
  std::vector<std::uint64_t> out;
  for (const std::uint64_t distance : efs_distances) {
    if (distance > window.size) continue;
    const std::uint64_t at = window.base + (window.size - distance);
    const ByteView bytes = file.clip({at, efs_size});
    if (bytes.size() == efs_size && bytes.filled_with(std::byte{0xFF})) out.push_back(at);
  }
  return out;
}

}  // namespace quell::amd
