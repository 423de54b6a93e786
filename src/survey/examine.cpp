// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "quell/flash/descriptor.h"
#include "quell/flash/image_audit.h"
#include "quell/flash/survey.h"
#include "quell/survey/recognise.h"
#include "quell/survey/report.h"

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
  // What the file cannot hold is no fault of it.
  const bool partial = image.what.type == FileKind::descriptor || image.what.type == FileKind::half;
  for (Finding& finding : flash::audit(descriptor, body)) {
    if (finding.range) finding.range->offset += base;
    if (partial && finding.id == "flash.region.beyond-file") {
      finding.severity = Severity::info;
      finding.advice.clear();
    }
    report.findings.push_back(std::move(finding));
  }
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

Result<Report> examine(Image& image, Depth depth) {
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
  for (Finding& finding : flash::audit_image(image, descriptor ? &*descriptor : nullptr, depth)) {
    report.findings.push_back(std::move(finding));
  }
  flash::Survey survey = flash::survey(image);
  const bool surveyed = !survey.empty();
  flash::place(report.layout, std::move(survey.components));
  for (Finding& finding : survey.findings) report.findings.push_back(std::move(finding));
  for (const Engine* engine : engines()) {
    for (EngineReport& found : engine->look(examined, depth)) report.engines.push_back(std::move(found));
  }
  if (!image.what.recognised && report.engines.empty() && !surveyed) return tl::unexpected(unrecognised(image));
  if (!image.what.recognised && !report.engines.empty()) {
    image.what = named_after(report.engines.front(), image.bytes());
  }
  report.what = image.what;
  report.sha256 = image.sha256();
  return report;
}

}  // namespace quell
