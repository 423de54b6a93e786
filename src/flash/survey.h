// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "quell/component.h"
#include "quell/finding.h"
#include "quell/image.h"

namespace quell::flash {

// What lies in the flash beside the engines: UEFI volumes, coreboot's map and files, microcode files.
struct Survey {
  std::vector<Component> components{};
  std::vector<Finding> findings{};
  [[nodiscard]] bool empty() const noexcept { return components.empty() && findings.empty(); }
};
Survey survey(const Image& image);

// Puts every component below the smallest region of the layout that contains it.
void place(Component& layout, std::vector<Component> components);

}  // namespace quell::flash
