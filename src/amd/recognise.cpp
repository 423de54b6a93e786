// SPDX-License-Identifier: GPL-2.0-or-later
// AMD images: the embedded firmware structure (EFS) stands at one of six addresses below 4 GiB; where that is in the
// file follows from the size of the window (at most 16 MiB). The four bytes occur elsewhere too, so a pointer of the
// structure must lead to a directory.
#include "amd/recognise.h"

#include <algorithm>
#include <array>
#include <bit>

#include "amd/firmware.h"
#include "amd/part.h"

namespace quell::amd {
namespace {

constexpr std::uint64_t window_limit = 16U << 20U;
constexpr std::uint32_t signature = 0x55AA55AA;
// The low 24 bits of the addresses where the boot ROM looks.
constexpr std::array<std::uint64_t, 6> places{0xFA0000, 0xF20000, 0xE20000, 0xC20000, 0x820000, 0x020000};
constexpr std::array<std::uint64_t, 7> pointers{0x10, 0x14, 0x18, 0x1C, 0x20, 0x28, 0x2C};
constexpr std::array<std::string_view, 6> cookies{"$PSP", "$PL2", "$BHD", "$BL2", "2PSP", "2BHD"};

bool leads_to_directory(ByteView file, std::uint64_t base, std::uint64_t window, std::uint32_t pointer) {
  if (pointer == 0 || pointer >= 0xFFFFFFFE) return false;
  const std::uint64_t place = base + (pointer >= 0xFF000000 ? pointer & (window - 1) : pointer);
  return std::ranges::any_of(cookies, [&](std::string_view cookie) { return file.matches(place, cookie); });
}

bool is_firmware_structure(ByteView file, std::uint64_t base, std::uint64_t window, std::uint64_t place) {
  if (file.u32(place).value_or(0) != signature) return false;
  return std::ranges::any_of(pointers, [&](std::uint64_t field) {
    return leads_to_directory(file, base, window, file.u32(place + field).value_or(0));
  });
}

Recognition amd_image(ByteView file) {
  return whole_file(file, "amd.image", "AMD firmware image with a Platform Security Processor", FileKind::rom);
}

// The image that begins at `base`: whole windows, or what is there of the only one.
Range image_from(ByteView file, std::uint64_t base, std::uint64_t window) {
  const std::uint64_t rest = file.size() - base;
  return {base, rest < window ? rest : rest / window * window};
}

// A part of an image: the upper one, or one whose structure is erased or elsewhere.
std::optional<Recognition> recognise_rest(ByteView file) {
  const auto firmware = parse(file, {.everywhere = false});
  if (!firmware) return std::nullopt;
  const Efs& efs = firmware->roms.front().efs;
  if (!efs.absent && !efs.has_directories) return std::nullopt;
  Recognition out = whole_file(file, "amd.image-part",
                               efs.absent ? "part of an AMD firmware image, without its Embedded Firmware Structure"
                                          : "upper part of an AMD firmware image",
                               FileKind::other);
  out.next_step = "read the whole chip; where the board has two, join both reads";
  return out;
}

}  // namespace

std::optional<Recognition> recognise(ByteView file) {
  const std::uint64_t window = std::min(std::bit_ceil(file.size()), window_limit);
  for (std::uint64_t base = 0; base < file.size(); base += window_limit) {
    for (const std::uint64_t place : places) {
      if (is_firmware_structure(file, base, window, base + (place & (window - 1)))) return amd_image(file);
    }
  }
  if (const auto part = read_part(file)) return whole_file(file, part->kind, part->title, FileKind::part);
  return std::nullopt;
}

// The window starts behind a header of any size, so every hit is tried as each of the six places.
std::optional<Recognition> recognise_inside(ByteView file) {
  constexpr std::array<std::byte, 4> bytes{std::byte{0xAA}, std::byte{0x55}, std::byte{0xAA}, std::byte{0x55}};
  constexpr unsigned most_hits = 4096;  // a file of nothing but signatures must not cost more than its size
  auto hit = file.find(bytes, 0, 4);
  for (unsigned tries = 0; hit && tries < most_hits; ++tries, hit = file.find(bytes, *hit + 4, 4)) {
    for (const std::uint64_t window : {window_limit, window_limit / 2, window_limit / 4}) {
      for (const std::uint64_t place : places) {
        const std::uint64_t inside = place & (window - 1);
        if (inside > *hit || !is_firmware_structure(file, *hit - inside, window, *hit)) continue;
        Recognition out = amd_image(file);
        out.type = FileKind::update;
        out.body = image_from(file, *hit - inside, window);
        out.title += " behind a header";
        out.next_step = "an update file, not a dump: read the chip for a dump";
        return out;
      }
    }
  }
  return recognise_rest(file);
}

}  // namespace quell::amd
