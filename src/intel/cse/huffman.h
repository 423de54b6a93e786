// SPDX-License-Identifier: GPL-2.0-or-later
// The Huffman coding of CSME 11 and later: docs/formats/csme.md. The dictionaries are data/huffman-me1x.csv.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"
#include "quell/digest.h"

namespace quell::intel {

// Unpacked bytes of one chunk. Chunks are coded independently of each other.
inline constexpr std::uint64_t huffman_chunk_size = 0x1000;

// One use of a codeword whose symbol nobody has published. Its bytes come out as zeros.
struct UnknownSymbol {
  std::string codeword{};    // binary digits
  std::uint64_t chunk = 0;   // number of the chunk
  std::uint64_t offset = 0;  // place in the unpacked bytes
};

struct HuffmanOutput {
  Buffer bytes{};
  std::uint64_t unknown_count = 0;       // uses of unknown symbols; not zero: the digest cannot match
  std::vector<UnknownSymbol> unknown{};  // the first ones, at most 64
};

// The two tables of one dictionary, one for chunks of code and one for chunks of data.
class HuffmanDictionary {
 public:
  // Reads rows of (dictionary, codeword, symbol_hex). A symbol of '?' pairs is known by its length only. Fails unless
  // both tables are complete prefix codes of at most 17 bits with shorter codewords numerically larger.
  static Result<HuffmanDictionary> from_csv(std::string_view csv);

  // The dictionary of CSME 11, CSSPS 4 and CSME 14.5.
  static const HuffmanDictionary& me11();
  // The dictionary of CSME 12 and later.
  static const HuffmanDictionary& me12();

  // Unpacks a module: a look-up word a chunk, then the chunks. `unpacked_size` is what directory or metadata declare;
  // it must be a multiple of the chunk size, and no chunk may claim less input than its output needs at the very
  // least, so the memory used is bounded by the input. Errc::damaged says which chunk is broken.
  [[nodiscard]] Result<HuffmanOutput> unpack(ByteView stored, std::uint64_t unpacked_size) const;

 private:
  static constexpr unsigned primary_bits = 12;
  static constexpr unsigned longest_code = 17;
  static constexpr std::size_t symbol_width = 16;  // room for one symbol; also the width of one store

  // What a codeword stands for; bits == 0: longer than the primary table reaches.
  struct Entry {
    std::uint16_t index = 0;
    std::uint8_t bytes = 0;
    std::uint8_t bits = 0;
  };
  struct Table {
    std::vector<Entry> primary{};    // by the next 12 bits
    std::vector<Entry> secondary{};  // by the next 17 bits; covers the low end, where the long codewords are
    std::vector<std::array<std::byte, symbol_width>> symbols{};
    std::vector<bool> known{};
    bool complete = true;                // no unknown symbol
    std::uint64_t least_chunk_size = 0;  // no chunk can be shorter
  };
  struct Lane;

  static Result<Table> build(std::string_view csv, std::string_view name);
  [[nodiscard]] Result<std::vector<Lane>> plan(ByteView stored, std::uint64_t unpacked_size) const;
  static Entry look_up(const Table& table, std::uint64_t bits) noexcept;
  static void run(Lane& lane) noexcept;
  static Result<void> finish(Lane& lane, HuffmanOutput& result);

  Table code_{};
  Table data_{};
};

}  // namespace quell::intel
