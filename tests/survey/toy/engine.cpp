// SPDX-License-Identifier: GPL-2.0-or-later
// An engine that does not exist, to hold what one engine takes: this folder and a line in engines.def.
//   0x00 "TOYF"   0x04 u8 version, 1   0x05 u8 state (toy-states.csv)   0x08 u32 sum of the bytes from 0x10 on, or 0
#include <fmt/format.h>

#include "base/table.h"
#include "data/toy-states.h"
#include "quell/engine.h"
#include "quell/host/root.h"

namespace quell {
namespace toy {
namespace {

constexpr std::uint64_t header_size = 0x10;

bool looks_like_toy(ByteView file) {
  return file.matches(0, "TOYF") && file.u8(4).value_or(0) == 1 && file.has(0, header_size);
}

std::string title_of(std::uint64_t state) {
  for (const auto row : Table(data::toy_states)) {
    if (row.number("code") == state) return std::string(row["title"]);
  }
  return "in a state without a name";
}

void check_sum(EngineReport& report, ByteView content, std::uint32_t stored) {
  Check check{.question = Question::checksums,
              .node = report.tree.name,
              .subject = "checksum of the content",
              .range = content.range(),
              .algorithm = "sum of bytes"};
  if (stored == 0) {
    check.state = CheckState::absent;
    check.reason = "the field is empty";
  } else {
    std::uint32_t sum = 0;
    for (const std::byte byte : content.bytes()) sum += std::to_integer<std::uint32_t>(byte);
    check.state = check_state(sum == stored);
    check.stored = fmt::format("{:08x}", stored);
  }
  if (check.state == CheckState::failed) {
    check.reason = "the content has another sum";
    report.findings.push_back({.id = "toy.content.checksum",
                               .question = Question::checksums,
                               .severity = Severity::error,
                               .title = "the content has another sum",
                               .range = content.range()});
  }
  report.checks.push_back(std::move(check));
}

class ToyEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return "toy"; }

  [[nodiscard]] std::optional<Recognition> recognise(ByteView file) const override {
    if (!looks_like_toy(file)) return std::nullopt;
    return whole_file(file, "toy.firmware", "toy firmware", FileKind::part);
  }

  [[nodiscard]] std::vector<EngineReport> look(const Examined& examined, Depth /*depth*/) const override {
    const ByteView file = examined.image().body();
    if (!looks_like_toy(file)) return {};
    EngineReport report{.engine = std::string(id()), .title = "Toy"};
    report.facts.set("state", title_of(file.u8(5).value_or(0)));
    report.tree = {"toy", "Toy", file.range()};
    check_sum(report, file.clip(Range::between(header_size, file.size())), file.u32(8).value_or(0));
    report.actions.push_back({.id = "soft-disable",
                              .title = "put it to sleep",
                              .state = Action::State::impossible,
                              .reason = "it has no bed"});
    return {std::move(report)};
  }

  [[nodiscard]] std::vector<EngineStatus> live(const host::Root& root, const host::Machine& /*machine*/,
                                               const StatusOptions& /*options*/) const override {
    const host::Reading state = root.read("/sys/class/toy/state");
    if (!state.ok()) return {};
    EngineStatus status{.engine = std::string(id()), .title = "Toy, " + state.text()};
    set_verdict(status, Verdict::running, Certainty::high);
    return {std::move(status)};
  }
};

}  // namespace
}  // namespace toy

const Engine& toy_engine() {
  static const toy::ToyEngine engine;
  return engine;
}

}  // namespace quell
