// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace quell::intel {

// The product lines of the engine's firmware: ME and CSME, TXE, SPS (servers).
enum class Product { me, txe, sps };

}  // namespace quell::intel
