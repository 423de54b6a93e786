// SPDX-License-Identifier: GPL-2.0-or-later
#include "specimen/amd.h"

#include <array>

#include "specimen/amd_parts.h"

namespace quell::specimen {
namespace {

constexpr std::uint64_t new_psp_directory = 0x14;
constexpr std::uint64_t bios1_directory = 0x1C;
constexpr std::uint64_t bios3_directory = 0x28;
constexpr std::uint64_t backup_directory = 0x2C;
constexpr std::uint32_t no_bytes = 0xFFFFFFFF;
constexpr std::uint16_t reset_flags = 0x000B;  // reset image, copied, compressed

class Builder {
 public:
  explicit Builder(const AmdOptions& options) : options_(options), random_(options.seed), flash_(options.size) {}

  Buffer flat() {
    const std::uint64_t psp =
        flash_.directory("$PSP", 0,
                         {{.type = 0x00, .bytes = amd_token(amd_old_root, amd_old_root)},
                          {.type = 0x01, .bytes = plain(amd_old_root, 0x01, AmdSigning::family15)},
                          {.type = 0x02, .bytes = amd_wrapped_entry(random_.code(options_.code_size), amd_old_root)},
                          {.type = 0x04, .bytes = Buffer(0x400, std::byte{0xFF})},
                          {.type = 0x05, .bytes = amd_token({.id = 0xC1, .usage = 8}, amd_old_root)},
                          {.type = 0x08, .bytes = amd_wrapped_entry(random_.code(options_.code_size), amd_old_root)},
                          {.type = 0x0B, .address = 0x1, .size = no_bytes}});
    flash_.efs(0xFFFFFFFF, {{new_psp_directory, flash_.mmio(psp)}});
    return std::move(flash_).take();
  }

  Buffer combo() {
    const std::uint64_t old_psp =
        flash_.directory("$PSP", 0,
                         {{.type = 0x00, .bytes = amd_token(amd_old_root, amd_old_root)},
                          {.type = 0x01, .bytes = plain(amd_old_root, 0x01, AmdSigning::inflated)},
                          {.type = 0x08, .bytes = packed(amd_old_root, 0x08, AmdSigning::inflated), .subprogram = 1}});
    const std::uint64_t old_bios = flash_.directory("$BHD", 0, bios_rows());
    const std::uint64_t new_psp = flash_.directory("$PSP", 1, firmware_rows());
    const std::uint64_t new_bios = flash_.directory("$BHD", 1, bios_rows());
    const std::uint64_t psp = flash_.combo("2PSP", {{0xBC0A0000, flash_.mmio(old_psp)}, {0xBC0C0140, new_psp}});
    const std::uint64_t bios = flash_.combo("2BHD", {{0xBC0A0000, flash_.mmio(old_bios)}, {0xBC0C0140, new_bios}});
    flash_.efs(0xFFFFFFFF, {{new_psp_directory, flash_.mmio(psp)},
                            {bios1_directory, flash_.mmio(bios)},
                            {bios3_directory, flash_.mmio(bios)}});
    return std::move(flash_).take();
  }

  Buffer levels() {
    const std::uint64_t psp2 = flash_.directory("$PL2", 1, firmware_rows());
    const std::uint64_t bios2 = flash_.directory("$BL2", 1, bios_rows());
    std::vector<AmdRow> first = firmware_rows();
    first.push_back({.type = 0x40, .address = 1ULL << 62U | psp2, .size = 0x400});
    const std::uint64_t psp = flash_.directory("$PSP", 1, first);
    std::vector<AmdRow> bios_first = bios_rows();
    bios_first.push_back({.type = 0x70, .address = 1ULL << 62U | bios2, .size = 0x400});
    const std::uint64_t bios = flash_.directory("$BHD", 1, bios_first);
    flash_.efs(0xFFFFFFFE, {{new_psp_directory, psp}, {bios3_directory, bios}});
    return std::move(flash_).take();
  }

