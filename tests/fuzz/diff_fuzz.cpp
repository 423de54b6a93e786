// SPDX-License-Identifier: GPL-2.0-or-later
// `diff` of two images, the halves of the input. Fed by two dumps, of which either may be hostile.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "quell/survey/compare.h"
#include "report/diff.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size < 2) return 0;
  const auto bytes = std::as_bytes(std::span(data, size));
  Image before("before.rom", ByteView(bytes.first(size / 2)));
  Image after("after.rom", ByteView(bytes.subspan(size / 2)));
  const auto report_before = examine(before, Depth::structure);
  const auto report_after = examine(after, Depth::structure);
  if (!report_before || !report_after) return 0;
  const Comparison comparison = compare(*report_before, before.bytes(), *report_after, after.bytes());
  if (report::diff_text(*report_before, *report_after, comparison, {}).empty()) std::abort();
  if (report::diff_json(*report_before, *report_after, comparison).empty()) std::abort();
  return 0;
}
