// SPDX-License-Identifier: GPL-2.0-or-later
// What an engine says of one image.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/answers.h"
#include "quell/byte_view.h"
#include "quell/check.h"
#include "quell/component.h"
#include "quell/finding.h"
#include "quell/override.h"
#include "quell/result.h"

namespace quell {

// Something that can be done to this engine in this image, or why it cannot.
struct Action {
  enum class State { available, done, refused, impossible };
  std::string id{};     // "soft-disable", "strip", ...
  std::string title{};  // "set the HAP bit"
  State state = State::impossible;
  std::string reason{};                // evidence, or why not
  std::vector<std::string> effects{};  // what it would remove or change, one line each
  std::vector<std::string> costs{};    // what stops working with it, one line each
  Overrides lifted_by{};               // of a refusal: all that it takes to insist on it; empty when nothing lifts it
};

// "available", "done", "refused", "impossible".
std::string_view to_string(Action::State state) noexcept;

// What was done to the firmware of an engine, or to the reading of it. Whole, free to run and read: no state.
enum class EngineState {
  stripped,   // partitions and modules have been removed from it
  shortened,  // what nothing needs any more was cut off too, on purpose
  disabled,   // it is told to halt after the start
  unread,     // none of it is in the image: it could not be read, or it is erased
};
// "stripped", "shortened by design", "disabled", "not read or erased".
std::string_view to_string(EngineState state) noexcept;

// What one engine says of one image. An image can hold several of a kind (two slots, two chips).
struct EngineReport {
  std::string engine{};  // the engine's id
  std::string title{};   // "Intel Management Engine 11.6.31.3309"
  Attributes facts{};    // "family", "version", "sku", "generation", "signature", "disabled", ...
  Component tree{};
  // What was verified; `node` is a path in `tree`. Engines leave it with the components and in `tree` itself: examine()
  // collects it here.
  std::vector<Check> checks{};
  std::vector<Finding> findings{};
  std::vector<Action> actions{};
  std::vector<EngineState> states{};  // in the order of the enumeration, each once
  [[nodiscard]] bool is(EngineState state) const noexcept;
  void add(EngineState state);
  Manageability manageability{};
  std::vector<ShortAnswer> answers{};  // one a question, in their order; put in by the survey
};

// Leaves with the tree that its structures were walked: failed when a finding of severity error says that they are not
// whole. What else was verified of them stands beside it.
void add_structure_check(EngineReport& report, std::string subject);

// A file that `extract` can write. `path` is relative, uses '/' and only [A-Za-z0-9._-] in its parts.
struct Artifact {
  std::string path{};
  std::string kind{};            // "region", "partition", "module", "unpacked", "key", ...
  std::optional<Range> range{};  // where the stored bytes lie, if they are a plain part of the image
  Attributes attributes{};
  std::function<Result<Buffer>()> unpack{};  // for what is not: decompressed or collected content
};

}  // namespace quell
