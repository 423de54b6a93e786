// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/engine.h"

#include <fmt/format.h>

#include "intel/region_report.h"
#include "quell/flash/descriptor.h"
#include "quell/intel/me_region.h"

namespace quell {
namespace {

using namespace intel;

constexpr std::string_view engine_id = "intel";

EngineReport report_region(const MeRegion& me, const Image& image) {
  const CleanState state = clean_state(me);
  return {.engine = std::string(engine_id),
          .title = fmt::format("Intel {} {}", me.family(), to_string(me.manifest.version)),
          .facts = facts(me, state),
          .tree = describe(me),
          .findings = audit(me, state),
          .actions = actions(me, image)};
}

// The region has a partition table, but what the table should lead to is not there.
EngineReport report_broken_region(ByteView region, const Error& error) {
  EngineReport report{.engine = std::string(engine_id), .title = "Intel ME firmware, damaged"};
  report.tree = {"me-region", "damaged ME region", region.range()};
  report.findings.push_back({.id = "intel.region.damaged",
                             .severity = Severity::error,
                             .title = error.message,
                             .advice = "read the chip again and compare both reads",
                             .range = Range{error.offset.value_or(region.origin()), 0}});
  return report;
}

EngineReport report_erased_region(ByteView region) {
  EngineReport report{.engine = std::string(engine_id), .title = "Intel ME region, erased"};
  report.facts.set("erased", true);
  report.tree = {"me-region", "erased ME region", region.range()};
  return report;
}

// A file that is one signed update: a manifest at its very start.
std::optional<EngineReport> look_update(ByteView body) {
  const auto manifest = parse_manifest(body);
  if (!manifest) return std::nullopt;
  const SignatureState state = verify_signature(*manifest);
  const SigningKey key = identify_key(*manifest);
  const std::string family =
      key.product.find("TXE") != std::string::npos && key.product.find('/') == std::string::npos ? "TXE" : "ME";
  EngineReport report{.engine = std::string(engine_id),
                      .title = fmt::format("Intel {} {} update image", family, to_string(manifest->version))};
  report.facts.set("family", family);
  report.facts.set("version", to_string(manifest->version));
  report.facts.set("date", manifest->date_text());
  report.facts.set("signature", std::string(to_string(state)));
  report.facts.set("signer", signer_text(key, state));
  report.facts.set("key_md5", to_hex(key_identifier(*manifest)));
  report.tree = {"me-update", "update image", body.range(), {}, {describe_manifest(*manifest, "manifest")}};
  if (auto finding = signature_finding(*manifest, "the update")) report.findings.push_back(*std::move(finding));
  report.actions.push_back(
      {.id = "strip",
       .title = "remove partitions and modules",
       .state = Action::State::impossible,
       .reason = "an update image is installed by the running engine, which accepts it only as Intel signed it"});
  return report;
}

class IntelEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return engine_id; }

  [[nodiscard]] std::vector<EngineReport> look(const Image& image, Depth /*depth*/) const override {
    const ByteView body = image.body();
    const auto descriptor = find_fpt(body) ? std::nullopt : flash::find_descriptor(body);
    const ByteView region = descriptor ? image.region("me").value_or(ByteView()) : body;
    if (find_fpt(region)) {
      const auto me = parse_me_region(region, descriptor == 0);
      return {me ? report_region(*me, image) : report_broken_region(region, me.error())};
    }
    if (descriptor && !region.empty() && region.filled_with(std::byte{0xFF})) return {report_erased_region(region)};
    if (auto update = look_update(body)) return {*std::move(update)};
    return {};
  }
};

}  // namespace

const Engine& intel_engine() {
  static const IntelEngine engine;
  return engine;
}

}  // namespace quell
