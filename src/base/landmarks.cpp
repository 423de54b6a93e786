// SPDX-License-Identifier: GPL-2.0-or-later
// The pass works on blocks of 1 KiB: four comparisons a word that the compiler turns into vector instructions say
// whether a block holds a candidate at all; only then the words are looked at one by one.
#include "quell/landmarks.h"

#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <string_view>

namespace quell {
namespace {

constexpr std::size_t block_size = 1024;
constexpr std::size_t keep_of_each = 8192;
using Words = std::array<std::uint32_t, block_size / 4>;

constexpr std::uint32_t word_of(std::string_view four) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8U | static_cast<unsigned char>(four[i]);
  return value;
}

constexpr std::uint32_t fip_word = 0xAA640001;
constexpr std::uint32_t tree_word = 0xEDFE0DD0;
constexpr std::uint32_t low_half = 0xFFFF;
constexpr std::uint32_t underscores = 0x5F5F;   // "__"
constexpr std::uint32_t underscore_f = 0x465F;  // "_F"

// Blocks are read in the byte order of the machine; the patterns above are little-endian.
constexpr std::uint32_t to_little(std::uint32_t word) noexcept {
  if constexpr (std::endian::native == std::endian::big) return __builtin_bswap32(word);
  return word;
}

bool holds_candidate(const Words& words) noexcept {
  std::uint32_t any = 0;
  for (const std::uint32_t raw : words) {
    const std::uint32_t word = to_little(raw);
    const std::uint32_t half = word & low_half;
    any |= static_cast<std::uint32_t>(half == underscores) | static_cast<std::uint32_t>(half == underscore_f) |
           static_cast<std::uint32_t>(word == fip_word) | static_cast<std::uint32_t>(word == tree_word);
  }
  return any != 0;
}

std::optional<Mark> mark_at(ByteView image, std::uint64_t offset, std::uint32_t word) {
  switch (word) {
    case word_of("_FVH"): return Mark::firmware_volume;
    case fip_word: return Mark::fip;
    case tree_word: return Mark::device_tree;
    case word_of("_FIT"): return image.matches(offset, "_FIT_   ") ? std::optional(Mark::fit) : std::nullopt;
    case word_of("__KE"): return image.matches(offset, "__KEYM__") ? std::optional(Mark::key_manifest) : std::nullopt;
    case word_of("__AC"): return image.matches(offset, "__ACBP__") ? std::optional(Mark::boot_policy) : std::nullopt;
    case word_of("__FM"): return image.matches(offset, "__FMAP__") ? std::optional(Mark::fmap) : std::nullopt;
    default: return std::nullopt;
  }
}

}  // namespace

std::vector<Landmark> find_landmarks(ByteView image) {
  std::vector<Landmark> found;
  std::array<std::size_t, 7> kept{};
  for (std::uint64_t start = 0; start < image.size(); start += block_size) {
    const Bytes block = image.clip({start, block_size}).bytes();
    Words words{};
    std::memcpy(words.data(), block.data(), block.size());
    if (!holds_candidate(words)) continue;
    for (std::size_t i = 0; 4 * i + 4 <= block.size(); ++i) {
      const auto mark = mark_at(image, start + 4 * i, to_little(words.at(i)));
      if (!mark || kept.at(static_cast<std::size_t>(*mark)) == keep_of_each) continue;
      ++kept.at(static_cast<std::size_t>(*mark));
      found.push_back({*mark, start + 4 * i});
    }
  }
  return found;
}

}  // namespace quell
