// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace quell {

inline constexpr const char* version = "0.1.0";

}  // namespace quell
