// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/engine.h"
#include "intel/live/live.h"

#include <memory>

#include <fmt/format.h>

#include "intel/cse/report.h"
#include "intel/recognise.h"
#include "intel/region_report.h"
#include "intel/update_image.h"
#include "quell/flash/descriptor.h"
#include "quell/intel/clean.h"
#include "quell/intel/disable_report.h"
#include "quell/intel/me_region.h"

namespace quell {
namespace {

using namespace intel;

constexpr std::string_view engine_id = "intel-me";

EngineReport report_region(const MeRegion& me, const Image& image) {
  const CleanState state = clean_state(me);
  EngineReport report{.engine = std::string(engine_id),
                      .title = fmt::format("Intel {} {}", me.family(), to_string(me.manifest.version)),
                      .facts = facts(me, state),
                      .tree = describe(me),
                      .findings = audit(me, state),
                      .actions = actions(me, image),
                      .shortened = state.shortened};
  add_structure_check(report, "partition table and modules");
  return report;
}

// The region has a partition table, but what the table should lead to is not there.
EngineReport report_broken_region(ByteView region, const Error& error) {
  EngineReport report{.engine = std::string(engine_id), .title = "Intel ME firmware, damaged"};
  report.tree = {"me-region", "damaged ME region", region.range()};
  report.findings.push_back({.id = "intel.region.damaged",
                             .question = Question::structure,
                             .severity = Severity::error,
                             .title = error.message,
                             .advice = "read the chip again and compare both reads",
                             .range = Range{error.offset.value_or(region.origin()), 0}});
  add_structure_check(report, "partition table");
  return report;
}

EngineReport report_erased_region(ByteView region) {
  EngineReport report{.engine = std::string(engine_id), .title = "Intel ME region, erased"};
  report.facts.set("erased", true);
  report.tree = {"me-region", "erased ME region", region.range()};
  return report;
}

// Converged security engines; `me` where the image is a region of the classic kind, which the cleaner understands too.
EngineReport report_cse(CseImage& cse, const Image& image, Depth depth, const MeRegion* me) {
  if (depth == Depth::everything) verify(cse);
  EngineReport report{.engine = std::string(engine_id), .title = title_of(cse), .facts = facts(cse)};
  CseAuditOptions options;
  if (me != nullptr) {
    const CleanState state = clean_state(*me);
    report.facts.set("stripped", state.stripped);
    if (state.minimum_size) report.facts.set("minimum_size", *state.minimum_size, Show::size);
    report.findings = audit(*me, state);
    report.shortened = state.shortened;
    options = {.stripped = state.stripped, .with_tables = false};
  }
  report.tree = describe(cse);
  for (Finding& finding : audit(cse, options)) report.findings.push_back(std::move(finding));
  add_structure_check(report, "partition tables and directories");
  report.actions = me != nullptr ? actions(*me, image) : cse_actions(cse, image);
  return report;
}

// Where the engine's firmware can be in a file.
struct Places {
  std::optional<std::uint64_t> descriptor{};
  ByteView region{};  // the ME region, or the whole file without a descriptor
  ByteView boot{};    // the BIOS region: Apollo and Gemini Lake keep everything there
};

Places places_of(const Image& image) {
  const ByteView body = image.body();
  Places places;
  places.descriptor = find_fpt(body) ? std::nullopt : flash::find_descriptor(body);
  places.region = places.descriptor ? image.region("me").value_or(ByteView()) : body;
  if (places.descriptor) places.boot = image.region("bios").value_or(ByteView());
  return places;
}

std::optional<CseImage> find_cse(const Places& places) {
  if (auto cse = parse_cse(places.region)) return *std::move(cse);
  if (auto cse = parse_cse(places.boot); cse && cse->container == CseContainer::boot_region) return *std::move(cse);
  return std::nullopt;
}

class IntelEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return engine_id; }

  [[nodiscard]] std::optional<Recognition> recognise(ByteView file) const override { return intel::recognise(file); }
  [[nodiscard]] std::optional<Recognition> recognise_inside(ByteView file) const override {
    return intel::recognise_inside(file);
  }

  [[nodiscard]] std::vector<EngineReport> look(const Examined& examined, Depth depth) const override {
    const Image& image = examined.image();
    std::vector<EngineReport> reports = look_firmware(image, depth);
    report_disable_bit(reports, image);
    return reports;
  }

  [[nodiscard]] std::vector<EngineStatus> live(const host::Root& root, const host::Machine& machine,
                                               const StatusOptions& options) const override {
    return intel::live::engines_of(root, machine, options);
  }

  [[nodiscard]] std::vector<Artifact> artifacts(const Examined& examined) const override {
    const Image& image = examined.image();
    const Places places = places_of(image);
    if (find_fpt(places.region)) {
      const auto region = parse_me_region(places.region, places.descriptor == 0);
      if (region && region->generation != Generation::third) return artifacts_of(*region);
    }
    if (auto cse = find_cse(places)) return artifacts_of(std::make_shared<const CseImage>(*std::move(cse)));
    if (const auto update = parse_update(image.body())) return artifacts_of(*update);
    return {};
  }

  [[nodiscard]] Result<QuietPlan> quiet(const Examined& examined, const QuietOptions& options) const override {
    QUELL_TRY(CleanPlan plan, plan_default(examined.image(), {.accepted = options.accepted}));
    if (plan.left_out) plan.notices.push_back(notice_of(*plan.left_out));
    return QuietPlan{std::move(plan.plan), std::move(plan.notices)};
  }

 private:
  // Reports on the firmware; the descriptor's part comes on top.
  [[nodiscard]] static std::vector<EngineReport> look_firmware(const Image& image, Depth depth) {
    const Places places = places_of(image);
    std::optional<Error> broken;
    std::optional<MeRegion> me;
    if (find_fpt(places.region)) {
      auto region = parse_me_region(places.region, places.descriptor == 0);
      if (region && region->generation != Generation::third) return {report_region(*region, image)};
      if (region) {
        me = *std::move(region);
      } else {
        broken = std::move(region).error();
      }
    }
    if (auto cse = find_cse(places)) return {report_cse(*cse, image, depth, me ? &*me : nullptr)};
    if (me) return {report_region(*me, image)};
    if (broken) return {report_broken_region(places.region, *broken)};
    if (places.descriptor && places.region.filled_with(std::byte{0xFF})) return {report_erased_region(places.region)};
    if (const auto update = parse_update(image.body())) return {report_update(*update, depth)};
    return {};
  }
};

}  // namespace

const Engine& intel_engine() {
  static const IntelEngine engine;
  return engine;
}

}  // namespace quell
