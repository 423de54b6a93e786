// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/flash/recognise.h"

#include "quell/flash/descriptor.h"

namespace quell::flash {

void recognise(Image& image) {
  const ByteView bytes = image.bytes();
  if (const auto descriptor = parse_descriptor(bytes)) {
    image.what = {"intel.dump", "full flash dump with an Intel descriptor", "", {0, bytes.size()}, true};
    for (const DescriptorRegion& region : descriptor->regions) {
      if (region.in_use()) image.regions.push_back({std::string(region.short_name), region.range});
    }
    return;
  }
  if (bytes.matches(0, "$FPT") || bytes.matches(0x10, "$FPT")) {
    image.what = {"intel.me-region", "Intel ME region", "", {0, bytes.size()}, true};
  }
}

}  // namespace quell::flash
