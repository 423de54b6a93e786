// SPDX-License-Identifier: GPL-2.0-or-later
// Header, 0x66 bytes: "LDR " or "BOOT", u16 size, u32 version (major and minor byte at 3 and 2), u32 tool version, at
//   0x0E u16 year, u8 month, day, hour, minute, second, at 0x15 u32 chip, at 0x19 three lists (0x471 memory, 0x472 USB,
//   loaders): u8 count, u32 offset, u8 size of an entry.
// Entry, 0x39 bytes: u8 size, u32 type, UTF-16 name[20], u32 offset, u32 size, u32 delay.
// The file ends with a CRC32 of all before it. Source: rkdeveloptool, RKBoot.h and DefineHeader.h.
#include "arm/rockchip.h"

#include <array>

#include <fmt/format.h>

#include "model/cut_short.h"

namespace quell::arm {
namespace {

constexpr std::uint64_t header_size = 0x66;
constexpr std::uint64_t entry_size = 0x39;
constexpr std::uint64_t checksum_size = 4;
constexpr std::array<std::uint64_t, 3> lists{0x19, 0x1F, 0x25};

std::string name_of(ByteView entry) {
  std::string out;
  for (std::uint64_t at = 5; at < 45; at += 2) {
    const std::uint16_t c = entry.u16(at).value_or(0);
    if (c == 0) break;
    out.push_back(c >= 0x20 && c < 0x7F ? static_cast<char>(c) : '?');
  }
  return out;
}

struct Entries {
  std::vector<std::string> names{};
  std::uint64_t end = 0;  // of the last content
  bool right = true;
};

void read_list(ByteView file, std::uint64_t at, Entries& out) {
  Fields f(file, "Rockchip loader list");
  const std::uint64_t count = f.u8(at);
  const std::uint64_t offset = f.u32(at + 1);
  const std::uint64_t size = f.u8(at + 5);
  if (!f.done() || (count != 0 && (size != entry_size || offset < header_size))) {
    out.right = false;
    return;
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const ByteView entry = file.clip({offset + i * entry_size, entry_size});
    if (entry.size() < entry_size) return;
    if (entry.u8(0).value_or(0) != entry_size) out.right = false;
    out.names.push_back(name_of(entry));
    const Range content{entry.u32(45).value_or(0), entry.u32(49).value_or(0)};
    out.end = std::max(out.end, content.end());
  }
}

}  // namespace

std::optional<Loader> read_rockchip_pack(ByteView file) {
  if (!file.matches(0, "LDR ") && !file.matches(0, "BOOT")) return std::nullopt;
  if (file.u16(4).value_or(0) != header_size || file.size() < header_size) return std::nullopt;
  Entries entries;
  for (const std::uint64_t at : lists) read_list(file, at, entries);
  if (!entries.right || entries.names.empty()) return std::nullopt;
  Loader out{.kind = "arm.rockchip-pack",
             .title = "Rockchip loader pack (memory initialisation and loaders for USB)",
             .vendor = "Rockchip",
             .version = fmt::format("{:x}.{:02x}", file.u8(9).value_or(0), file.u8(8).value_or(0)),
             .built = fmt::format("{:04}-{:02}-{:02}", file.u16(0x0E).value_or(0), file.u8(0x10).value_or(0),
                                  file.u8(0x11).value_or(0)),
             .size = entries.end + checksum_size,
             .range = file.range()};
  out.attributes.set("programs", entries.names);
  if (*out.size > file.size()) {
    out.problems.push_back(cut_short("arm.loader.cut", "the pack", *out.size, file, "fetch the file again"));
  }
  return out;
}

}  // namespace quell::arm
