// SPDX-License-Identifier: GPL-2.0-or-later
// Packed sections come from firmware images of any origin; their headers announce sizes that nobody has checked. The
// first byte picks the encoding.
#include <cstdint>
#include <span>

#include "uefi/unpack.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  using uefi::Encoding;
  constexpr std::uint64_t limit = std::uint64_t{1} << 20U;
  constexpr std::array encodings{Encoding::lzma,  Encoding::lzma_x86, Encoding::efi11,
                                 Encoding::tiano, Encoding::brotli,   Encoding::gzip};
  if (size == 0) return 0;
  const ByteView packed(std::as_bytes(std::span(data, size).subspan(1)));
  const Encoding encoding = encodings.at(*data % encodings.size());
  const auto announced = uefi::announced_size(encoding, packed);
  const auto result = uefi::unpack(encoding, packed, limit);
  if (!result) return 0;
  if (result->bytes.size() > limit || result->consumed > packed.size()) __builtin_trap();
  if (announced && *announced != result->bytes.size()) __builtin_trap();
  return 0;
}
