// SPDX-License-Identifier: GPL-2.0-or-later
// Modules come from firmware images of any origin, and nothing of them is trusted before they are unpacked.
#include <cstdint>
#include <span>

#include "intel/cse/huffman.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size < 2) return 0;
  const Bytes bytes = std::as_bytes(std::span(data, size));
  const bool old = (bytes[0] & std::byte{1}) != std::byte{0};
  const std::uint64_t chunks = std::to_integer<std::uint64_t>(bytes[1]);
  const auto& dictionary = old ? intel::HuffmanDictionary::me11() : intel::HuffmanDictionary::me12();
  const auto result = dictionary.unpack(ByteView(bytes.subspan(2)), chunks * intel::huffman_chunk_size);
  if (result && result->bytes.size() != chunks * intel::huffman_chunk_size) __builtin_trap();
  // The shortest codewords have 7 bits and stand for at most 15 bytes.
  if (result && result->bytes.size() > size * 18) __builtin_trap();
  return 0;
}
