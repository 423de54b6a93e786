// SPDX-License-Identifier: GPL-2.0-or-later
// Flash descriptors for tests: made here, or the real ones of ../shared.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "quell/byte_view.h"
#include "quell/mapped_file.h"

#include "support/shared.h"

namespace quell::test {

inline void put32(Buffer& image, std::uint64_t offset, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) image.at(offset + i) = static_cast<std::byte>(value >> 8 * i);
}

inline std::uint32_t get32(const Buffer& image, std::uint64_t offset) {
  return ByteView(image).u32(offset).value_or(0);
}

// What a made descriptor is to look like; everything else as on a common board.
struct DescriptorSpec {
  unsigned isl = 0x45;
  std::uint32_t flmap2 = 0x00340330;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> straps{};  // by offset from FPSBA, which is 0x100
  bool v2 = true;
};

// 4 KiB with FCBA 0x30, FRBA 0x40, FMBA 0x80 (v2) or 0x60 (v1), FPSBA 0x100. Regions: descriptor 0x0-0xFFF, ME
// 0x1000-0x1FFFF, BIOS 0x20000-0x3FFFF; masters locked; component of 512 KiB.
inline Buffer make_descriptor(const DescriptorSpec& spec) {
  Buffer image(0x1000, std::byte{0xFF});
  put32(image, 0x10, 0x0FF0A55A);
  put32(image, 0x14, 0x00040003);
  put32(image, 0x18, spec.isl << 24U | 0x00100000U | (spec.v2 ? 0x08U : 0x06U));
  put32(image, 0x1C, spec.flmap2);
  put32(image, 0x20, 0);
  put32(image, 0x30, 0x36900000 | 0xF0);
  for (std::uint64_t n = 0; n < (spec.v2 ? 16U : 8U); ++n) put32(image, 0x40 + 4 * n, 0x00007FFF);
  put32(image, 0x40, 0x00000000);
  put32(image, 0x44, 0x003F0020);
  put32(image, 0x48, 0x001F0001);
  const std::uint64_t masters = spec.v2 ? 0x80 : 0x60;
  put32(image, masters, spec.v2 ? 0x00200300 : 0x02030000);
  put32(image, masters + 4, spec.v2 ? 0x00400500 : 0x04050000);
  for (std::uint64_t n = 2; n < 6; ++n) put32(image, masters + 4 * n, n == 2 && !spec.v2 ? 0x00000118 : 0);
  for (std::uint64_t n = 0; n < spec.isl && 0x100 + 4 * n < 0x1000; ++n) put32(image, 0x100 + 4 * n, 0);
  for (const auto& [offset, value] : spec.straps) put32(image, 0x100 + offset, value);
  put32(image, 0xEFC, spec.v2 ? 0xC0000000 : 0x0);
  return image;
}

inline Buffer bytes_of(const std::filesystem::path& path) {
  const auto file = MappedFile::open(path.string());
  if (!file) return {};
  const Bytes bytes = file->view().bytes();
  return {bytes.begin(), bytes.end()};
}

// Every real descriptor, in the order of names.
inline std::vector<std::filesystem::path> corpus_descriptors() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(shared("corpus/descriptors"))) {
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace quell::test
