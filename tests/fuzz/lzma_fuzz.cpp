// SPDX-License-Identifier: GPL-2.0-or-later
// Modules come from firmware images of any origin; their headers declare sizes that nobody has checked.
#include <cstdint>
#include <span>

#include "intel/cse/lzma.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  constexpr std::uint64_t limit = std::uint64_t{1} << 20U;
  const ByteView view(std::as_bytes(std::span(data, size)));
  static_cast<void>(intel::looks_like_lzma(view));
  const auto result = intel::unpack_lzma(view, limit);
  if (!result) return 0;
  if (result->bytes.size() > limit || result->consumed > size) __builtin_trap();
  if (view.u64(5).value_or(0) != result->bytes.size()) __builtin_trap();
  return 0;
}
