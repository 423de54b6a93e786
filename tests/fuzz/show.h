// SPDX-License-Identifier: GPL-2.0-or-later
// What a parser's fuzz target does with a model: the tree and the findings go through the JSON writer, as in `inspect`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "quell/image.h"
#include "quell/survey/report.h"
#include "report/json.h"

namespace quell::fuzz {

inline constexpr std::size_t largest_input = 1U << 20U;

// The input as a view that starts at image offset 0.
inline ByteView view_of(const std::uint8_t* data, std::size_t size) {
  return ByteView(std::as_bytes(std::span(data, size)));
}

inline void show(ByteView file, std::vector<Component> trees, std::vector<Finding> findings) {
  Report report{.file = "fuzz", .size = file.size()};
  report.layout = {"image", "fuzz", file.range()};
  report.layout.children = std::move(trees);
  report.findings = std::move(findings);
  static_cast<void>(report::to_json("inspect", {report}));
}

}  // namespace quell::fuzz
