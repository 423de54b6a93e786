// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/boot_flow.h"
#include "intel/cse/report.h"
#include "quell/flash/descriptor.h"
#include "quell/intel/disable_bit.h"

namespace quell::intel {
namespace {

Action soft_disable(const Image& file) {
  Action action{.id = "soft-disable", .title = "set the disable bit", .state = Action::State::impossible};
  const auto descriptor = flash::parse_descriptor(file.body());
  if (!descriptor) {
    action.reason = "the bit is in the flash descriptor, which this file does not hold";
    return action;
  }
  const DisableBits found = find_disable_bits(*descriptor, file.body(), firmware_facts(*descriptor, file.body()));
  for (const DisableBit& bit : found.bits) action.effects.push_back(to_string(bit));
  action.effects.insert(action.effects.end(), found.effects.begin(), found.effects.end());
  if (found.set() == true) {
    action.state = Action::State::done;
  } else if (found.ready()) {
    action.state = Action::State::available;
  } else {
    action.state = Action::State::refused;
    action.reason = found.refusals.front().reason;
    if (const auto lifts = lifted_by(found.refusals).list(); !lifts.empty()) action.lifted_by = lifts.front();
  }
  return action;
}

Action strip(const CseImage& image) {
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

}  // namespace

std::vector<Action> cse_actions(const CseImage& image, const Image& file) { return {soft_disable(file), strip(image)}; }

}  // namespace quell::intel
