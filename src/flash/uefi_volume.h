// SPDX-License-Identifier: GPL-2.0-or-later
// UEFI firmware volumes by name; the files inside are left to the tools for that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/landmarks.h"
#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/finding.h"

namespace quell::flash {

struct FirmwareVolume {
  Range range{};  // image offsets; cut to what the image holds
  std::uint64_t length = 0;
  std::string file_system{};  // GUID
  std::string guid{};         // the volume's own GUID when it has an extended header, else the file system's
  std::uint32_t attributes = 0;
  std::uint16_t header_length = 0;
  std::uint8_t revision = 0;
  bool checksum_valid = false;
};

struct VolumeSearch {
  std::vector<FirmwareVolume> volumes{};  // top-level ones, in ascending order
  std::vector<Finding> problems{};
};

// Whether the 16-bit words of a volume header, cut to its length, sum to zero.
bool header_sums_to_zero(ByteView header);

// Reads the volume headers at the landmarks of the image.
VolumeSearch find_volumes(ByteView image, const std::vector<Landmark>& landmarks);

// A component of kind "firmware-volume".
Component describe(const FirmwareVolume& volume);

}  // namespace quell::flash
