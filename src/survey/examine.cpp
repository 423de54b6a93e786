// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "flash/gbe.h"
#include "flash/survey.h"
#include "quell/flash/descriptor.h"
#include "quell/survey/recognise.h"
#include "quell/survey/report.h"
#include "survey/answers.h"
#include "uefi/describe.h"
#include "uefi/look.h"

namespace quell {
namespace {

constexpr unsigned deepest = 64;  // no parser of a layout nests deeper

// The descriptor counts from the start of its image; reports count from the start of the file.
void move(Component& component, std::uint64_t by, unsigned level = 0) {
  component.range.offset += by;
  if (level >= deepest) return;
  for (Component& child : component.children) move(child, by, level + 1);
}

void add_descriptor(Report& report, const Image& image, const flash::FlashDescriptor& descriptor) {
  const ByteView body(image.body().bytes());
  const std::uint64_t base = image.what.body.offset;
  report.layout = flash::describe(descriptor, body);
  move(report.layout, base);
  const bool partial = image.what.type == FileKind::descriptor || image.what.type == FileKind::half;
  for (Finding& finding : flash::audit(descriptor, body, partial ? flash::Extent::part : flash::Extent::whole)) {
    if (finding.range) finding.range->offset += base;
    report.findings.push_back(std::move(finding));
  }
}

// What the survey itself has looked at: failed when a finding of severity error stands under the question.
Check looked_at(const Report& report, Question question, std::string subject, Range range) {
  const auto wrong = std::ranges::find_if(report.findings, [&](const Finding& finding) {
    return finding.question == question && finding.severity >= Severity::error;
  });
  const bool held = wrong == report.findings.end();
  return {.question = question,
          .state = check_state(held),
          .subject = std::move(subject),
          .range = range,
          .reason = held ? "" : wrong->title};
}

// Whether each region lies in the file and apart from the others, where the board was not shipped otherwise.
void check_regions(Component& layout, std::uint64_t size, bool shipped_so) {
  for (Component& region : layout.children) {
    if (region.kind != "region" || region.range.empty()) continue;
    const bool inside = Range{0, size}.contains(region.range);
    const bool apart = shipped_so || std::ranges::none_of(layout.children, [&](const Component& other) {
                         return &other != &region && other.kind == "region" && other.range.intersects(region.range);
                       });
    Check check{.question = Question::regions,
                .state = check_state(apart),
                .subject = "region borders",
                .range = region.range,
                .reason = apart ? "" : "another region lies over it"};
    if (apart && !inside) {
      check.state = CheckState::not_checked;
      check.reason = "the file does not hold all of it";
    }
    region.checks.push_back(std::move(check));
  }
}

void check_layout(Report& report, const Image& image, bool described, Depth depth) {
  Component& layout = report.layout;
  const Range body = image.what.body;
  if (described) {
    layout.checks.push_back(looked_at(report, Question::descriptor, "flash descriptor", {body.offset, 0x1000}));
    layout.checks.push_back(looked_at(report, Question::access, "access permissions", {body.offset, 0x1000}));
    check_regions(layout, image.bytes().size(), image.descriptor && flash::is_vendor_overlap(*image.descriptor));
    const auto gbe = std::ranges::find(layout.children, "gbe", &Component::name);
    const auto bytes = image.region("gbe");
    if (gbe != layout.children.end() && bytes && !bytes->empty()) {
      gbe->checks.push_back(flash::check_gbe(*bytes));
      gbe->children = flash::gbe_banks(*bytes);
    }
  }
  if (flash::is_chip_content(image)) layout.checks.push_back(looked_at(report, Question::size, "file size", body));
  if (depth != Depth::everything || body.empty()) return;
  layout.checks.push_back(looked_at(report, Question::blank, "blank areas", body));
  layout.checks.push_back(looked_at(report, Question::repeated, "repeated areas", body));
}

// The checks that the engine left with its tree.
void collect(EngineReport& engine) {
  for (Check& check : take_checks(engine.tree)) engine.checks.push_back(std::move(check));
}

// A second engine's firmware inside the BIOS: what an updater in it would write back.
class CopySearch {
 public:
  void take(const uefi::Leaf& leaf) {
    constexpr std::uint64_t smallest = 0x10000;
    constexpr std::size_t most = 8;
    if (leaf.bytes.size() < smallest || found_.size() >= most) return;
    for (const Engine* engine : engines()) {
      if (!engine->recognise(leaf.bytes)) continue;
      Image image("BIOS", ByteView(leaf.bytes.bytes()));
      recognise(image);
      for (const EngineReport& report : engine->look(Examined(image), Depth::structure)) {
        found_.push_back({.id = "uefi.engine-copy",
                          .question = Question::structure,
                          .severity = Severity::info,
                          .title = fmt::format("the BIOS carries a copy of an engine's firmware: {}", report.title),
                          .detail = fmt::format("It lies in the file {} and may be written back by an update or from "
                                                "the setup menu.",
                                                leaf.file == nullptr ? "?" : to_string(leaf.file->name)),
                          .advice = "after a BIOS update look again whether the engine is still disabled",
                          .range = leaf.place.image});
      }
      return;
    }
  }
  [[nodiscard]] std::vector<Finding> findings() && { return std::move(found_); }

