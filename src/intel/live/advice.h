// SPDX-License-Identifier: GPL-2.0-or-later
// What may be advised to the owner of a machine: only what `clean` would do there, and only in the state just found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "intel/live/hfsts.h"
#include "model/firmware_version.h"
#include "quell/engine_status.h"

namespace quell::intel::live {

// What the advice rests on, beside the verdict.
struct Situation {
  Generation generation{};
  std::vector<std::string>
      families{};  // the chipsets that the device number stands for, as intel-disable-bits has them
  std::optional<Version> firmware{};
  BootGuard boot_guard{};
  bool amt = false;        // AMT is known to be in the firmware
  bool behind_t2 = false;  // a Mac whose T2 stands in for the flash chip
};

// Whether nothing is known to stop the engine: its chipset has no place of the disable bit in any source, and from ME
// 12 on no module may go.
bool nothing_stops(const Situation& situation);

// Fills `options` from data/host-options.csv, and takes back an advice to clean where nothing is left to clean.
void advise(const Situation& situation, EngineStatus& engine);

}  // namespace quell::intel::live
