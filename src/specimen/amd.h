// SPDX-License-Identifier: GPL-2.0-or-later
// Synthetic AMD images: directories, checksums, keys and signatures are all right, the code in them is noise. The keys
// are the project's own worthless ones, so an audit says that the root key is not one of AMD's.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "quell/byte_view.h"

namespace quell::specimen {

// One for each way in which the directories hang together.
enum class AmdLayout {
  flat,    // family 15h: one PSP directory with MMIO addresses, wrapped images, little-endian signatures
  combo,   // 2PSP and 2BHD over two platforms, one signed over inflated payloads (Picasso), one as stored
  levels,  // level 1 and 2 of both kinds (Renoir, Genoa)
  slots    // level 1 with a backup, image slot headers, recovery slots A and B (Mendocino and later)
};

// All of them.
std::span<const AmdLayout> amd_layouts() noexcept;
// "flat", "combo", ...
std::string_view to_string(AmdLayout layout) noexcept;

struct AmdOptions {
  std::uint32_t seed = 1;          // other seeds give other noise, never another structure
  std::uint64_t size = 0x100000;   // of the image: a power of two from 512 KiB to 16 MiB; a multiple of 16 MiB above
  std::uint64_t code_size = 4096;  // of an average payload, unpacked
};

// Where the Embedded Firmware Structure of every specimen stands; nothing is in front of it.
inline constexpr std::uint64_t amd_efs_offset = 0x20000;

// A whole flash image. Throws std::out_of_range when it does not fit.
Buffer amd_image(AmdLayout layout, const AmdOptions& options = {});

}  // namespace quell::specimen
