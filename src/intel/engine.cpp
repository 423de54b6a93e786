// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/engine.h"
#include "intel/live/live.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "intel/cse/report.h"
#include "intel/disable_report.h"
#include "intel/firmware.h"
#include "intel/firmware_tpm.h"
#include "intel/image_answers.h"
#include "intel/manageability.h"
#include "intel/me_region.h"
#include "intel/recognise.h"
#include "intel/region_report.h"
#include "intel/second_image.h"
#include "intel/update_image.h"
#include "quell/flash/descriptor.h"
#include "quell/intel/clean.h"

namespace quell {
namespace {

using namespace intel;

constexpr std::string_view engine_id = "intel-me";

AdvisedProduct advised(Product product) {
  switch (product) {
    case Product::me: break;
    case Product::txe: return AdvisedProduct::txe;
    case Product::sps: return AdvisedProduct::sps;
  }
  return AdvisedProduct::me;
}

AdvisedProduct advised(CseFamily family) {
  switch (family) {
    case CseFamily::csme: break;
    case CseFamily::cstxe: return AdvisedProduct::txe;
    case CseFamily::cssps: return AdvisedProduct::sps;
  }
  return AdvisedProduct::me;
}

// Removal and, where no descriptor tells of the disable bit, why it cannot be set.
std::vector<Action> actions(Action strip, const Examined& examined) {
  if (disable_bits_of(examined)) return {std::move(strip)};
  const auto& descriptor = examined.descriptor();
  const bool damaged = !descriptor && descriptor.error().code == Errc::damaged;
  Action soft{.id = "soft-disable",
              .title = "set the disable bit",
              .state = Action::State::impossible,
              .reason = damaged ? descriptor.error().message
                                : "the bit is in the flash descriptor, which this file does not hold"};
  return {std::move(soft), std::move(strip)};
}

void add_states(EngineReport& report, const CleanState& state) {
  if (state.stripped) report.add(EngineState::stripped);
  if (state.shortened) report.add(EngineState::shortened);
}

EngineReport report_region(const MeRegion& me, const Examined& examined) {
  const CleanState state = clean_state(me);
  EngineReport report{.engine = std::string(engine_id),
                      .title = fmt::format("Intel {} {}", me.family(), to_string(me.manifest.version)),
                      .facts = facts(me, state),
                      .tree = describe(me),
                      .findings = audit(me, state),
                      .actions = actions(strip_action(examined, state), examined)};
  add_states(report, state);
  report.manageability = manageability_of(me);
  add_structure_check(report, "partition table and modules");
  name_advisories(report, advised(me.product), me.manifest.version);
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
  EngineReport report{.engine = std::string(engine_id), .title = "Intel ME region, not read or erased"};
  report.facts.set("erased", true);
  report.add(EngineState::unread);
  report.tree = {"me-region", "erased ME region", region.range()};
  return report;
}

// Converged security engines; `me` where the image is a region of the classic kind, which the cleaner understands too.
EngineReport report_cse(const CseImage& cse, const Examined& examined, const MeRegion* me) {
  EngineReport report{.engine = std::string(engine_id), .title = title_of(cse), .facts = facts(cse)};
  report.manageability = manageability_of(cse);
  CseAuditOptions options;
  if (me != nullptr) {
    const CleanState state = clean_state(*me);
    report.facts.set("stripped", state.stripped);
    if (state.minimum_size) report.facts.set("minimum_size", *state.minimum_size, Show::size);
    report.findings = audit(*me, state);
    add_states(report, state);
    options = {.stripped = state.stripped, .with_tables = false};
  }
  report.tree = describe(cse);
  for (Finding& finding : audit(cse, options)) report.findings.push_back(std::move(finding));
  add_structure_check(report, "partition tables and directories");
  const CsePartition* main = cse.main();
  const bool of_engine = cse.container != CseContainer::partition || (main != nullptr && main->name == "FTPR");
  if (of_engine && main != nullptr && main->manifest)
    name_advisories(report, advised(cse.family), main->manifest->version);
  report.actions = actions(me != nullptr ? strip_action(examined, clean_state(*me)) : strip_action(cse), examined);
  return report;
}

// The bit takes the engine's TPM with it.
void add_tpm_cost(std::vector<EngineReport>& reports, const DisableBits& found, FirmwareTpm tpm) {
  if (reports.empty()) return;
  std::vector<Action>& actions = reports.front().actions;
  const auto action = std::ranges::find(actions, "soft-disable", &Action::id);
  if (action == actions.end() || action->state != Action::State::available) return;
  if (const auto finding = tpm_finding(tpm, &found)) action->costs.push_back(finding->title);
}

EngineReport report_cse(const CseImage& cse, const Examined& examined, Depth depth, const MeRegion* me) {
  if (depth != Depth::everything) return report_cse(cse, examined, me);
  CseImage verified = cse;
  verify(verified, *examined.budget());
  return report_cse(verified, examined, me);
}

class IntelEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return engine_id; }

