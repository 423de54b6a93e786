// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quell/component.h"
#include "quell/finding.h"
#include "quell/image.h"
#include "quell/result.h"

namespace quell {

// How much work an engine does: structure and signatures, or every digest down to the last module.
enum class Depth { structure, everything };

// Something that can be done to this engine in this image, or why it cannot.
struct Action {
  enum class State { available, done, refused, impossible };
  std::string id{};     // "soft-disable", "strip", ...
  std::string title{};  // "set the HAP bit"
  State state = State::impossible;
  std::string reason{};                // evidence, or why not
  std::string override_flag{};         // the flag that lifts a refusal; empty when none does
  std::vector<std::string> effects{};  // what it would remove or change, one line each
};

// "available", "done", "refused", "impossible".
std::string_view to_string(Action::State state) noexcept;

// What one engine says of one image. An image can hold several of a kind (two slots, two chips).
struct EngineReport {
  std::string engine{};  // the engine's id
  std::string title{};   // "Intel Management Engine 11.6.31.3309"
  Attributes facts{};    // "family", "version", "sku", "generation", "signature", "disabled", ...
  Component tree{};
  std::vector<Finding> findings{};
  std::vector<Action> actions{};
};

// A file that `extract` can write. `path` is relative, uses '/' and only [A-Za-z0-9._-] in its parts.
struct Artifact {
  std::string path{};
  std::string kind{};            // "region", "partition", "module", "unpacked", "key", ...
  std::optional<Range> range{};  // where the stored bytes lie, if they are a plain part of the image
  Attributes attributes{};
  std::function<Result<Buffer>()> unpack{};  // for what is not: decompressed or collected content
};

// One family of hidden computers. Engines are stateless and know nothing of each other.
class Engine {
 public:
  virtual ~Engine() = default;
  // "intel", "amd-psp", ...
  [[nodiscard]] virtual std::string_view id() const noexcept = 0;
  // Empty when there is nothing of this engine in the image. Damage becomes findings, not an error.
  [[nodiscard]] virtual std::vector<EngineReport> look(const Image& image, Depth depth) const = 0;
  // What `extract` writes for this engine.
  [[nodiscard]] virtual std::vector<Artifact> artifacts(const Image& image) const;
};

// Every engine, in the order of reports. The list is src/engines.def.
std::span<const Engine* const> engines();

}  // namespace quell
