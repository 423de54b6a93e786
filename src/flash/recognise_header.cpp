// SPDX-License-Identifier: GPL-2.0-or-later
// Files named by the structure of their header.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/table.h"
#include "data/capsule-kinds.h"
#include "data/file-kinds.h"
#include "flash/recognise_steps.h"

namespace quell::flash {
namespace {

Recognition known(ByteView file, std::string kind, std::string title, std::string next_step = {}) {
  return {std::move(kind), std::move(title), std::move(next_step), {0, file.size()}, true};
}

// DER SEQUENCE { IA5String "IM4P" | "IMG4" | "IM4M" | "IM4R", ... }
std::optional<Recognition> image4(ByteView file) {
  const auto tag = file.u8(0);
  const auto length = file.u8(1);
  if (!tag || !length || *tag != 0x30 || *length > 0x84) return std::nullopt;
  const std::uint64_t content = *length < 0x80 ? 2 : 2U + (*length & 0x7FU);
  if (!file.matches(content, "\x16\x04")) return std::nullopt;
  const std::string name = file.text(content + 2, 4).value_or("");
  if (name == "IMG4") return known(file, "apple.img4", "Apple Image4 (payload with its manifest)");
  if (name == "IM4P") return known(file, "apple.im4p", "Apple Image4 payload");
  if (name == "IM4M") return known(file, "apple.im4m", "Apple Image4 manifest");
  if (name == "IM4R") return known(file, "apple.im4r", "Apple Image4 restore info");
  return std::nullopt;
}

// Update header: version 1 at 0x00, BCD year at 0x08, loader revision 1 at 0x14, data size 0x1C, total size 0x20.
std::optional<Recognition> microcode(ByteView file) {
  Fields f(file, "microcode header");
  const auto version = f.u32(0);
  const auto year = f.u16(8);
  const auto loader = f.u32(0x14);
  const auto data = f.u32(0x1C);
  const auto total = f.u32(0x20);
  if (!f.done() || version != 1 || loader != 1 || year < 0x1990 || year > 0x2099) return std::nullopt;
  const std::uint64_t size = data == 0 ? 2048 : total;
  if (size % 4 != 0 || size < 0x30 || size > 16U << 20U) return std::nullopt;
  return known(file, "intel.microcode", "Intel microcode update");
}

// Authenticated code module: type 2, header version at 0x08, vendor 0x8086 at 0x10, module size in words at 0x18.
std::optional<Recognition> code_module(ByteView file) {
  Fields f(file, "ACM header");
  const auto type = f.u16(0);
  const auto version = f.u32(8);
  const auto vendor = f.u32(0x10);
  const auto words = f.u32(0x18);
  constexpr std::array<std::uint32_t, 4> versions{0, 0x30000, 0x40000, 0x50004};
  const bool sound = f.done() && type == 2 && vendor == 0x8086 && words != 0 && std::ranges::count(versions, version);
  if (!sound) return std::nullopt;
  return known(file, "intel.acm", "Intel authenticated code module (ACM)");
}

// ARM firmware image package: table-of-contents magic, then a serial number that is not zero.
std::optional<Recognition> firmware_package(ByteView file) {
  const auto magic = file.u32(0);
  const auto serial = file.u32(4);
  if (!magic || !serial || *magic != 0xAA640001 || *serial == 0) return std::nullopt;
  return known(file, "arm.fip", "ARM firmware image package (FIP)");
}

// A flattened device tree is a U-Boot FIT when it has a node named "images".
std::optional<Recognition> device_tree(ByteView file) {
  const auto magic = file.be32(0);
  const auto total = file.be32(4);
  if (!magic || !total || *magic != 0xD00DFEED) return std::nullopt;
  constexpr std::string_view images("images\0", 7);
  if (file.clip({0, *total}).find(as_bytes(images))) return known(file, "arm.uboot-fit", "U-Boot FIT image");
  Recognition out = known(file, "devicetree", "a device tree", "it describes hardware and holds no firmware");
  out.recognised = false;
  return out;
}

// Qualcomm signed images are ELF files with a segment of type 2 (hash table) in bits 24 to 26 of its flags.
std::optional<Recognition> qualcomm(ByteView file) {
  if (!file.matches(0,
                    "\x7F"
                    "ELF")) {
    return std::nullopt;
  }
  const bool wide = file.u8(4).value_or(0) == 2;
  const std::uint64_t table = wide ? file.u64(0x20).value_or(0) : file.u32(0x1C).value_or(0);
  const std::uint64_t width = file.u16(wide ? 0x36 : 0x2A).value_or(0);
  const std::uint64_t count = file.u16(wide ? 0x38 : 0x2C).value_or(0);
  for (std::uint64_t i = 0; i < count && width != 0; ++i) {
    const auto entry = checked_add(table, i * width);
    if (!entry || !file.has(*entry, width)) break;
    const auto type = file.u32(*entry);
    const auto flags = file.u32(*entry + (wide ? 4 : 0x18));
    if (type && flags && *type == 0 && (*flags >> 24U & 7U) == 2) {
      return known(file, "arm.qualcomm", "Qualcomm signed image (TrustZone, hypervisor or loader)");
    }
  }
  return std::nullopt;
}

// VideoCore programs of Raspberry Pi: ELF32 for machine 137 with their build strings.
std::optional<Recognition> videocore(ByteView file) {
  constexpr std::uint16_t machine = 137;
  const bool elf32 = file.matches(0,
                                  "\x7F"
                                  "ELF\x01");
  if (!elf32 || file.u16(0x12).value_or(0) != machine || !file.find(as_bytes("VC_BUILD_ID_"))) return std::nullopt;
  return known(file, "raspberrypi.start-elf", "Raspberry Pi VideoCore firmware (start*.elf)");
}

// GbE region: 8 KiB (two banks); the first 64 words of a bank sum to 0xBABA.
std::optional<Recognition> gbe(ByteView file) {
  if (file.size() != 0x2000 && file.size() != 0x1000 && file.size() != 0x4000) return std::nullopt;
  std::uint32_t sum = 0;
  for (std::uint64_t i = 0; i < 0x80; i += 2) sum += file.u16(i).value_or(0);
  if ((sum & 0xFFFFU) != 0xBABA) return std::nullopt;
  return known(file, "intel.gbe-region", "Intel GbE region (settings of the network controller)");
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
  return Recognition{"uefi.capsule", std::move(title),
                     "an update, not a dump: it is written by the vendor's updater; read the chip for a dump",
                     Range::between(header, end), true};
}

}  // namespace

std::optional<Recognition> recognise_header(ByteView file) {
  for (const auto step :
       {image4, firmware_package, device_tree, code_module, microcode, qualcomm, videocore, gbe, capsule}) {
    if (auto found = step(file)) return found;
  }
  return std::nullopt;
}

std::optional<Recognition> recognise_magic(ByteView file) {
  static const Table kinds(data::file_kinds);
  for (const auto row : kinds) {
    if (!file.matches(row.number("offset"), from_hex(row["magic"]))) continue;
    return Recognition{std::string(row["kind"]),
                       std::string(row["title"]),
                       std::string(row["next_step"]),
                       {0, file.size()},
                       row.flag("recognised")};
  }
  return std::nullopt;
}

}  // namespace quell::flash
