// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

namespace quell::intel {

// Why nothing may be removed there, whatever the layout of the region.
inline constexpr std::string_view boot_flow_reason =
    "on Apollo and Gemini Lake the engine's firmware is part of the boot flow: the processor does not start without "
    "RBEP, PMCP and IBBP";

}  // namespace quell::intel
