// SPDX-License-Identifier: GPL-2.0-or-later
// Every engine of a live machine, and what stands beside them.
#pragma once

#include <string>
#include <vector>

#include "quell/engine_status.h"

namespace quell {

struct HostStatus {
  std::vector<host::Fact> machine{};
  bool virtual_machine = false;
  bool machine_known = true;  // false: not even which processor it has is told
  bool live = true;
  std::string summary{};       // the answer in a sentence or two
  std::string collected_at{};  // UTC, ISO 8601; empty when a captured tree does not say
  std::vector<EngineStatus> engines{};
  std::vector<host::Section> sections{};
  std::vector<Finding> findings{};
  std::vector<std::string> notes{};      // what cannot be known from here, and why
  std::vector<std::string> root_adds{};  // what the same command would add when run as root
};

// Looks at every source there is. Never writes, never starts a process, opens no network connection.
HostStatus collect_status(const host::Root& root, const StatusOptions& options);

}  // namespace quell
