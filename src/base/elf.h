// SPDX-License-Identifier: GPL-2.0-or-later
// What the headers of a little-endian ELF file say.
#pragma once

#include <cstdint>
#include <vector>

#include "quell/byte_view.h"
#include "quell/result.h"

namespace quell {

struct ElfProgramHeader {
  std::uint32_t type = 0;  // 1 LOAD
  std::uint32_t flags = 0;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;  // physical
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
};

struct Elf {
  bool wide = false;  // 64 bits
  std::uint16_t machine = 0;
  std::uint64_t entry = 0;
  std::vector<ElfProgramHeader> programs{};
  std::uint64_t end = 0;  // of all that the headers place in the file; beyond the view when the file is cut short
};

// Whether the magic stands at the start, with a class and byte order that parse_elf reads.
bool looks_like_elf(ByteView view) noexcept;

// Reads both tables of headers. Errc::unrecognised without the magic, Errc::damaged when the program headers do not lie
// in the view or are impossibly many.
Result<Elf> parse_elf(ByteView view);

}  // namespace quell
