// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/large_buffer.h"

#include <memory>

#include <sys/mman.h>
#include <unistd.h>

namespace quell {
namespace {

// An empty buffer with room for `size` bytes that nobody has touched yet. The advice may be ignored.
Buffer with_room(std::uint64_t size) {
  constexpr std::uint64_t huge_page = 2U << 20U;
  Buffer buffer;
  buffer.reserve(size);
  if (size < 2 * huge_page) return buffer;
  void* start = buffer.data();
  std::size_t room = buffer.capacity();
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (std::align(page, page, start, room) != nullptr) ::madvise(start, room / page * page, MADV_HUGEPAGE);
  return buffer;
}

}  // namespace

Buffer large_buffer(std::uint64_t size) {
  Buffer buffer = with_room(size);
  buffer.resize(size);
  return buffer;
}

Buffer copy_of(Bytes bytes) {
  Buffer buffer = with_room(bytes.size());
  buffer.assign(bytes.begin(), bytes.end());
  return buffer;
}

}  // namespace quell
