// SPDX-License-Identifier: GPL-2.0-or-later
// What the commands that ask one host for AMT have in common.
#pragma once

#include "cli/command.h"
#include "intel/amt/probe.h"

namespace quell::cli {

struct AmtProbe {
  intel::amt::Options options;
  double seconds = 5;  // for everything together
};

// --timeout and where AMT's two ports are.
void add_amt_probe_options(const Command& command, AmtProbe& probe);

std::chrono::milliseconds whole_time(const AmtProbe& probe);

// The sandbox that is entered once the host's address is known; `more` are ports beside AMT's.
void confine_probe(AmtProbe& probe, const Session& session, std::vector<std::uint16_t> more = {});

// Something that listens where AMT would, and does not say what it is, is no "no".
Status status_of(intel::amt::Reachability verdict);

}  // namespace quell::cli
