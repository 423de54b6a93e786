// SPDX-License-Identifier: GPL-2.0-or-later
// What a source can tell: from a machine, or a capture of it, that something is not there is a fact; from a dump of its
// PCI devices, or a tree that somebody put together, it is not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quell/host/root.h"

namespace quell::host {

// Whether everything that `status` reads was looked for, so that what is absent was absent on the machine.
bool tells_absence(const Root& root);

// What is said where it was not.
inline constexpr std::string_view not_told = "not told by this source";

// The lines of the kernel log that hold one of `drivers` and one of `words`, without their time, each once; at most 8.
std::vector<std::string> kernel_log_evidence(const Root& root, const std::vector<std::string_view>& drivers,
                                             const std::vector<std::string_view>& words);

}  // namespace quell::host
