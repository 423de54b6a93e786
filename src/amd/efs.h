// SPDX-License-Identifier: GPL-2.0-or-later
// The Embedded Firmware Structure: where the boot ROM of an AMD processor begins to read the flash.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "amd/tables.h"
#include "quell/byte_view.h"

namespace quell::amd {

inline constexpr std::uint64_t efs_signature_size = 4;
inline constexpr std::uint64_t efs_size = 0x59;
inline constexpr std::uint64_t largest_window = 0x1000000;
// The chipset decodes this and what is above, below 4 GiB, from the flash.
inline constexpr std::uint64_t mmio_start = 0xFF000000;
inline constexpr std::uint64_t mmio_end = 0x100000000;

// One BIOS image as the processor sees it: at most 16 MiB that end at 4 GiB.
struct Window {
  std::uint64_t base = 0;     // file offset of the first byte
  std::uint64_t size = 0;     // a power of two
  std::uint64_t end = 0;      // file offset where the image ends, maybe far behind or before base + size
  std::uint64_t missing = 0;  // bytes at the start of the image that the file does not hold: base is what follows them
};

// Distances below 4 GiB of the six addresses at which the boot ROM looks, in its order (0xFFFA0000 first), and of
// 0x120000 in a 16 MiB window, which one tool tries too.
inline constexpr std::array<std::uint64_t, 7> efs_distances{0x060000, 0x0E0000, 0x1E0000, 0x3E0000,
                                                            0x7E0000, 0xFE0000, 0xEE0000};

// Where in the file an address lies that is either an MMIO address or relative to the window's base; decided by its
// value. Not checked against the end of the file.
std::uint64_t resolve(const Window& window, std::uint64_t address) noexcept;

struct EfsField {
  const EfsFieldType* type = nullptr;
  std::uint32_t value = 0;

  // Whether it is a pointer that leads somewhere.
  [[nodiscard]] bool set() const noexcept { return value != 0 && value < 0xFFFFFFFE; }
};

struct Efs {
  std::uint64_t offset = 0;  // file offset of the signature
  Window window{};
  bool has_directories = false;  // at least one pointer leads to a directory cookie
  bool absent = false;           // nothing of it is in the file; its directories were found by their headers
  bool preferred = true;         // which one the firmware takes where one window holds several
  std::vector<EfsField> fields{};

  [[nodiscard]] std::uint32_t value(std::string_view field) const noexcept;
  // Bit 0 of the generation field is clear: the pointers are flash offsets. For display; pointers are read by value.
  [[nodiscard]] bool second_generation() const noexcept { return (value("efs_generation") & 1U) == 0; }
  // The address at which the boot ROM sees the signature.
  [[nodiscard]] std::uint64_t x86_address() const noexcept;
};

// Where to look for the structure.
struct Search {
  std::optional<Range> body{};  // the firmware inside the file; the whole file when not given
  bool everywhere = true;       // scan for an image behind a vendor header when no standard position holds one
  bool by_headers = true;       // when there is no structure, take the directories that stand on their own
};

// Every Embedded Firmware Structure of the file, in the order of their windows. The standard positions cost seven
// reads a window; the scan of `Search::everywhere` costs one pass over the bytes. Structures without directories are
// included where they stand at a standard position.
std::vector<Efs> find_efs(ByteView file, const Search& search = {});

}  // namespace quell::amd