 private:
  std::vector<Finding> found_;
};

// What lies in the firmware volumes, as children of their components, and what it says.
void open_volumes(Report& report, flash::Survey& survey, const Image& image, bool unpack) {
  CopySearch copies;
  uefi::Look look = uefi::look(image, {.unpack = unpack, .leaf = [&](const uefi::Leaf& leaf) {
                                         if (unpack) copies.take(leaf);
                                       }});
  for (const uefi::File& file : look.firmware.files) survey.components.push_back(uefi::describe(file));
  for (const uefi::Volume& volume : look.firmware.volumes) {
    const auto home = std::ranges::find_if(survey.components, [&](const Component& component) {
      return component.kind == "firmware-volume" && component.range == volume.place.image;
    });
    if (home != survey.components.end()) home->children = uefi::describe_files(volume);
  }
  for (auto& list : {uefi::judge(look), std::move(copies).findings()}) {
    for (const Finding& finding : list) survey.findings.push_back(finding);
  }
  for (Finding& finding : look.firmware.findings) survey.findings.push_back(std::move(finding));
  if (look.firmware.empty()) return;
  uefi::Summary summary = uefi::summarise(look);
  report.bios = BiosReport{std::move(summary.facts), std::move(summary.tree)};
}

Finding damaged_descriptor(const Error& error) {
  return {.id = "flash.descriptor.damaged",
          .question = Question::descriptor,
          .severity = Severity::error,
          .title = "the flash descriptor cannot be read",
          .detail = error.message,
          .advice = "read the chip again; without a descriptor nobody knows where the regions are",
          .range = Range{error.offset.value_or(0), 0}};
}

Error unrecognised(const Image& image) {
  std::string message = fmt::format("{}: this is {}", image.name(), in_sentence(image.what));
  if (!image.what.next_step.empty()) message += ": " + image.what.next_step;
  return {Errc::unrecognised, std::move(message), std::nullopt};
}

// No header names the file, but an engine lives in it. The guess at an unknown file ("a text") is then wrong.
Recognition named_after(const EngineReport& engine, ByteView file) {
  const bool whole = engine.tree.range == file.range();
  return {.kind = "holds." + engine.engine,
          .title = whole ? engine.title : fmt::format("image of no known layout that holds: {}", engine.title),
          .next_step = {},
          .body = file.range(),
          .recognised = true};
}

}  // namespace

Result<Report> examine(Image& image, Depth depth, const flash::ChipContext& chip, bool unpack) {
  image.start_hashing();
  recognise(image);
  Report report{.file = image.name(), .size = image.bytes().size(), .what = image.what};
  report.layout = {"image", image.name(), image.bytes().range()};
  const Examined examined(image);
  const auto& descriptor = examined.descriptor();
  if (descriptor) {
    add_descriptor(report, image, *descriptor);
  } else if (descriptor.error().code == Errc::damaged) {
    report.findings.push_back(damaged_descriptor(descriptor.error()));
  }
  for (Finding& finding : flash::audit_image(image, descriptor ? &*descriptor : nullptr, depth, chip)) {
    report.findings.push_back(std::move(finding));
  }
  check_layout(report, image, descriptor.has_value(), depth);
  flash::Survey survey = flash::survey(image);
  open_volumes(report, survey, image, unpack || depth == Depth::everything);
  const bool surveyed = !survey.empty();
  flash::place(report.layout, std::move(survey.components));
  for (Finding& finding : survey.findings) report.findings.push_back(std::move(finding));
  report.checks = take_checks(report.layout);
  for (const Engine* engine : engines()) {
    for (EngineReport& found : engine->look(examined, depth)) {
      collect(found);
      report.engines.push_back(std::move(found));
    }
  }
  if (!image.what.recognised && report.engines.empty() && !surveyed) return tl::unexpected(unrecognised(image));
  if (!image.what.recognised && !report.engines.empty()) {
    image.what = named_after(report.engines.front(), image.bytes());
  }
  answer(report);
  report.what = image.what;
  report.sha256 = image.sha256();
  return report;
}

}  // namespace quell
