// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/large_buffer.h"

#include <memory>

#ifndef __wasm__
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "base/size.h"

namespace quell {
namespace {

// An empty buffer with room for `size` bytes that nobody has touched yet. The advice may be ignored.
Buffer with_room(std::uint64_t size) {
  Buffer buffer;
  buffer.reserve(to_size(size));
#ifndef __wasm__
  constexpr std::uint64_t huge_page = 2U << 20U;
  if (size < 2 * huge_page) return buffer;
  void* start = buffer.data();
  std::size_t room = buffer.capacity();
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (std::align(page, page, start, room) != nullptr) ::madvise(start, room / page * page, MADV_HUGEPAGE);
#endif
  return buffer;
}

}  // namespace

Buffer large_buffer(std::uint64_t size) {
  Buffer buffer = with_room(size);
  buffer.resize(to_size(size));
  return buffer;
}

Buffer copy_of(Bytes bytes) {
  Buffer buffer = with_room(bytes.size());
  buffer.assign(bytes.begin(), bytes.end());
  return buffer;
}

}  // namespace quell
