// SPDX-License-Identifier: GPL-2.0-or-later
// The one interface of engines. An engine is a folder: what it recognises, says of an image, extracts, says of a live
// machine and can quiet, and what there is to know of it.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "quell/engine_report.h"
#include "quell/engine_status.h"
#include "quell/examined.h"
#include "quell/plan.h"

namespace quell::host {
class Root;
struct Machine;
}  // namespace quell::host

namespace quell {

struct Statement;  // statement.h

struct QuietOptions {
  Overrides accepted{};
};

// What quiets an engine in an image, with what the user should know before.
struct QuietPlan {
  Plan plan{};
  std::vector<Finding> notices{};
  std::vector<Finding> costs{};  // what stops working
};

// One family of hidden computers. Engines are stateless and know nothing of each other. Every member but id() has a
// default that says "nothing of mine here".
class Engine {
 public:
  virtual ~Engine() = default;
  // The one id of the engine in images, on live machines and in JSON: "intel-me", "amd-psp", ...
  [[nodiscard]] virtual std::string_view id() const noexcept = 0;
  // What the file is, where its own header says that it belongs to this engine: a magic alone never does. Reads a
  // bounded number of bytes.
  [[nodiscard]] virtual std::optional<Recognition> recognise(ByteView file) const;
  // The same for firmware that begins somewhere inside, behind a header of any size. Asked only where nothing at the
  // start of the file is known; one pass over it a pattern.
  [[nodiscard]] virtual std::optional<Recognition> recognise_inside(ByteView file) const;
  // Empty when there is nothing of this engine in the image. Damage becomes findings, not an error.
  [[nodiscard]] virtual std::vector<EngineReport> look(const Examined& examined, Depth depth) const;
  // What `extract` writes for this engine.
  [[nodiscard]] virtual std::vector<Artifact> artifacts(const Examined& examined) const;
  // The engine on the machine behind `root`; empty when nothing tells of it. Never writes.
  [[nodiscard]] virtual std::vector<EngineStatus> live(const host::Root& root, const host::Machine& machine,
                                                       const StatusOptions& options) const;
  // What `clean` without options does. Errc::unsupported, with the reason, where nothing can be done.
  [[nodiscard]] virtual Result<QuietPlan> quiet(const Examined& examined, const QuietOptions& options) const;
  // What there is to know of it: the rows of data/engines.csv that name its id, in their order.
  [[nodiscard]] virtual std::span<const Statement> explain() const;
};

// Every engine, in the order of reports. The list is src/survey/engines.def.
std::span<const Engine* const> engines();

}  // namespace quell