  Buffer slots() {
    const std::vector<AmdRow> firmware = firmware_rows();
    const std::vector<AmdRow> bios = bios_rows();
    std::array<std::uint64_t, 2> headers{};
    for (std::size_t i = 0; i < headers.size(); ++i) {
      const std::uint64_t bios2 = flash_.directory("$BL2", 2, bios);
      std::vector<AmdRow> rows = firmware;
      rows.push_back({.type = 0x49, .address = 1ULL << 62U | bios2, .size = 0x400});
      headers.at(i) = flash_.slot_header(i == 0 ? 0xFFFFFFFF : 1, flash_.directory("$PL2", 2, rows));
    }
    const std::vector<AmdRow> first{{.type = 0x48, .address = headers[0], .size = 0x100},
                                    {.type = 0x4A, .address = headers[1], .size = 0x100}};
    const std::uint64_t psp = flash_.directory("$PSP", 2, first);
    const std::uint64_t backup = flash_.directory("$PSP", 2, first);
    flash_.efs(0, {{new_psp_directory, psp}, {backup_directory, backup}});
    return std::move(flash_).take();
  }

 private:
  Buffer plain(const AmdKey& key, std::uint8_t type, AmdSigning signing = AmdSigning::as_stored) {
    return amd_entry(
        {.payload = random_.noise(options_.code_size / 16 * 16), .key = key, .signing = signing, .type = type});
  }

  Buffer packed(const AmdKey& key, std::uint8_t type, AmdSigning signing = AmdSigning::as_stored) {
    return amd_entry({.payload = random_.code(options_.code_size),
                      .key = key,
                      .signing = signing,
                      .version = 0x00404800,
                      .type = type,
                      .compressed = true});
  }

  std::vector<AmdRow> firmware_rows() {
    const AmdPart ftpm{
        .payload = amd_ftpm(random_, options_.code_size), .key = amd_smu_key, .version = 0x035A0205, .type = 0x0C};
    return {{.type = 0x00, .bytes = amd_token(amd_root, amd_root)},
            {.type = 0x01, .bytes = plain(amd_root, 0x01)},
            {.type = 0x04, .bytes = Buffer(0x400, std::byte{0xFF}), .flags = 0x0004},
            {.type = 0x08, .bytes = packed(amd_smu_key, 0x08)},
            {.type = 0x09, .bytes = amd_token({.id = 0xC2, .usage = 3}, amd_root)},
            {.type = 0x0B, .address = 0x10000000, .size = no_bytes},
            {.type = 0x0C, .bytes = amd_entry(ftpm)},
            {.type = 0x21, .bytes = random_.noise(16)},
            {.type = 0x22, .bytes = Buffer(0x100, std::byte{0xFF})},
            {.type = 0x30, .bytes = amd_container({plain(amd_smu_key, 0x30), packed(amd_smu_key, 0x30)}, amd_smu_key)},
            {.type = 0x50, .bytes = amd_key_database(amd_smu_key, amd_root)},
            {.type = 0x55, .bytes = amd_spl_table({{0x01, 1}, {0x08, 1}, {0x30, 1}}, amd_root)}};
  }

  std::vector<AmdRow> bios_rows() {
    const Buffer reset = random_.code(options_.code_size);
    Canvas microcode(0x100, std::byte{0xA5});
    microcode.u32(0x00, 0x11072024).u32(0x04, 0x0A500014).u16(0x18, 0xA500);
    return {{.type = 0x07, .bytes = Buffer(0x200, std::byte{0xFF})},
            {.type = 0x60, .bytes = amd_apcb(random_)},
            {.type = 0x61, .destination = 0x2001000},
            {.type = 0x62,
             .bytes = amd_reset_image(reset),
             .size = static_cast<std::uint32_t>(reset.size()),
             .flags = reset_flags,
             .destination = 0x9E20000},
            {.type = 0x66, .bytes = microcode.bytes(), .flags = 0x0010}};
  }

  AmdOptions options_;
  Random random_;
  AmdFlash flash_;
};

constexpr std::array layouts{AmdLayout::flat, AmdLayout::combo, AmdLayout::levels, AmdLayout::slots};

}  // namespace

std::span<const AmdLayout> amd_layouts() noexcept { return layouts; }

std::string_view to_string(AmdLayout layout) noexcept {
  switch (layout) {
    case AmdLayout::flat: return "flat";
    case AmdLayout::combo: return "combo";
    case AmdLayout::levels: return "levels";
    case AmdLayout::slots: return "slots";
  }
  return "";
}

Buffer amd_image(AmdLayout layout, const AmdOptions& options) {
  Builder builder(options);
  switch (layout) {
    case AmdLayout::flat: return builder.flat();
    case AmdLayout::combo: return builder.combo();
    case AmdLayout::levels: return builder.levels();
    case AmdLayout::slots: return builder.slots();
  }
  return {};
}

}  // namespace quell::specimen
