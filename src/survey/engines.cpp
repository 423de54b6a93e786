// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/engine.h"

#include <array>

namespace quell {

#define QUELL_ENGINE(folder, function) const Engine& function();
#include "survey/engines.def"
#undef QUELL_ENGINE

std::span<const Engine* const> engines() {
  static const std::array list{
#define QUELL_ENGINE(folder, function) &function(),
#include "survey/engines.def"
#undef QUELL_ENGINE
  };
  return list;
}

}  // namespace quell
