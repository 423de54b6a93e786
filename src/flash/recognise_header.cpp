// SPDX-License-Identifier: GPL-2.0-or-later
// Files named by the structure of their header.
#include "base/table.h"
#include "data/capsule-kinds.h"
#include "data/file-kinds.h"
#include "flash/gbe.h"
#include "flash/microcode.h"
#include "flash/recognise_steps.h"
#include "flash/uimage.h"

namespace quell::flash {
namespace {

// GbE region: usually 8 KiB (two banks).
std::optional<Recognition> gbe(ByteView file) {
  if (!is_gbe_region(file)) return std::nullopt;
  return whole_file(file, "intel.gbe-region", "Intel GbE region (settings of the network controller)");
}

// EFI_CAPSULE_HEADER: GUID, u32 header size, u32 flags, u32 image size. An unknown GUID is taken for a capsule when
// the sizes fit the file exactly.
std::optional<Recognition> capsule(ByteView file) {
  Fields f(file, "capsule header");
  const ByteView guid = f.sub(0, 16);
  const std::uint64_t header = f.u32(0x10);
  const std::uint64_t size = f.u32(0x18);
  if (!f.done() || header < 0x1C || header > 0x10000 || header >= file.size()) return std::nullopt;
  static const Table kinds(data::capsule_kinds);
  const std::string text = to_hex(guid.bytes());
  std::string title = "UEFI capsule";
  bool named = false;
  if (const auto row = kinds.find("guid", text)) {
    title = (*row)["title"];
    named = true;
  }
  const bool blank = guid.filled_with(std::byte{0}) || guid.filled_with(std::byte{0xFF});
  if (!named && (size != file.size() || blank)) return std::nullopt;
  const std::uint64_t end = size > header && size <= file.size() ? size : file.size();
  Recognition out =
      whole_file(file, "uefi.capsule", std::move(title), FileKind::capsule,
                 "an update, not a dump: it is written by the vendor's updater; read the chip for a dump");
  out.body = Range::between(header, end);
  return out;
}

}  // namespace

std::optional<Recognition> recognise_header(ByteView file) {
  if (looks_like_microcode(file)) return whole_file(file, "intel.microcode", "Intel microcode update");
  if (looks_like_uimage(file)) return whole_file(file, "uboot.legacy-image", "U-Boot legacy image (uImage)");
  for (const auto step : {gbe, capsule}) {
    if (auto found = step(file)) return found;
  }
  return std::nullopt;
}

std::optional<Recognition> recognise_magic(ByteView file) {
  static const Table kinds(data::file_kinds);
  for (const auto row : kinds) {
    if (!file.matches(row.number("offset"), from_hex(row["magic"]))) continue;
    Recognition out = whole_file(file, std::string(row["kind"]), std::string(row["title"]), FileKind::other,
                                 std::string(row["next_step"]));
    out.recognised = row.flag("recognised");
    return out;
  }
  return std::nullopt;
}

}  // namespace quell::flash
