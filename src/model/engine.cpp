// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/engine.h"

namespace quell {

std::string_view to_string(Action::State state) noexcept {
  switch (state) {
    case Action::State::available: return "available";
    case Action::State::done: return "done";
    case Action::State::refused: return "refused";
    case Action::State::impossible: return "impossible";
  }
  return "unknown";
}

std::vector<Artifact> Engine::artifacts(const Image& /*image*/) const { return {}; }

}  // namespace quell
