// SPDX-License-Identifier: GPL-2.0-or-later
// Builds the decoding tables from the dictionaries in data/.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "data/huffman-me11.h"
#include "data/huffman-me12.h"
#include "intel/cse/huffman.h"

namespace quell::intel {
namespace {

struct Row {
  std::uint32_t codeword = 0;
  unsigned bits = 0;
  std::string_view symbol{};
};

std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}

// The dictionaries are large and their rows plain: a general CSV reader would be the slowest part of a whole check.
std::optional<std::vector<Row>> rows_of(std::string_view csv, std::string_view name, unsigned longest) {
  std::vector<Row> rows;
  while (!csv.empty()) {
    std::string_view line = take_until(csv, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (take_until(line, ',') != name) continue;
    Row row;
    for (const char digit : take_until(line, ',')) {
      if ((digit != '0' && digit != '1') || ++row.bits > longest) return std::nullopt;
      row.codeword = row.codeword << 1U | (digit == '1' ? 1U : 0U);
    }
    row.symbol = line;
    if (row.bits == 0 || row.symbol.empty() || row.symbol.size() % 2 != 0) return std::nullopt;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

Result<HuffmanDictionary::Table> HuffmanDictionary::build(std::string_view csv, std::string_view name) {
  const auto broken = [&](std::string_view why) {
    return fail(Errc::damaged, fmt::format("Huffman dictionary \"{}\": {}", name, why));
  };
  const auto rows = rows_of(csv, name, longest_code);
  if (!rows || rows->empty() || rows->size() > 0xFFFF) return broken("a row is not codeword and symbol");

  Table table;
  std::vector<Entry> flat(std::size_t{1} << longest_code);
  unsigned shortest = longest_code;
  std::size_t widest = 1;
  for (const Row& row : *rows) {
    const std::size_t width = row.symbol.size() / 2;
    const bool unknown = row.symbol.find_first_not_of('?') == std::string_view::npos;
    const Buffer bytes = unknown ? Buffer(width) : from_hex(row.symbol);
    if (bytes.size() != width || width >= symbol_width) return broken("a symbol is not 1 to 15 bytes");
    const auto index = static_cast<std::uint16_t>(table.symbols.size());
    std::copy(bytes.begin(), bytes.end(), table.symbols.emplace_back().begin());
    table.known.push_back(!unknown);
    table.complete = table.complete && !unknown;
    shortest = std::min(shortest, row.bits);
    widest = std::max(widest, width);

    const unsigned spare = longest_code - row.bits;
    const auto slots = std::span(flat).subspan(std::size_t{row.codeword} << spare, std::size_t{1} << spare);
    if (std::ranges::any_of(slots, [](const Entry& slot) { return slot.bits != 0; })) {
      return broken("a codeword is the beginning of another");
    }
    std::ranges::fill(slots, Entry{index, static_cast<std::uint8_t>(width), static_cast<std::uint8_t>(row.bits)});
  }
  if (std::ranges::any_of(flat, [](const Entry& slot) { return slot.bits == 0; })) {
    return broken("some bit sequences stand for nothing");
  }

  constexpr unsigned spare = longest_code - primary_bits;
  std::size_t long_codes = 0;
  for (std::size_t i = 0; i < std::size_t{1} << primary_bits; ++i) {
    const Entry entry = flat[i << spare];
    table.primary.push_back(entry.bits <= primary_bits ? entry : Entry{});
    if (entry.bits > primary_bits) long_codes = i + 1;
  }
  table.secondary.assign(flat.begin(), flat.begin() + static_cast<std::ptrdiff_t>(long_codes << spare));
  const std::uint64_t fewest_symbols = (huffman_chunk_size + widest - 1) / widest;
  table.least_chunk_size = (fewest_symbols * shortest + 7) / 8;
  return table;
}

Result<HuffmanDictionary> HuffmanDictionary::from_csv(std::string_view csv) {
  HuffmanDictionary dictionary;
  QUELL_TRY(dictionary.code_, build(csv, "code"));
  QUELL_TRY(dictionary.data_, build(csv, "data"));
  return dictionary;
}

const HuffmanDictionary& HuffmanDictionary::me11() {
  static const HuffmanDictionary dictionary = from_csv(data::huffman_me11).value();
  return dictionary;
}

const HuffmanDictionary& HuffmanDictionary::me12() {
  static const HuffmanDictionary dictionary = from_csv(data::huffman_me12).value();
  return dictionary;
}

}  // namespace quell::intel
