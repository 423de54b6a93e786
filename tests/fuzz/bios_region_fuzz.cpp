// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a flash dump or BIOS update: UEFI volumes, FMAP, CBFS, microcode.
#include <cstddef>
#include <cstdint>
#include <span>

#include "quell/flash/survey.h"
#include "quell/report/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > (1U << 20U)) return 0;
  const quell::ByteView file(std::as_bytes(std::span(data, size)));
  const quell::Image image("fuzz", file);
  quell::flash::Survey survey = quell::flash::survey(image);
  quell::Report report{.file = "fuzz", .size = file.size()};
  report.layout = {"image", "fuzz", file.range()};
  quell::flash::place(report.layout, std::move(survey.components));
  report.findings = std::move(survey.findings);
  static_cast<void>(quell::report::to_json("inspect", {report}));
  return 0;
}
