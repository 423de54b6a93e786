// SPDX-License-Identifier: GPL-2.0-or-later
// What a machine lets its own processor read and write of its flash chip (docs/formats/flashing.md#internal-flashing).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quell/image.h"
#include "quell/range.h"

namespace quell::flash {

// One region of the descriptor, or one range that the controller guards beside it.
struct RegionAccess {
  std::string region{};  // "fd", "me", "bios", "gbe", "pd"; "PR0"
  enum class Verdict { external_only, vendor_tool, may_work, unknown } verdict = Verdict::unknown;
  std::string reason{};
  Range range{};                   // empty where it is not known
  std::optional<bool> readable{};  // by the host
};

struct HostAccess {
  std::vector<std::string> evidence{};  // what was read, and where
  std::vector<std::string> missing{};   // what could not be read, and why
  std::vector<RegionAccess> regions{};

  // What the host may not read.
  [[nodiscard]] std::vector<NamedRange> not_readable() const;
  // The first that speaks against writing any of this range, those that forbid before those that are unknown; nullptr
  // where nothing does.
  [[nodiscard]] const RegionAccess* obstacle(Range range) const;
};

}  // namespace quell::flash
