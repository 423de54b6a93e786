// SPDX-License-Identifier: GPL-2.0-or-later
// For the wasm build, where no machine is live: what the engines would look for there is not to be found.
#include "amd/live.h"
#include "apple/live.h"
#include "arm/live.h"
#include "bmc/live.h"
#include "intel/live/live.h"
#include "intel/live/mei.h"
#include "raspberrypi/live.h"

namespace quell {

namespace amd {
std::vector<EngineStatus> live(const host::Root&, const host::Machine&, const StatusOptions&) { return {}; }
}  // namespace amd
namespace apple {
std::vector<EngineStatus> live(const host::Root&, const host::Machine&) { return {}; }
}  // namespace apple
namespace arm {
std::vector<EngineStatus> live(const host::Root&, const host::Machine&) { return {}; }
}  // namespace arm
namespace bmc {
std::vector<EngineStatus> live(const host::Root&, const host::Machine&, const StatusOptions&) { return {}; }
}  // namespace bmc
namespace intel::live {
std::vector<EngineStatus> engines_of(const host::Root&, const host::Machine&, const StatusOptions&) { return {}; }
std::vector<MeiInterface> mei_interfaces(const host::Root&) { return {}; }
}  // namespace intel::live
namespace raspberrypi {
std::vector<EngineStatus> live(const host::Root&, const host::Machine&) { return {}; }
}  // namespace raspberrypi

}  // namespace quell
