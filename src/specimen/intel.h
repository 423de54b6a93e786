// SPDX-License-Identifier: GPL-2.0-or-later
// Synthetic Intel machines: whole flash dumps and bare ME regions whose tables, checksums, digests and signatures are
// all right. The code in them is noise; the keys are the project's own worthless ones.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "quell/byte_view.h"

namespace quell::specimen {

// One for each kind of ME region that parsers must tell apart.
enum class IntelFlavour {
  me5,   // generation 1: $MAN with SHA-1, descriptor signature at 0x0 (ICH9)
  me8,   // generation 2: $MN2, Huffman chunk table and LZMA modules, 6/7 series
  txe1,  // generation 2 with 0x80-byte module headers and no Huffman, Bay Trail
  me11,  // generation 3: $CPD, 100 series
  me14,  // layout table 1.6 with boot partitions, 300/400 series
  me16,  // layout table 1.7, RSA-3072, CRC-32 everywhere, 600 series
};

// All of them, oldest first.
std::span<const IntelFlavour> intel_flavours() noexcept;
// "me5", "me8", ...
std::string_view to_string(IntelFlavour flavour) noexcept;

struct IntelOptions {
  std::uint32_t seed = 1;        // other seeds give other noise, never another structure
  std::uint64_t flash_size = 0;  // of a dump; 0: 8 MiB (16 MiB from me14 on). A power of two from 1 MiB to 16 MiB
  std::uint64_t me_size = 0;     // of the region; 0: as stock firmware of the flavour. A multiple of 4 KiB
  std::uint64_t code_size = 0;   // unpacked size of an average module; 0: as stock firmware. Small ones suit fuzzing
};

// The ME region alone. Throws std::length_error when the firmware does not fit `me_size`.
Buffer intel_me_region(IntelFlavour flavour, const IntelOptions& options = {});
// The smallest sensible one, a few KiB: for fuzzing and for exhaustive mutation.
Buffer intel_small_me_region(IntelFlavour flavour);

// Descriptor, GbE (where the platform has one), ME region, BIOS.
Buffer intel_dump(IntelFlavour flavour, const IntelOptions& options = {});
// The same around the smallest ME region.
Buffer intel_small_dump(IntelFlavour flavour);

// What a vendor's update tool is fed: the code partition alone ($MAN, $MN2 or $CPD first).
Buffer intel_update_image(IntelFlavour flavour, const IntelOptions& options = {});

}  // namespace quell::specimen
