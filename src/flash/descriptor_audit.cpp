// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "quell/flash/descriptor.h"

namespace quell::flash {

Component describe(const FlashDescriptor& descriptor, ByteView image) {
  Component root{"layout", "Intel flash descriptor", image.range()};
  root.attributes.set("signature_offset", descriptor.signature_offset, Show::hex);
  for (const DescriptorRegion& region : descriptor.regions) {
    if (!region.in_use()) continue;
    Component child{"region", std::string(region.short_name), region.range};
    child.attributes.set("title", std::string(region.title));
    root.children.push_back(std::move(child));
  }
  return root;
}

std::vector<Finding> audit(const FlashDescriptor& descriptor, ByteView image) {
  std::vector<Finding> findings;
  for (const DescriptorRegion& region : descriptor.regions) {
    if (!region.in_use() || region.range.end() <= image.size()) continue;
    findings.push_back({.id = "flash.region.beyond-file",
                        .severity = region.index == 2 ? Severity::error : Severity::warning,
                        .title = fmt::format("the {} region ends at {:#x} but the file ends at {:#x}", region.title,
                                             region.range.end() - 1, image.size() - 1),
                        .advice = "the read was cut short, or this is one half of a dual-chip board: read again, or "
                                  "join both halves",
                        .range = region.range});
  }
  return findings;
}

}  // namespace quell::flash
