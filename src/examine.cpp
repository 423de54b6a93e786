// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "quell/flash/descriptor.h"
#include "quell/flash/recognise.h"
#include "quell/flash/survey.h"
#include "quell/report.h"

namespace quell {

Result<Report> examine(Image& image, Depth depth) {
  flash::recognise(image);
  Report report{.file = image.name(), .size = image.bytes().size(), .what = image.what};
  report.layout = {"image", image.name(), image.bytes().range()};
  if (const auto descriptor = flash::parse_descriptor(image.body())) {
    report.layout = flash::describe(*descriptor, image.body());
    report.findings = flash::audit(*descriptor, image.body());
  }
  flash::Survey survey = flash::survey(image);
  const bool surveyed = !survey.empty();
  flash::place(report.layout, std::move(survey.components));
  for (Finding& finding : survey.findings) report.findings.push_back(std::move(finding));
  for (const Engine* engine : engines()) {
    for (EngineReport& found : engine->look(image, depth)) report.engines.push_back(std::move(found));
  }
  if (!image.what.recognised && report.engines.empty() && !surveyed) {
    return fail(Errc::unrecognised, fmt::format("{}: {}", image.name(),
                                                image.what.next_step.empty() ? "nothing in it is known to this program"
                                                                             : image.what.next_step));
  }
  report.what = image.what;
  report.sha256 = image.sha256();
  return report;
}

}  // namespace quell
