// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/confine.h"

#include <fmt/format.h>

namespace quell::cli {

void confine(const Session& session, const std::vector<std::string>& outputs, const std::vector<std::string>& later) {
  SandboxNeeds needs;
  for (const std::string& path : outputs) {
    if (!path.empty() && path != "-") needs.write_files.emplace_back(path);
  }
  for (const std::string& path : later) {
    if (!path.empty() && path != "-") needs.read.emplace_back(path);
  }
  confine(session, needs);
}

void confine(const Session& session, const SandboxNeeds& needs) {
  const SandboxLayers layers = enter_sandbox(needs);
  if (session.verbosity > 0 && !layers.complete()) {
    say(fmt::format("quell: sandbox: {}; the kernel or this build has no more\n", to_string(layers)));
  }
}

}  // namespace quell::cli
