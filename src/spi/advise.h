// SPDX-License-Identifier: GPL-2.0-or-later
// What this machine would allow to be written to its own flash chip, found out by looking only
// (docs/formats/flashing.md#internal-flashing).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quell/byte_view.h"

namespace quell::spi {

struct RegionAdvice {
  std::string region{};  // "fd", "me", "bios", "gbe"
  enum class Verdict { external_only, vendor_tool, may_work, unknown } verdict = Verdict::unknown;
  std::string reason{};
};

struct Advice {
  std::vector<std::string> evidence{};  // what was read, and where
  std::vector<std::string> missing{};   // what could not be read, and why
  std::vector<RegionAdvice> regions{};
};

// `root` stands for "/"; `dump` may be empty (then the descriptor's rights are unknown).
Advice advise(const std::string& root, ByteView dump);

}  // namespace quell::spi
