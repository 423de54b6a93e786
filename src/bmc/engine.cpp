// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/engine.h"

#include <fmt/format.h>

#include "bmc/layout.h"
#include "bmc/live.h"

namespace quell {
namespace bmc {
namespace {

class BmcEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return "bmc"; }

  [[nodiscard]] std::optional<Recognition> recognise(ByteView file) const override {
    if (!openbmc_layout(file)) return std::nullopt;
    return whole_file(file, "bmc.openbmc", "flash image of a management controller (OpenBMC)");
  }

  [[nodiscard]] std::vector<EngineReport> look(const Examined& examined, Depth /*depth*/) const override {
    const ByteView file = examined.image().bytes();
    const auto parts = openbmc_layout(file);
    if (!parts) return {};
    EngineReport report{.engine = std::string(id()), .title = "OpenBMC firmware"};
    report.facts.set("flash_size", file.size(), Show::size);
    report.tree = {"bmc-flash", "OpenBMC flash", file.range()};
    for (const Part& part : *parts) report.tree.children.push_back({"partition", part.name, part.range});
    report.actions.push_back({.id = "bmc",
                              .title = "switch the management controller off",
                              .state = Action::State::impossible,
                              .reason = "it starts the host; unplug its network port, or switch its LAN channel off"});
    add_structure_check(report, "flash layout");
    return {std::move(report)};
  }

  [[nodiscard]] std::vector<Artifact> artifacts(const Examined& examined) const override {
    std::vector<Artifact> out;
    for (const Part& part : openbmc_layout(examined.image().bytes()).value_or(std::vector<Part>()))
      out.push_back({.path = fmt::format("bmc/{}.bin", part.name), .kind = "partition", .range = part.range});
    return out;
  }

  [[nodiscard]] std::vector<EngineStatus> live(const host::Root& root, const host::Machine& machine,
                                               const StatusOptions& options) const override {
    return bmc::live(root, machine, options);
  }
};

}  // namespace
}  // namespace bmc

const Engine& bmc_engine() {
  static const bmc::BmcEngine engine;
  return engine;
}

}  // namespace quell
