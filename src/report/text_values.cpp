// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "base/printable.h"
#include "base/words.h"
#include "report/document_text.h"
#include "report/text.h"

namespace quell::report {
std::string printable(std::string_view text) { return quell::printable(text); }

std::string size_text(std::uint64_t bytes) { return quell::size_text(bytes); }

std::string range_text(Range range) {
  if (range.empty()) return "-";
  return fmt::format("0x{:08x}-0x{:08x}", range.offset, range.end() - 1);
}

std::string value_text(const Attribute& attribute) { return printable(words_of(doc::Value(attribute))); }

}  // namespace quell::report
