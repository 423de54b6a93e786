// SPDX-License-Identifier: GPL-2.0-or-later
// Who feeds this: anyone who hands somebody a file to look at. `quell inspect`, `check` and `diff` take dumps from
// shaky clips, downloads and attackers. The whole way from bytes to text and JSON runs here, for the input, and for a
// damaged copy of it as the second image of a comparison.
#include <algorithm>
#include <cstdlib>
#include <span>

#include "quell/survey/check.h"
#include "report/check.h"
#include "report/diff.h"
#include "report/json.h"
#include "report/text.h"

namespace {

using namespace quell;

// Texts go to a terminal: nothing in them may be a command.
void require_harmless(const std::string& text) {
  for (const char c : text) {
    if (c != '\n' && static_cast<unsigned char>(c) < 0x20) std::abort();
    if (c == '\x7F') std::abort();
  }
}

// The last byte says which block of the copy is erased, so that comparisons have something to tell.
Buffer damaged(Bytes bytes) {
  Buffer out(bytes.begin(), bytes.end());
  if (out.size() < 64) return out;
  const std::size_t block = out.size() / 16;
  const std::size_t start = std::to_integer<std::size_t>(out.back()) % 16 * block;
  std::ranges::fill(std::span(out).subspan(start, block), std::byte{0xFF});
  if ((out.front() & std::byte{1}) != std::byte{0}) out.resize(out.size() - block / 2);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes = std::as_bytes(std::span(data, size));
  Image image("input", ByteView(bytes));
  const auto report = examine(image, Depth::everything);
  if (!report) {
    require_harmless(report::printable(report.error().message));
    return 0;
  }
  for (const int verbosity : {-1, 0, 2})
    require_harmless(report::to_text(*report, {.width = 80, .verbosity = verbosity}));
  static_cast<void>(report::to_json("inspect", {*report}));

  report::CheckedFile checked{.file = "input", .report = *report, .items = check_items(*report)};
  require_harmless(report::to_text(checked, {.verbosity = 1}));
  static_cast<void>(report::check_json({checked}, {}));

  const Buffer other = damaged(bytes);
  Image second("other", ByteView(other));
  const auto other_report = examine(second, Depth::structure);
  if (!other_report) return 0;
  const Comparison comparison = compare(*report, ByteView(bytes), *other_report, ByteView(other));
  require_harmless(report::diff_text(*report, *other_report, comparison, {.verbosity = 1}));
  static_cast<void>(report::diff_json(*report, *other_report, comparison));
  return 0;
}
