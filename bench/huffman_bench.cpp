// SPDX-License-Identifier: GPL-2.0-or-later
// The hot loop of a whole check: megabytes of unpacked output a second, on one core. Modules are made with the
// dictionary's own symbols in pseudo-random order, the short codewords more often, as in firmware.
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "data/huffman-me11.h"
#include "data/huffman-me12.h"
#include "intel/cse/huffman.h"

namespace {

using namespace quell;

struct Row {
  std::string codeword;
  std::size_t bytes;
};

std::vector<Row> rows_of(std::string_view csv) {
  std::vector<Row> rows;
  while (!csv.empty()) {
    const std::string_view line = csv.substr(0, csv.find('\n'));
    csv.remove_prefix(std::min(line.size() + 1, csv.size()));
    if (!line.starts_with("code,")) continue;
    const std::size_t comma = line.find(',', 5);
    rows.push_back({std::string(line.substr(5, comma - 5)), (line.size() - comma - 1) / 2});
  }
  return rows;
}

// `chunks` chunks of code, coded; a symbol of length L is drawn with probability 2^-L, as the code expects.
Buffer make_module(std::string_view csv, std::uint64_t chunks) {
  const std::vector<Row> rows = rows_of(csv);
  std::vector<double> weights;
  for (const Row& row : rows) weights.push_back(1.0 / static_cast<double>(std::uint64_t{1} << row.codeword.size()));
  std::mt19937 random(1);
  std::discrete_distribution<std::size_t> draw(weights.begin(), weights.end());
  Buffer table, body;
  for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
    const auto word = static_cast<std::uint32_t>(body.size()) | 0x40000000U;
    for (unsigned shift = 0; shift < 32; shift += 8) table.push_back(static_cast<std::byte>(word >> shift & 0xFFU));
    std::string bits;
    for (std::size_t size = 0; size < intel::huffman_chunk_size;) {
      const Row& row = rows[draw(random)];
      if (row.bytes > intel::huffman_chunk_size - size) continue;
      bits += row.codeword;
      size += row.bytes;
    }
    bits.resize((bits.size() + 7) / 8 * 8, '0');
    for (std::size_t at = 0; at < bits.size(); at += 8) {
      unsigned value = 0;
      for (std::size_t i = 0; i < 8; ++i) value = value << 1U | (bits[at + i] == '1' ? 1U : 0U);
      body.push_back(static_cast<std::byte>(value));
    }
  }
  table.insert(table.end(), body.begin(), body.end());
  return table;
}

void unpack(benchmark::State& state, std::string_view csv, const intel::HuffmanDictionary& dictionary) {
  constexpr std::uint64_t chunks = 64;
  const Buffer module = make_module(csv, chunks);
  for (auto _ : state) {
    const auto output = dictionary.unpack(ByteView(module), chunks * intel::huffman_chunk_size);
    if (!output) {
      state.SkipWithError("the made module does not unpack");
      return;
    }
    benchmark::DoNotOptimize(output->bytes.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(chunks * intel::huffman_chunk_size));
}

void huffman_me11(benchmark::State& state) { unpack(state, data::huffman_me11, intel::HuffmanDictionary::me11()); }
void huffman_me12(benchmark::State& state) { unpack(state, data::huffman_me12, intel::HuffmanDictionary::me12()); }
void huffman_tables(benchmark::State& state) {
  for (auto _ : state) {
    const auto dictionary = intel::HuffmanDictionary::from_csv(data::huffman_me12);
    benchmark::DoNotOptimize(&dictionary);
  }
}

BENCHMARK(huffman_me11);
BENCHMARK(huffman_me12);
BENCHMARK(huffman_tables);

}  // namespace

BENCHMARK_MAIN();
