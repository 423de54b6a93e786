// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>

#include "intel/boot_flow.h"
#include "intel/cse/report.h"

namespace quell::intel {

Action strip_action(const CseImage& image) {
  Action action{.id = "strip", .title = "remove partitions and modules", .state = Action::State::refused};
  const CseType type = type_of(image);
  if (type == CseType::update || type == CseType::partition) {
    action.state = Action::State::impossible;
    action.reason = "an update image is installed by the running engine, which accepts it only as Intel signed it";
  } else if (image.container == CseContainer::boot_region) {
    action.reason = std::string(boot_flow_reason);
  } else {
    action.reason =
        "since ME 12 the digests of the modules are built into the engine's first stages, every table is checksummed, "
        "and the engine loads the firmware of PMC, PHYs and PCH for the platform: every reported attempt ended in no "
        "boot or in a shutdown after a fixed time. The disable bit does what can be done";
  }
  return action;
}

}  // namespace quell::intel
