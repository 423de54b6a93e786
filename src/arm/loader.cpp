// SPDX-License-Identifier: GPL-2.0-or-later
// MediaTek preloader (GFH_FILE_INFO; U-Boot tools/mtk_image.h): "MMM" u8 1, u16 size 0x38, u16 type 0, "FILE_INFO",
//   0x18 u16 file type, u8 flash, u8 signature, 0x1C u32 load address, 0x20 u32 total size, 0x24 u32 largest size,
//   0x28 u32 content offset, 0x2C u32 signature size. At 0 of the file, or at 0x800 behind "EMMC_BOOT" or "UFS_BOOT".
// MediaTek partition (same source): u32 0x58881688, u32 size of what follows 0x200 bytes of header, name[32].
// MediaTek memory settings: "MTK_BLOADER_INFO_v" and two digits, 0x1B the preloader's file name (mtkclient's samples).
// Amlogic image: u32 0x12348765, then addresses; content at 0x200 (amlogic-boot-fip: bl31.img).
#include "arm/loader.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "arm/rockchip.h"
#include "base/ascii.h"
#include "base/elf.h"
#include "base/split.h"
#include "base/table.h"
#include "data/arm-loader-marks.h"
#include "model/cut_short.h"

namespace quell::arm {
namespace {

constexpr std::uint16_t machine_aarch64 = 183;
constexpr std::uint16_t machine_arm = 40;
constexpr std::uint64_t largest_raw = 4U << 20U;
constexpr std::uint32_t mediatek_partition = 0x58881688;
constexpr std::uint32_t amlogic_image = 0x12348765;

bool in_version(std::byte byte) { return is_plain_in_names(std::to_integer<char>(byte)); }

// The word behind the label; empty where the label is not there.
std::string word_behind(ByteView content, std::string_view label) {
  const auto at = content.find(as_bytes(label));
  if (!at) return {};
  std::string out;
  for (const std::byte byte : content.clip({*at + label.size(), 48}).bytes()) {
    if (!in_version(byte)) break;
    out.push_back(static_cast<char>(byte));
  }
  return out;
}

void note_cut(Loader& out, ByteView file, std::uint64_t needed) {
  out.size = needed;
  if (needed <= file.size()) return;
  out.problems.push_back(cut_short("arm.loader.cut", "the program", needed, file, "fetch or read the file again"));
}

void take_monitor(Loader& out, MonitorInfo monitor) {
  out.role = Loader::Role::monitor;
  out.version = monitor.version;
  out.built = monitor.built;
  out.monitor = std::move(monitor);
}

// A monitor says when it was built and which version of TF-A it comes from, or which Rockchip's is.
std::optional<MonitorInfo> monitor_in(ByteView content) {
  MonitorInfo monitor = read_monitor(content);
  const std::string rockchip = word_behind(content, "bl31-v");
  if (monitor.version.empty() && !rockchip.empty()) monitor.version = fmt::format("v{}", rockchip);
  const bool named = content.find(as_bytes("BL31")).has_value() || content.find(as_bytes("bl31")).has_value();
  if (monitor.built.empty() || monitor.version.empty() || !named) return std::nullopt;
  return monitor;
}

std::optional<Loader> elf_monitor(ByteView file) {
  const auto elf = parse_elf(file);
  if (!elf || (elf->machine != machine_aarch64 && elf->machine != machine_arm)) return std::nullopt;
  if (file.size() > largest_raw) return std::nullopt;
  auto monitor = monitor_in(file);
  if (!monitor) return std::nullopt;
  Loader out{.kind = "arm.bl31", .title = "TF-A BL31 (EL3 monitor), an ELF file", .range = file.range()};
  take_monitor(out, *std::move(monitor));
  out.attributes.set("entry", elf->entry, Show::hex);
  note_cut(out, file, elf->end);
  return out;
}

std::optional<Loader> mediatek_preloader(ByteView file) {
  constexpr std::string_view magic("MMM\x01\x38\0\0\0FILE_INFO\0", 18);
  const bool prefixed = file.matches(0, "EMMC_BOOT") || file.matches(0, "UFS_BOOT");
  const std::uint64_t start = prefixed ? 0x800 : 0;
  const ByteView image = file.clip(Range::between(start, file.size()));
  if (!image.matches(0, magic)) return std::nullopt;
  Loader out{
      .kind = "arm.mediatek-loader", .title = "MediaTek preloader", .vendor = "MediaTek", .range = image.range()};
  Fields f(image, "MediaTek file header");
  out.attributes.set("load", std::uint64_t{f.u32(0x1C)}, Show::hex);
  const std::uint64_t total = f.u32(0x20);
  out.attributes.set("signature_size", std::uint64_t{f.u32(0x2C)}, Show::size);
  note_cut(out, file, start + (f.done() ? total : 0x38));
  return out;
}

std::optional<Loader> mediatek_partition_image(ByteView file) {
  constexpr std::uint64_t header = 0x200;
  if (file.u32(0).value_or(0) != mediatek_partition) return std::nullopt;
  const std::string name = file.text(8, 32).value_or("");
  const bool plain = !name.empty() && name.find('\\') == std::string::npos;
  if (!plain) return std::nullopt;
  Loader out{.kind = "arm.mediatek-image",
             .title = fmt::format("MediaTek partition image \"{}\"", name),
             .vendor = "MediaTek",
             .range = file.range()};
  const ByteView content = file.clip({header, file.u32(4).value_or(0)});
  if (name == "atf") {
    take_monitor(out, read_monitor(content));
  } else if (name == "tee") {
    out.role = Loader::Role::trusted_os;
  }
  note_cut(out, file, header + file.u32(4).value_or(0));
  return out;
}

std::optional<Loader> mediatek_settings(ByteView file) {
  constexpr std::string_view magic = "MTK_BLOADER_INFO_v";
  if (!file.matches(0, magic)) return std::nullopt;
  Loader out{.kind = "arm.mediatek-settings",
             .title = "MediaTek memory settings cut out of a preloader, not the preloader itself",
             .vendor = "MediaTek",
             .version = file.text(magic.size(), 2).value_or(""),
             .range = file.range()};
  out.attributes.set("preloader", file.text(0x1B, 0x3D).value_or(""));
  return out;
}

std::optional<Loader> amlogic_monitor(ByteView file) {
  constexpr std::uint64_t header = 0x200;
  if (file.u32(0).value_or(0) != amlogic_image || file.size() > largest_raw) return std::nullopt;
  auto monitor = monitor_in(file.clip(Range::between(header, file.size())));
  if (!monitor) return std::nullopt;
  Loader out{.kind = "arm.bl31",
             .title = "TF-A BL31 (EL3 monitor) in an Amlogic image",
             .vendor = "Amlogic",
             .range = file.range()};
  take_monitor(out, *std::move(monitor));
  return out;
}

// BL31 first saves its argument (mov xN, x0; TF-A bl31/aarch64/bl31_entrypoint.S), or branches to where it does.
bool starts_as_monitor(ByteView file) {
  const std::uint32_t first = file.u32(0).value_or(0);
  return (first & 0xFFFFFFE0U) == 0xAA0003E0U || (first & 0xFC000000U) == 0x14000000U;
}

bool holds_all(ByteView file, std::string_view marks) {
  return std::ranges::all_of(words_of(marks, '|'),
                             [file](std::string_view mark) { return file.find(as_bytes(mark)).has_value(); });
}

// What stands in the program of its version and build.
void take_strings(Loader& out, ByteView file) {
  out.version = word_behind(file, "fwver: ");
  if (out.version.empty()) out.version = word_behind(file, "amlogic_v");
  constexpr std::string_view built = "Built : ";
  if (const auto at = file.find(as_bytes(built))) {
    out.built = file.text(*at + built.size(), 80).value_or("");
    out.built.resize(std::min(out.built.find('\\'), out.built.size()));
  }
}

}  // namespace

std::optional<Loader> read_headed_loader(ByteView file) {
  constexpr std::array steps{&elf_monitor,       &mediatek_preloader, &mediatek_partition_image,
                             &mediatek_settings, &amlogic_monitor,    &read_rockchip_pack};
  for (const auto step : steps) {
    if (auto found = step(file)) return found;
  }
  return std::nullopt;
}

std::optional<Loader> read_raw_loader(ByteView file) {
  if (file.size() > largest_raw || file.size() < 0x1000) return std::nullopt;
  if (auto monitor = starts_as_monitor(file) ? monitor_in(file) : std::nullopt) {
    Loader out{.kind = "arm.bl31", .title = "TF-A BL31 (EL3 monitor), raw", .range = file.range()};
    take_monitor(out, *std::move(monitor));
    return out;
  }
  for (const auto row : Table(data::arm_loader_marks)) {
    if (!holds_all(file, row["marks"])) continue;
    Loader out{.kind = fmt::format("arm.{}", row["kind"]),
               .title = std::string(row["title"]),
               .vendor = std::string(row["vendor"]),
               .range = file.range()};
    if (row.flag("trusted_os")) out.role = Loader::Role::trusted_os;
    take_strings(out, file);
    return out;
  }
  return std::nullopt;
}

Component describe(const Loader& loader) {
  Component out{"arm-loader", loader.title, loader.range, loader.attributes, {}, {}};
  if (!loader.version.empty()) out.attributes.set("version", loader.version);
  if (!loader.built.empty()) out.attributes.set("built", loader.built);
  return out;
}

}  // namespace quell::arm