  [[nodiscard]] std::optional<Recognition> recognise(ByteView file) const override { return intel::recognise(file); }
  [[nodiscard]] std::optional<Recognition> recognise_inside(ByteView file) const override {
    return intel::recognise_inside(file);
  }

  [[nodiscard]] std::vector<EngineReport> look(const Examined& examined, Depth depth) const override {
    std::vector<EngineReport> reports = look_firmware(examined, depth);
    if (depth == Depth::everything && !reports.empty()) {
      for (Finding& finding : second_images(examined)) reports.front().findings.push_back(std::move(finding));
    }
    if (const auto& bits = disable_bits_of(examined)) {
      report_disable_bit(reports, *bits, *examined.descriptor(), ByteView(examined.image().body().bytes()));
      add_tpm_cost(reports, *bits, firmware_tpm(firmware_of(examined), cse_of(examined)));
    }
    if (!reports.empty()) answer(reports.front(), examined);
    return reports;
  }

  [[nodiscard]] std::vector<EngineStatus> live(const host::Root& root, const host::Machine& machine,
                                               const StatusOptions& options) const override {
    return intel::live::engines_of(root, machine, options);
  }

  [[nodiscard]] std::vector<Artifact> artifacts(const Examined& examined) const override {
    const Result<MeRegion>& region = firmware_of(examined).me;
    if (region && region->generation != Generation::third) return artifacts_of(*region, examined.budget());
    if (const auto& cse = cse_of(examined))
      return artifacts_of(std::make_shared<const CseImage>(*cse), examined.budget());
    if (const auto update = parse_update(examined.image().body())) return artifacts_of(*update);
    return {};
  }

  [[nodiscard]] Result<QuietPlan> quiet(const Examined& examined, const QuietOptions& options) const override {
    QUELL_TRY(CleanPlan plan, plan_default(examined, {.accepted = options.accepted}));
    if (plan.left_out) plan.notices.push_back(notice_of(*plan.left_out));
    return QuietPlan{std::move(plan.plan), std::move(plan.notices), std::move(plan.costs)};
  }

 private:
  // Reports on the firmware; the descriptor's part comes on top.
  [[nodiscard]] static std::vector<EngineReport> look_firmware(const Examined& examined, Depth depth) {
    const Firmware& firmware = firmware_of(examined);
    const MeRegion* me = firmware.me ? &*firmware.me : nullptr;
    if (me != nullptr && me->generation != Generation::third) return {report_region(*me, examined)};
    if (const auto& cse = cse_of(examined)) return {report_cse(*cse, examined, depth, me)};
    if (me != nullptr) return {report_region(*me, examined)};
    if (firmware.me.error().code != Errc::unrecognised)
      return {report_broken_region(firmware.region, firmware.me.error())};
    if (firmware.descriptor && firmware.region.filled_with(std::byte{0xFF}))
      return {report_erased_region(firmware.region)};
    if (const auto update = parse_update(examined.image().body())) return {report_update(*update, depth)};
    if (begins_ifwi(firmware.region)) {
      const Error lost{Errc::damaged,
                       "the boot partitions that the layout table names are not there: the file is cut short",
                       firmware.region.origin()};
      return {report_broken_region(firmware.region, lost)};
    }
    return {};
  }
};

}  // namespace

const Engine& intel_engine() {
  static const IntelEngine engine;
  return engine;
}

}  // namespace quell
