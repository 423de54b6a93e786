// SPDX-License-Identifier: GPL-2.0-or-later
// Who feeds this: anybody who hands out a flash dump or a descriptor, and every bad clip. The parser, the printers, the
// judgement on the disable bit and all edits, whose results must pass their own checks.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "flash/descriptor_details.h"
#include "flash/descriptor_edit.h"
#include "flash/layout_file.h"
#include "intel/disable_report.h"
#include "quell/survey/report.h"
#include "report/json.h"
#include "report/text.h"

namespace {

using namespace quell;

void print(const flash::FlashDescriptor& d, const Image& image, const intel::DisableBits& bits) {
  Report report{.file = "fuzz", .size = image.bytes().size(), .what = image.what};
  report.layout = flash::describe(d, image.bytes());
  report.findings = flash::audit(d, image.bytes());
  report.engines.emplace_back();
  intel::report_disable_bit(report.engines.back(), bits);
  static_cast<void>(report::to_json("fuzz", {report}));
  static_cast<void>(report::to_text(report, {.verbosity = 2}));
  static_cast<void>(flash::layout_text(d));
}

void edit(const flash::FlashDescriptor& d, const Image& image, const intel::DisableBits& bits, std::uint8_t choice) {
  const auto rules = flash::edit_rules(d, image.bytes());
  if (!rules ||
      !flash::require_editable(d, image.bytes(), (choice & 0x80U) != 0 ? Overrides{Override::overlaps} : Overrides{}))
    return;
  PlanBuilder builder(image.bytes());
  Result<void> planned;
  switch (choice & 7U) {
    case 0: planned = flash::plan_unlock(builder, d, *rules); break;
    case 1: planned = flash::plan_lock(builder, d, *rules); break;
    case 2: planned = flash::plan_lock_out(builder, d, *rules); break;
    case 3: planned = flash::plan_density(builder, d, *rules, 0, 5); break;
    case 4: planned = flash::plan_strap(builder, d, *rules, choice, choice); break;
    case 5: planned = flash::plan_region(builder, d, *rules, 1, {}); break;
    case 6: {
      const auto relayout = flash::parse_layout(flash::layout_text(d)).and_then([&](const auto& lines) {
        return flash::plan_relayout(d, image.bytes(), lines);
      });
      if (!relayout || relayout->size > image.bytes().size()) return;
      planned = flash::plan_move(builder, d, *rules, image.bytes(), *relayout);
      break;
    }
    default:
      if (!intel::plan_disable(builder, d, bits, {.accepted = {Override::reported_place, Override::descriptor_alone}}))
        return;
  }
  if (!planned) return;
  const Plan plan = std::move(builder).build(image.sha256());
  const auto output = flash::apply_descriptor_plan(plan, image);
  if (output && !verify_applied(plan, image.bytes(), ByteView(*output))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::uint8_t> input(data, size);
  const Image image("fuzz", ByteView(std::as_bytes(input)));
  const auto d = flash::parse_descriptor(image.bytes());
  if (!d) return 0;
  const auto bits = intel::find_disable_bits(*d, image.bytes(), intel::firmware_facts(*d, image.bytes()));
  print(*d, image, bits);
  edit(*d, image, bits, input.back());
  return 0;
}
