// SPDX-License-Identifier: GPL-2.0-or-later
// U-Boot legacy images (uImage): a header of 64 bytes with two checksums before the data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/finding.h"

namespace quell::flash {

struct Uimage {
  Range range{};  // header and data, as far as they are there
  std::string name{};
  std::uint32_t time = 0;       // UNIX time of the build
  std::uint32_t data_size = 0;  // as the header has it
  std::uint32_t load = 0, entry = 0;
  std::uint8_t os = 0, architecture = 0, type = 0, compression = 0;
  bool header_checksum_valid = false;
  bool whole = false;                // the data lies in the file
  bool data_checksum_valid = false;  // only asked where it is whole
};

// Whether magic and the small fields of a header stand at the start; neither the sizes nor the checksums are judged, so
// that a file that is cut short is still recognised.
bool looks_like_uimage(ByteView view) noexcept;

// Errc::unrecognised when it is none.
Result<Uimage> parse_uimage(ByteView view);

// A component of kind "uimage".
Component describe(const Uimage& image);
// What is wrong with it, `size` being that of the file.
std::vector<Finding> audit(const Uimage& image, std::uint64_t size);

}  // namespace quell::flash
