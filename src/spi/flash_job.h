// SPDX-License-Identifier: GPL-2.0-or-later
// The whole of a writing job: read, compare, refuse or ask, write, verify; and taking up a job that was interrupted.
#pragma once

#include <functional>

#include "flash/host_access.h"
#include "quell/override.h"
#include "spi/block_plan.h"
#include "spi/job.h"
#include "spi/judge.h"
#include "spi/reading.h"
#include "spi/vault.h"

namespace quell::spi {

// The bits of the descriptor at the start of these bytes that have a name.
using NameBits = std::function<std::vector<flash::NamedBit>(ByteView image)>;

struct FlashOptions {
  ReadOptions reading{};
  JudgeOptions judging{};
  std::string region{};              // write this region only
  std::vector<std::string> allow{};  // regions that may change although `clean` never touches them; "all"
  std::string confirm{};             // the plan's id
  std::uint64_t unit_size = default_unit;
  bool restore = false;                         // the target is an object of the vault
  bool chosen = false;                          // ... that the user named, so it may be another machine's
  std::vector<NamedRange> not_held{};           // what the target does not say: left as the chip has it
  std::optional<flash::HostAccess> internal{};  // the chip is this machine's own: what that allows
  // protection, untested_chip, unknown_content; read_only_vault, no_room: with `restore` only; internal: with
  // `internal` only. Regions and findings are accepted by name, above.
  Overrides accepted{};
  bool dry_run = false;
  bool yes = false;
  std::string name{};    // of the image, for people
  NameBits name_bits{};  // for the plan; may be empty
};

struct FlashResult {
  enum class Outcome { written, resumed, nothing_to_do, dry_run };
  Outcome outcome = Outcome::written;
  BlockPlan plan{};
  std::string job{};
};

using ShowPlan = std::function<void(const BlockPlan& plan)>;

// Brings the chip to `target`. `show` is called before anything is asked.
Result<FlashResult> flash(ChipAccess& access, Vault& vault, Buffer target, const FlashOptions& options, Wobble& wobble,
                          const ShowPlan& show);

// Closes an unfinished job without writing: only when the chip holds the old or the new content in full, or where
// Override::unknown_content is accepted.
Result<void> abandon(ChipAccess& access, Vault& vault, std::string_view job, const FlashOptions& options,
                     Wobble& wobble);

// A full read by a fresh worker against the goal, with one repair of what differs.
Result<void> verify(ChipAccess& access, Journal& journal, Bytes goal, const std::string& goal_hash,
                    const std::vector<std::uint64_t>& planned, const FlashOptions& options);

}  // namespace quell::spi
