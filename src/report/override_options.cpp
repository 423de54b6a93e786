// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/override_options.h"

#include <algorithm>
#include <array>

namespace quell::report {
namespace {

constexpr std::array options{
    OverrideOption{Override::boot_guard, "--accept-boot-guard",
                   "strip, or change what Boot Guard covers, although it was seen or is not ruled out"},
    OverrideOption{Override::me12_strip, "--accept-me12-strip", "strip ME 12 or later although it will not start"},
    OverrideOption{Override::overlaps, "--accept-overlaps", "work although regions of the descriptor overlap"},
    OverrideOption{Override::tpm_loss, "--accept-tpm-loss",
                   "write although the firmware TPM goes, with the keys that it keeps"},
    OverrideOption{Override::shrink, "--accept-shrink", "cut off content that a smaller layout has no room for"},
    OverrideOption{Override::sizes, "--accept-sizes", "join although the sizes are not those of the descriptor"},
    OverrideOption{Override::reported_place, "--accept-reported",
                   "set the disable bit although its place is reported and not confirmed"},
    OverrideOption{Override::place, "--hap-at",
                   "set this bit instead of the platform's: OFFSET[:BIT] from FPSBA; at your own risk",
                   "OFFSET[:BIT] (from FPSBA), at your own risk"},
    OverrideOption{Override::descriptor_alone, "--accept-descriptor-alone",
                   "set the disable bit although the firmware does not confirm the platform"},
    OverrideOption{Override::verified_descriptor, "--accept-verified",
                   "set it although the descriptor carries a verification manifest"},
    OverrideOption{Override::read_only_vault, "--accept-read-only-vault",
                   "restore from a vault that cannot be written: no diary, and what the chip holds now is not kept"},
    OverrideOption{Override::internal, "--accept-internal",
                   "write this machine's own chip although not every lock of it could be read"},
    OverrideOption{Override::no_room, "--accept-no-room",
                   "restore although there is no room to keep what the chip holds now, or a diary"},
    OverrideOption{Override::protection, "--clear-protection",
                   "lift the chip's block protection for the job; it is put back"},
    OverrideOption{Override::untested_chip, "--allow-untested", "write a chip the library has not tested"},
    OverrideOption{Override::unknown_content, "--accept-unknown",
                   "after an interruption: write over content that is neither old nor new"},
    OverrideOption{Override::register_write, "--allow-register-write",
                   "read a protected chip although that rewrites its status register for a moment"},
    OverrideOption{Override::controller, "--allow-internal", "let the internal programmer change chipset registers"},
    OverrideOption{Override::regions, "--allow",
                   "regions that may change although quell clean never touches them: bios,gbe,fd,unassigned; or all",
                   "REGIONS"},
    OverrideOption{Override::findings, "--accept",
                   "findings that are accepted, by their id as `quell check` shows it: A,B, or all", "FINDING"},
    OverrideOption{Override::wiring, "--yes-wiring", "voltage and wiring are checked, the board has no power", "",
                   true},
    OverrideOption{Override::level_adapter, "--voltage", "1.8 when a level adapter is in place", "1.8", true},
    OverrideOption{Override::definition, "--chip",
                   "the chip's definition, where several fit: its name, or the one part of it that is the marking",
                   "NAME", true},
    OverrideOption{Override::no_descriptor, "--no-descriptor", "the chip holds no Intel flash descriptor", "", true},
    OverrideOption{Override::component, "--component", "the chip is number 1 or 2 of a pair", "1 or 2", true},
    OverrideOption{Override::interrupted_job, "--abandon", "give an interrupted job up without writing", "JOB", true},
    OverrideOption{Override::confirmation, "--yes", "do not ask", "or --confirm PLAN", true},
};

}  // namespace

std::span<const OverrideOption> override_options() noexcept { return options; }

const OverrideOption* override_option(Override override_) noexcept {
  const auto row = std::ranges::find(options, override_, &OverrideOption::lifts);
  return row == options.end() ? nullptr : &*row;
}

std::string_view option_of(Override override_) noexcept {
  const OverrideOption* row = override_option(override_);
  return row == nullptr ? std::string_view() : row->option;
}

}  // namespace quell::report
