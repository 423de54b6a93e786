// SPDX-License-Identifier: GPL-2.0-or-later
// Modules of generation 2 code partitions (ME 6-10, TXE 0-2, SPS 1-3): $MME headers and the LLUT chunk table that all
// Huffman modules share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quell/byte_view.h"

namespace quell::intel {

enum class Compression : std::uint8_t { none = 0, huffman = 1, lzma = 2 };

struct Gen2Module {
  std::string name{};
  bool plain_name = true;           // every byte of the name is below 0x80
  std::uint64_t header_offset = 0;  // ME offset of `$MME`
  std::uint32_t data_offset = 0;    // from the partition; of the LLUT for Huffman modules
  std::uint32_t stored_size = 0;
  std::uint32_t code_size = 0;  // unpacked
  std::uint32_t load_base = 0;
  std::uint32_t flags = 0;

  // Bits 6:4 of the flags; 3-7 are undefined.
  [[nodiscard]] unsigned compression_code() const noexcept { return flags >> 4U & 7U; }
  [[nodiscard]] bool is_huffman() const noexcept { return compression_code() == 1; }
  // The firmware does not boot without these two.
  [[nodiscard]] bool essential() const noexcept { return name == "ROMP" || name == "BUP"; }
};

// `$MME` headers of one partition.
struct Gen2ModuleTable {
  std::uint64_t header_size = 0;  // 0x60 (ME, SPS 2-3) or 0x80 (TXE)
  std::vector<Gen2Module> modules{};
};

// Reads the `count` headers at ME offset `headers`. Errc::unsupported when the header size cannot be told or a header
// lacks its tag (SPS 1 has 0x50 byte headers that nothing documents), Errc::damaged when they leave the region.
Result<Gen2ModuleTable> parse_gen2_modules(ByteView region, std::uint64_t headers, std::uint32_t count);

// The chunk table. Offsets are ME offsets.
struct Llut {
  std::uint64_t offset = 0;  // of `LLUT`
  std::uint32_t address_base = 0;
  std::uint32_t spi_base = 0;
  std::uint32_t stream_length = 0;
  std::uint32_t stream_offset = 0;
  std::uint32_t chunk_size = 0;  // unpacked bytes a chunk
  std::uint16_t table_key = 0;   // K: the two middle bytes of address_base; SpiBase + K is where the firmware looks
  std::vector<std::uint32_t> entries{};

  static constexpr std::uint64_t header_size = 0x40;
  // Address of the first unpacked byte.
  [[nodiscard]] std::uint64_t unpacked_base() const noexcept { return std::uint64_t{address_base} + 0x10000000U; }
  [[nodiscard]] std::uint64_t stream_end() const noexcept { return std::uint64_t{stream_offset} + stream_length; }
  // Bits 23:0 of an entry, or nothing for a chunk that does not exist: flag byte exactly 0x80, or offset 0.
  [[nodiscard]] static std::optional<std::uint32_t> live_offset(std::uint32_t entry) noexcept;
  // Numbers of the first and one past the last chunk that a module owns, clipped at the table. The last chunk counts
  // even when it begins just behind the module. Errc::damaged when the module lies below the table's base.
  [[nodiscard]] Result<Range> chunks_of(const Gen2Module& module) const;
};

// Reads the LLUT at this ME offset. Errc::damaged when it is missing, cut off, empty, has a zero chunk size, or a chunk
// that begins at or behind the end of the stream.
Result<Llut> parse_llut(ByteView region, std::uint64_t offset);

// A chunk's compressed bytes: from its offset to the next higher live offset, or the stream's end. Chunks that share an
// offset have no bytes of their own.
struct ChunkExtent {
  Range range{};
  bool essential = false;  // owned by ROMP or BUP
};

// All distinct extents in ascending order, those without bytes included.
Result<std::vector<ChunkExtent>> chunk_extents(const Llut& llut, const std::vector<Gen2Module>& modules);

}  // namespace quell::intel
