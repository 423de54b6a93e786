// SPDX-License-Identifier: GPL-2.0-or-later
#include "flash/survey.h"

#include "flash/coreboot.h"
#include "flash/gbe.h"
#include "flash/microcode.h"
#include "flash/uefi_volume.h"
#include "flash/uimage.h"

namespace quell::flash {
namespace {

template <class List>
void append(List& to, List from) {
  for (auto& item : from) to.push_back(std::move(item));
}

// The smallest child that can hold something, going down as long as there is one.
Component& home_of(Component& layout, Range range) {
  Component* here = &layout;
  while (true) {
    Component* smaller = nullptr;
    for (Component& child : here->children) {
      const bool holder = child.kind == "region" || child.kind == "image";
      const bool fits = holder && child.range.contains(range) && !child.range.empty();
      if (fits && (smaller == nullptr || child.range.size < smaller->range.size)) smaller = &child;
    }
    if (smaller == nullptr) return *here;
    here = smaller;
  }
}

}  // namespace

Survey survey(const Image& image) {
  Survey out;
  if (looks_like_microcode(image.body())) {
    MicrocodeFile file = parse_microcode_file(image.body());
    for (const Microcode& update : file.updates) out.components.push_back(describe(update));
    out.findings = std::move(file.problems);
    return out;
  }
  if (const auto uimage = parse_uimage(image.body())) {
    out.components.push_back(describe(*uimage));
    append(out.findings, audit(*uimage, image.body().size()));
  }
  if (is_gbe_region(image.body())) {
    out.components = gbe_banks(image.body());
    if (!out.components.empty()) out.components.front().checks.push_back(check_gbe(image.body()));
    return out;
  }
  VolumeSearch volumes = find_volumes(image.bytes(), image.landmarks());
  for (const FirmwareVolume& volume : volumes.volumes) out.components.push_back(describe(volume));
  append(out.findings, std::move(volumes.problems));
  const Coreboot coreboot = read_coreboot(image.body(), image.landmarks());
  append(out.components, describe(coreboot, image.body()));
  append(out.findings, audit(coreboot));
  return out;
}

void place(Component& layout, std::vector<Component> components) {
  for (Component& component : components) {
    Component& home = component.range.empty() ? layout : home_of(layout, component.range);
    home.children.push_back(std::move(component));
  }
}

}  // namespace quell::flash
