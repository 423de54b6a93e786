// SPDX-License-Identifier: GPL-2.0-or-later
// What the guided path remembers between runs: <vault>/guide.json.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "quell/result.h"

namespace quell::spi {

struct GuideProgress {
  std::string programmer{};
  std::string chip{};    // the definition that was chosen
  std::string backup{};  // hashes of objects
  std::string target{};
  bool wired = false;  // the user has confirmed wires and voltage
};

std::string to_json(const GuideProgress& progress);
// Anything that is no such file is a beginning.
GuideProgress parse_guide_progress(std::string_view json);

GuideProgress load_guide_progress(const std::filesystem::path& vault);
Result<void> save_guide_progress(const std::filesystem::path& vault, const GuideProgress& progress);
void forget_guide_progress(const std::filesystem::path& vault);

}  // namespace quell::spi
