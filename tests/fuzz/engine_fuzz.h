// SPDX-License-Identifier: GPL-2.0-or-later
// Runs one engine over the input the way `inspect` and `extract` do: model, tree, findings, JSON, unpacked artifacts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "quell/engine.h"
#include "quell/examined.h"
#include "quell/survey/report.h"
#include "report/json.h"

namespace quell::fuzz {

inline int run_engine(const Engine& engine, const char* name, const std::uint8_t* data, std::size_t size) {
  if (size > (1U << 20U)) return 0;
  const ByteView file(std::as_bytes(std::span(data, size)));
  Image image(name, file);
  Report report{.file = name, .size = file.size()};
  const Examined examined(image);
  report.engines = engine.look(examined, Depth::everything);
  static_cast<void>(report::to_json("inspect", {report}));
  for (const Artifact& artifact : engine.artifacts(examined)) {
    if (artifact.unpack) static_cast<void>(artifact.unpack());
    if (artifact.range && !file.has(artifact.range->offset, artifact.range->size)) __builtin_trap();
  }
  return 0;
}

}  // namespace quell::fuzz
