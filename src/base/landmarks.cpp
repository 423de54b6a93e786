// SPDX-License-Identifier: GPL-2.0-or-later
// The pass works on blocks of 1 KiB: three comparisons a word that the compiler turns into vector instructions say
// whether a block holds a candidate at all; only then the words are looked at one by one.
#include "base/landmarks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace quell {
namespace {

constexpr std::size_t block_size = 1024;
constexpr std::size_t keep_of_each = 8192;
using Block = std::span<const std::byte, block_size>;

constexpr std::uint32_t word_of(std::string_view four) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8U | static_cast<unsigned char>(four[i]);
  return value;
}

constexpr std::uint32_t fip_word = 0xAA640001;
constexpr std::uint32_t tree_word = 0xEDFE0DD0;
// "__" and "_F", the first halves of all other patterns, agree in these bits of a word.
constexpr std::uint32_t shared_bits = 0xE6FF;
constexpr std::uint32_t underscore_and_more = 0x465F;

// Blocks are read in the byte order of the machine; the patterns above are little-endian.
constexpr std::uint32_t to_little(std::uint32_t word) noexcept {
  if constexpr (std::endian::native == std::endian::big) return __builtin_bswap32(word);
  return word;
}

std::uint32_t word_at(Block block, std::size_t index) noexcept {
  std::uint32_t word = 0;
  std::memcpy(&word, block.subspan(4 * index, 4).data(), 4);
  return to_little(word);
}

bool holds_candidate(Block block) noexcept {
  std::uint32_t any = 0;
  for (std::size_t i = 0; i < block_size / 4; ++i) {
    const std::uint32_t word = word_at(block, i);
    any |= static_cast<std::uint32_t>((word & shared_bits) == underscore_and_more) |
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

// The marks of a file, in the order of their places.
class Collector {
 public:
  explicit Collector(ByteView image) noexcept : image_(image) {}

  void take(Block block, std::uint64_t start) {
    if (!holds_candidate(block)) return;
    for (std::size_t i = 0; i < block_size / 4; ++i) {
      const std::uint64_t place = start + 4 * i;
      const auto mark = mark_at(image_, place, word_at(block, i));
      if (!mark || place + 4 > image_.size() || kept_.at(static_cast<std::size_t>(*mark)) == keep_of_each) continue;
      ++kept_.at(static_cast<std::size_t>(*mark));
      found_.push_back({*mark, place});
    }
  }

  [[nodiscard]] std::vector<Landmark> found() && { return std::move(found_); }

 private:
  ByteView image_;
  std::array<std::size_t, 7> kept_{};
  std::vector<Landmark> found_{};
};

}  // namespace

std::vector<Landmark> find_landmarks(ByteView image) {
  Collector collector(image);
  Bytes rest = image.bytes();
  std::uint64_t start = 0;
  for (; rest.size() >= block_size; rest = rest.subspan(block_size), start += block_size) {
    collector.take(rest.first<block_size>(), start);
  }
  std::array<std::byte, block_size> last{};
  std::ranges::copy(rest, last.begin());
  collector.take(last, start);
  return std::move(collector).found();
}

}  // namespace quell
