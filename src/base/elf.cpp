// SPDX-License-Identifier: GPL-2.0-or-later
// ELF header (System V ABI, gABI 4; 32-bit / 64-bit): 0x04 u8 class, 0x05 u8 byte order (1 little), 0x12 u16 machine,
// 0x18 entry, 0x1C / 0x20 program headers, 0x20 / 0x28 section headers, 0x2A / 0x36 u16 size of a program header,
// u16 their number, u16 size of a section header, u16 their number.
#include "base/elf.h"

#include <algorithm>

namespace quell {
namespace {

constexpr std::uint64_t most_programs = 128;
constexpr std::uint64_t most_sections = 4096;
constexpr std::uint32_t no_bytes = 8;  // SHT_NOBITS

class Reader {
 public:
  Reader(ByteView view, bool wide, std::string_view structure) : fields_(view, structure), wide_(wide) {}
  // A field of either class at its place.
  std::uint64_t word(std::uint64_t narrow, std::uint64_t wide) {
    return wide_ ? fields_.u64(wide) : fields_.u32(narrow);
  }
  std::uint32_t u32(std::uint64_t narrow, std::uint64_t wide) { return fields_.u32(wide_ ? wide : narrow); }
  std::uint16_t u16(std::uint64_t narrow, std::uint64_t wide) { return fields_.u16(wide_ ? wide : narrow); }
  [[nodiscard]] Result<void> done() const { return fields_.done(); }

 private:
  Fields fields_;
  bool wide_;
};

ElfProgramHeader read_program(Reader& r, std::uint64_t at, bool wide) {
  ElfProgramHeader out;
  out.type = r.u32(at, at);
  out.flags = r.u32(at + 24, at + 4);
  out.offset = r.word(at + 4, at + 8);
  out.address = r.word(at + 12, at + 24);
  out.file_size = r.word(at + 16, at + (wide ? 32 : 16));
  out.memory_size = r.word(at + 20, at + 40);
  return out;
}

void reach(Elf& elf, std::uint64_t offset, std::uint64_t size) {
  if (size == 0) return;
  elf.end = std::max(elf.end, checked_add(offset, size).value_or(~std::uint64_t{0}));
}

// Section headers are for debuggers; where they cannot be read, that alone is no fault.
void read_sections(Elf& elf, ByteView view, std::uint64_t table, std::uint64_t width, std::uint64_t count) {
  if (table == 0 || count == 0 || count > most_sections || width < (elf.wide ? 64U : 40U)) return;
  reach(elf, table, width * count);
  const auto headers = view.sub(table, width * count);
  if (!headers) return;
  Reader r(*headers, elf.wide, "ELF section header");
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = i * width;
    const std::uint32_t type = r.u32(at + 4, at + 4);
    if (type != 0 && type != no_bytes) reach(elf, r.word(at + 16, at + 24), r.word(at + 20, at + 32));
  }
}

}  // namespace

bool looks_like_elf(ByteView view) noexcept {
  const auto width = view.u8(4).value_or(0);
  return view.matches(0,
                      "\x7f"
                      "ELF") &&
         view.u8(5).value_or(0) == 1 && (width == 1 || width == 2);
}

Result<Elf> parse_elf(ByteView view) {
  if (!looks_like_elf(view)) return fail(Errc::unrecognised, "no ELF file", view.origin());
  Elf elf{.wide = view.u8(4).value_or(0) == 2};
  Reader r(view, elf.wide, "ELF header");
  elf.machine = r.u16(0x12, 0x12);
  elf.entry = r.word(0x18, 0x18);
  const std::uint64_t table = r.word(0x1C, 0x20);
  const std::uint64_t sections = r.word(0x20, 0x28);
  const std::uint64_t width = r.u16(0x2A, 0x36);
  const std::uint64_t count = r.u16(0x2C, 0x38);
  const std::uint64_t section_width = r.u16(0x2E, 0x3A);
  const std::uint64_t section_count = r.u16(0x30, 0x3C);
  QUELL_CHECK(r.done());
  if (count > most_programs || (count != 0 && width < (elf.wide ? 56U : 32U))) {
    return fail(Errc::damaged, "the ELF program headers make no sense", view.origin());
  }
  QUELL_TRY(const auto headers, view.sub(table, count * width));
  Reader programs(headers, elf.wide, "ELF program header");
  for (std::uint64_t i = 0; i < count; ++i) {
    elf.programs.push_back(read_program(programs, i * width, elf.wide));
    reach(elf, elf.programs.back().offset, elf.programs.back().file_size);
  }
  QUELL_CHECK(programs.done());
  reach(elf, table, count * width);
  read_sections(elf, view, sections, section_width, section_count);
  return elf;
}

}  // namespace quell
