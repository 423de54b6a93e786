// SPDX-License-Identifier: GPL-2.0-or-later
// $MME header: 00 tag, 04 name (16), 14 SHA-256, 34 load base, 38 data offset, 3C code size, 40 stored size, 50 flags.
// LLUT: 00 tag, 04 chunks, 08 AddrBase, 0C SpiBase, 10 stream length, 14 stream offset, 30 chunk size, 40 chunk table;
// a chunk is bits 31:24 flags, 23:0 ME offset.
#include "intel/gen2.h"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "base/size.h"

namespace quell::intel {
namespace {

constexpr std::string_view module_tag = "$MME";
constexpr std::uint64_t header_size_me = 0x60;
constexpr std::uint64_t header_size_txe = 0x80;

std::optional<std::uint64_t> module_header_size(ByteView headers, std::uint32_t count) {
  if (!headers.matches(0, module_tag)) return std::nullopt;
  if (count == 1 || headers.matches(header_size_me, module_tag)) return header_size_me;
  if (headers.matches(header_size_txe, module_tag)) return header_size_txe;
  return std::nullopt;
}

Result<Gen2Module> parse_module(ByteView header, std::uint64_t header_offset) {
  Gen2Module module;
  module.header_offset = header_offset;
  Fields f(header, "module header");
  module.name = f.text(0x04, 16);
  module.plain_name =
      std::ranges::all_of(f.sub(0x04, 16).bytes(), [](std::byte byte) { return byte < std::byte{0x80}; });
  module.load_base = f.u32(0x34);
  module.data_offset = f.u32(0x38);
  module.code_size = f.u32(0x3C);
  module.stored_size = f.u32(0x40);
  module.flags = f.u32(0x50);
  QUELL_CHECK(f.done());
  return module;
}

}  // namespace

Result<Gen2ModuleTable> parse_gen2_modules(ByteView region, std::uint64_t headers, std::uint32_t count) {
  QUELL_TRY(const auto table, region.from(headers));
  const auto size = module_header_size(table, count);
  if (!size) return fail(Errc::unsupported, "the module headers are of no known size", table.origin());
  Gen2ModuleTable out{*size, {}};
  for (std::uint64_t i = 0; i < count; ++i) {
    QUELL_TRY(const auto header, table.sub(i * *size, *size));
    if (!header.matches(0, module_tag)) {
      return fail(Errc::unsupported, fmt::format("module header {} of {} has no $MME tag", i + 1, count),
                  header.origin());
    }
    QUELL_TRY(auto module, parse_module(header, headers + i * *size));
    out.modules.push_back(std::move(module));
  }
  return out;
}

std::optional<std::uint32_t> Llut::live_offset(std::uint32_t entry) noexcept {
  const std::uint32_t offset = entry & 0xFFFFFFU;
  if (entry >> 24U == 0x80 || offset == 0) return std::nullopt;
  return offset;
}

Result<Range> Llut::chunks_of(const Gen2Module& module) const {
  if (module.load_base < unpacked_base()) {
    return fail(Errc::damaged, fmt::format("module {} loads at {:#x}, below the chunk table's base {:#x}", module.name,
                                           module.load_base, unpacked_base()));
  }
  const std::uint64_t first = (module.load_base - unpacked_base()) / chunk_size;
  const std::uint64_t last = first + module.code_size / chunk_size;
  return Range::between(std::min<std::uint64_t>(first, entries.size()),
                        std::min<std::uint64_t>(last + 1, entries.size()));
}

Result<Llut> parse_llut(ByteView region, std::uint64_t offset) {
  QUELL_TRY(const auto header, region.sub(offset, Llut::header_size));
  if (!header.matches(0, "LLUT")) {
    return fail(Errc::damaged, "there are Huffman modules but no LLUT chunk table where they point", header.origin());
  }
  Llut llut;
  llut.offset = offset;
  Fields f(header, "LLUT");
  const std::uint64_t count = f.u32(0x04);
  llut.address_base = f.u32(0x08);
  llut.table_key = f.u16(0x09);
  llut.spi_base = f.u32(0x0C);
  llut.stream_length = f.u32(0x10);
  llut.stream_offset = f.u32(0x14);
  llut.chunk_size = f.u32(0x30);
  QUELL_CHECK(f.done());
  if (llut.chunk_size == 0) return fail(Errc::damaged, "LLUT: the chunk size is zero", header.origin() + 0x30);
  if (count == 0) return fail(Errc::damaged, "LLUT: there are Huffman modules but no chunks", header.origin() + 4);
  QUELL_TRY(const auto table, region.sub(offset + Llut::header_size, 4 * count));
  llut.entries.reserve(to_size(count));
  for (std::uint64_t i = 0; i < count; ++i) {
    QUELL_TRY(const auto entry, table.u32(4 * i));
    if (Llut::live_offset(entry).value_or(0) >= llut.stream_end()) {
      return fail(Errc::damaged, fmt::format("LLUT: chunk {} begins behind the end of the stream", i),
                  table.origin() + 4 * i);
    }
    llut.entries.push_back(entry);
  }
  return llut;
}

Result<std::vector<ChunkExtent>> chunk_extents(const Llut& llut, const std::vector<Gen2Module>& modules) {
  std::vector<bool> essential_chunk(llut.entries.size());
  for (const Gen2Module& module : modules) {
    if (!module.is_huffman()) continue;
    QUELL_TRY(const Range chunks, llut.chunks_of(module));
    if (!module.essential()) continue;
    std::fill_n(essential_chunk.begin() + static_cast<std::ptrdiff_t>(chunks.offset), chunks.size, true);
  }
  struct Start {
    std::uint32_t offset;
    bool essential;
  };
  std::vector<Start> starts;
  for (std::size_t i = 0; i < llut.entries.size(); ++i) {
    if (const auto offset = Llut::live_offset(llut.entries[i])) starts.push_back({*offset, essential_chunk[i]});
  }
  std::ranges::sort(starts, {}, &Start::offset);

  std::vector<ChunkExtent> extents;
  for (auto first = starts.begin(); first != starts.end();) {
    const auto last = std::find_if(first, starts.end(), [&](const Start& s) { return s.offset != first->offset; });
    const bool shared = last - first > 1;
    const std::uint64_t end = shared ? first->offset : (last == starts.end() ? llut.stream_end() : last->offset);
    const bool essential = std::any_of(first, last, [](const Start& s) { return s.essential; });
    extents.push_back({Range::between(first->offset, end), essential});
    first = last;
  }
  return extents;
}

}  // namespace quell::intel
