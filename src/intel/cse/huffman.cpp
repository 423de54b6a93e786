// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/cse/huffman.h"

#include <algorithm>
#include <bit>
#include <bitset>
#include <cstring>

#include <fmt/format.h>

#include "base/size.h"

namespace quell::intel {

// One chunk being decoded. Two of them run side by side, which hides the latency of the table look-ups.
struct HuffmanDictionary::Lane {
  const Table* table = nullptr;
  ByteView input{};
  std::uint64_t number = 0;
  std::span<std::byte> output{};

  std::uint64_t bits = 0;  // the next bits, the first one on top; below `count` of them may lie more
  unsigned count = 0;      // how many of them are accounted for
  std::size_t read = 0;    // bytes of input taken
  std::size_t written = 0;

  static constexpr std::size_t symbols_a_turn = 3;  // 3 * 17 bits fit the 56 that a refill guarantees

  // Whether a turn of the fast loop can neither read nor write beyond its ends.
  [[nodiscard]] bool has_room() const noexcept {
    return input.size() - read >= sizeof(std::uint64_t) && output.size() - written >= symbols_a_turn * symbol_width;
  }
  // Tops the bits up to at least 56; needs eight bytes of input.
  void refill() noexcept {
    std::uint64_t next = 0;
    std::memcpy(&next, input.bytes().subspan(read).data(), sizeof next);
    if constexpr (std::endian::native == std::endian::little) next = __builtin_bswap64(next);
    bits |= next >> count;
    read += (63U - count) >> 3U;
    count |= 56U;
  }
  // The same, a byte at a time, up to the end of the input.
  void refill_slowly() noexcept {
    bits &= count == 0 ? 0 : ~std::uint64_t{0} << (64U - count);
    while (count <= 56 && read < input.size()) {
      bits |= std::to_integer<std::uint64_t>(input.bytes()[read++]) << (56U - count);
      count += 8;
    }
  }
  void consume(unsigned width) noexcept {
    bits <<= width;
    count -= width;
  }
};

inline HuffmanDictionary::Entry HuffmanDictionary::look_up(const Table& table, std::uint64_t bits) noexcept {
  const Entry entry = table.primary[bits >> (64U - primary_bits)];
  if (entry.bits != 0) [[likely]]
    return entry;
  return table.secondary[bits >> (64U - longest_code)];
}

// One turn of the fast loop: three symbols, each stored with its full width.
inline void HuffmanDictionary::run(Lane& lane) noexcept {
  lane.refill();
  for (std::size_t i = 0; i < Lane::symbols_a_turn; ++i) {
    const Entry entry = look_up(*lane.table, lane.bits);
    std::memcpy(lane.output.subspan(lane.written).data(), lane.table->symbols[entry.index].data(), symbol_width);
    lane.written += entry.bytes;
    lane.consume(entry.bits);
  }
}

// The rest of a chunk, symbol by symbol, with every end checked.
Result<void> HuffmanDictionary::finish(Lane& lane, HuffmanOutput& result) {
  constexpr std::size_t named = 64;
  while (lane.written < lane.output.size()) {
    lane.refill_slowly();
    const Entry entry = look_up(*lane.table, lane.bits);
    if (entry.bits > lane.count) {
      return fail(Errc::damaged,
                  fmt::format("Huffman chunk {} ends after {:#x} of {:#x} unpacked bytes", lane.number, lane.written,
                              lane.output.size()),
                  lane.input.range().end());
    }
    if (entry.bytes > lane.output.size() - lane.written) {
      return fail(Errc::damaged, fmt::format("a symbol in Huffman chunk {} reaches beyond the chunk", lane.number),
                  lane.input.origin());
    }
    const auto& symbol = lane.table->symbols[entry.index];
    std::copy_n(symbol.begin(), entry.bytes, lane.output.subspan(lane.written).begin());
    if (!lane.table->known[entry.index]) {
      ++result.unknown_count;
      if (result.unknown.size() < named) {
        result.unknown.push_back({std::bitset<64>(lane.bits).to_string().substr(0, entry.bits), lane.number,
                                  lane.number * huffman_chunk_size + lane.written});
      }
    }
    lane.written += entry.bytes;
    lane.consume(entry.bits);
  }
  return {};
}

// The look-up table in front of the chunks: a word each, bits 24:0 the offset behind the table, bits 31:25 the kind.
Result<std::vector<HuffmanDictionary::Lane>> HuffmanDictionary::plan(ByteView stored,
                                                                     std::uint64_t unpacked_size) const {
  constexpr std::uint32_t offset_mask = 0x01FFFFFF;
  constexpr std::uint32_t code_chunk = 0x20;
  constexpr std::uint32_t data_chunk = 0x60;
  if (unpacked_size == 0 || unpacked_size % huffman_chunk_size != 0) {
    return fail(Errc::damaged, fmt::format("{:#x} bytes are not whole Huffman chunks", unpacked_size), stored.origin());
  }
  const std::uint64_t count = unpacked_size / huffman_chunk_size;
  if (count > stored.size() / 4) {
    return fail(Errc::damaged, fmt::format("no room for the look-up table of {} Huffman chunks", count),
                stored.origin());
  }
  QUELL_TRY(const ByteView body, stored.from(count * 4));
  std::vector<Lane> lanes(to_size(count));
  std::uint64_t end = body.size();
  for (std::uint64_t i = count; i-- > 0;) {
    QUELL_TRY(const std::uint32_t word, stored.u32(i * 4));
    const std::uint32_t kind = word >> 25U;
    const std::uint64_t begin = word & offset_mask;
    if (kind != code_chunk && kind != data_chunk) {
      return fail(Errc::damaged, fmt::format("Huffman chunk {} is of the unknown kind {:#x}", i, kind),
                  stored.origin() + i * 4);
    }
    const Table& table = kind == code_chunk ? code_ : data_;
    if (begin > end || end - begin < table.least_chunk_size) {
      return fail(Errc::damaged,
                  fmt::format("Huffman chunk {} lies at [{:#x}, {:#x}): too short to be one", i, begin, end),
                  stored.origin() + i * 4);
    }
    Lane& lane = lanes[to_size(i)];
    QUELL_TRY(lane.input, body.sub(begin, end - begin));
    lane.table = &table;
    lane.number = i;
    end = begin;
  }
  return lanes;
}

Result<HuffmanOutput> HuffmanDictionary::unpack(ByteView stored, std::uint64_t unpacked_size) const {
  QUELL_TRY(std::vector<Lane> lanes, plan(stored, unpacked_size));
  HuffmanOutput result;
  result.bytes.resize(to_size(unpacked_size));
  for (Lane& lane : lanes) {
    lane.output = std::span(result.bytes).subspan(to_size(lane.number * huffman_chunk_size), huffman_chunk_size);
  }
  for (std::size_t i = 0; i < lanes.size(); i += 2) {
    const bool paired = i + 1 < lanes.size();
    Lane first = lanes[i];
    Lane second = paired ? lanes[i + 1] : Lane{};
    if (first.table->complete && paired && second.table->complete) {
      while (first.has_room() && second.has_room()) {
        run(first);
        run(second);
      }
    }
    if (first.table->complete) {
      while (first.has_room()) run(first);
    }
    QUELL_CHECK(finish(first, result));
    if (!paired) continue;
    if (second.table->complete) {
      while (second.has_room()) run(second);
    }
    QUELL_CHECK(finish(second, result));
  }
  return result;
}

}  // namespace quell::intel
