// SPDX-License-Identifier: GPL-2.0-or-later
// BIOS images by what stands in them:
//   FMAP   "__FMAP__", u8 major 1, u8 minor, u64 base, u32 size, 32-byte name, u16 areas of 42 bytes
//   CBFS   "LARCHIVE" at a multiple of 64, or a master header "ORBC" that the last 4 bytes point to
//   UEFI   firmware volumes: u64 length at 0x20, "_FVH" at 0x28, u16 header length at 0x30, revision at 0x37
//   other  a jump at the reset vector, 16 bytes before the end
#include <algorithm>

#include "flash/bios_window.h"
#include "flash/recognise_steps.h"
#include "flash/uefi_volume.h"

namespace quell::flash {
namespace {

constexpr unsigned most_hits = 4096;
constexpr const char* no_engine_region =
    "a BIOS image holds no ME region: read the whole chip; if this is the second chip of a pair, join it to the first "
    "with `quell descriptor join`";

// Programs that read flash maps hold the signature too: a map has areas with names, each inside what it speaks of.
bool is_flash_map(ByteView file, std::uint64_t place) {
  constexpr std::uint64_t area_size = 42;
  const auto major = file.u8(place + 8);
  const auto size = file.u32(place + 0x12);
  const auto areas = file.u16(place + 0x36);
  if (!major || !size || !areas || *major != 1 || *areas == 0) return false;
  if (!file.has(place + 0x38, area_size * *areas)) return false;
  for (std::uint64_t i = 0; i < *areas; ++i) {
    const std::uint64_t area = place + 0x38 + area_size * i;
    const std::uint64_t end = std::uint64_t{file.u32(area).value_or(0)} + file.u32(area + 4).value_or(0);
    const auto initial = file.u8(area + 8).value_or(0);
    if (end > *size || initial <= 0x20 || initial >= 0x7F) return false;
  }
  return true;
}

// The four letters alone also stand in random data: the header must be one.
bool is_volume(ByteView file, std::uint64_t start) {
  return !find_volumes(file, {{Mark::firmware_volume, start + 0x28}}).volumes.empty();
}

// 00 "LARCHIVE", 08 u32 length, 0C u32 type, 10 u32 attributes, 14 u32 offset of the content: big-endian.
bool is_cbfs_file(ByteView file, std::uint64_t place) {
  constexpr std::uint64_t header_size = 0x18;
  const auto length = file.be32(place + 8);
  const auto content = file.be32(place + 0x14);
  return length && content && *content > header_size && file.has(place + *content, *length);
}

template <class Test>
bool any_hit(ByteView file, std::string_view pattern, std::uint64_t before, std::uint64_t alignment, Test test) {
  auto hit = file.find(as_bytes(pattern), 0, alignment);
  for (unsigned tries = 0; hit && tries < most_hits; ++tries) {
    if (*hit >= before && test(file, *hit - before)) return true;
    hit = file.find(as_bytes(pattern), *hit + 1, alignment);
  }
  return false;
}

bool has_cbfs(ByteView file) {
  if (file.size() >= 4) {
    // A signed distance from the end of the file, in practice always negative.
    const std::uint64_t back = 0x1'0000'0000U - file.u32(file.size() - 4).value_or(0);
    if (back <= file.size() && file.matches(file.size() - back, "ORBC")) return true;
  }
  return any_hit(file, "LARCHIVE", 0, 64, is_cbfs_file);
}

Recognition known(ByteView file, std::string kind, std::string title, FileKind type = FileKind::other) {
  return whole_file(file, std::move(kind), std::move(title), type, no_engine_region);
}

}  // namespace

bool has_reset_vector(ByteView file) {
  if (file.size() < 16) return false;
  const auto opcode = file.u8(file.size() - 16).value_or(0);
  const auto next = file.u8(file.size() - 15).value_or(0);
  // A far jump, a near jump, or either behind a NOP or WBINVD (0F 09), which is how BIOSes begin.
  const auto jump = [](std::uint8_t byte) { return byte == 0xEA || byte == 0xE9 || byte == 0xEB; };
  const bool prefixed = opcode == 0x90 && (jump(next) || next == 0x90);
  return jump(opcode) || prefixed || (opcode == 0x0F && next == 0x09);
}

std::optional<Recognition> recognise_bios(ByteView file) {
  // One instruction at the end proves little where the size is none of a chip.
  const bool whole_chip = file.size() >= 0x10000 && file.size() % 0x10000 == 0;
  const bool mapped = any_hit(file, "__FMAP__", 0, 1, is_flash_map);
  if (has_cbfs(file)) {
    return known(file, "coreboot.image", "coreboot image without a flash descriptor", FileKind::rom);
  }
  if (any_hit(file, "_FVH", 0x28, 8, is_volume)) {
    return whole_chip && has_reset_vector(file) ? known(file, "uefi.bios", "UEFI BIOS image without a flash descriptor")
                                                : whole_file(file, "uefi.volume", "UEFI firmware volumes");
  }
  if (mapped) return known(file, "flashmap.image", "firmware image with a flash map (FMAP)");
  if (whole_chip && has_reset_vector(file)) return known(file, "bios.image", "BIOS image without a flash descriptor");
  return std::nullopt;
}

}  // namespace quell::flash
