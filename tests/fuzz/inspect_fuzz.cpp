// SPDX-License-Identifier: GPL-2.0-or-later
// The whole of `inspect` and `check`. Fed by whoever hands out a dump: a forum, a vendor, an attacker who wants the
// person that examines his firmware; and by every shaky clip.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "quell/survey/check.h"
#include "quell/survey/report.h"
#include "report/check.h"
#include "report/json.h"
#include "report/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size == 0) return 0;
  Image image("fuzz.rom", ByteView(std::as_bytes(std::span(data, size))));
  auto report = examine(image, Depth::everything);
  if (!report) {
    if (report.error().message.empty()) std::abort();
    return 0;
  }
  if (report::to_text(*report, {.color = true, .verbosity = 2}).empty()) std::abort();
  if (report::to_json("inspect", {*report}).empty()) std::abort();
  report::CheckedFile checked{.file = "fuzz.rom", .report = *report, .items = check_items(*report)};
  if (report::to_text(checked, {}).empty() || report::check_json({checked}, {}).empty()) std::abort();
  return 0;
}
