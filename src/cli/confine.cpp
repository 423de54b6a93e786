// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/confine.h"

#include <utility>

#include <fmt/format.h>

namespace quell::cli {
namespace {

void tell(int verbosity, const SandboxLayers& layers) {
  if (verbosity <= 0 || layers.complete()) return;
  say(fmt::format("quell: sandbox: {}; the kernel or this build has no more\n", to_string(layers)));
}

}  // namespace

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

void confine(const Session& session, const SandboxNeeds& needs) { tell(session.verbosity, enter_sandbox(needs)); }

void confine_device(const Session& session, const DeviceNeeds& needs) {
  tell(session.verbosity, enter_device_sandbox(needs));
}

void confine_live(const Session& session, SandboxNeeds files) {
  files.read.emplace_back("/");
  confine_device(session, {.files = std::move(files), .devices = {"/dev", "/sys"}, .privileged = true});
}

void confine_net(int verbosity, const std::vector<std::uint16_t>& ports) {
  tell(verbosity, enter_device_sandbox({.ports = ports}));
}

}  // namespace quell::cli
