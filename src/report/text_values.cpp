// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "base/words.h"
#include "report/document_text.h"
#include "report/text.h"

namespace quell::report {
namespace {

struct Decoded {
  char32_t character = 0;
  std::size_t length = 0;  // 0: not UTF-8
};

Decoded decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
  char32_t character = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    character = character << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  return overlong || surrogate || character > 0x10FFFF ? Decoded{} : Decoded{character, length};
}

// Characters that move the cursor, change the direction of writing or are invisible.
bool is_harmless(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0xFEFF) return false;
  return !(c >= 0x200B && c <= 0x200F) && !(c >= 0x2028 && c <= 0x202E) && !(c >= 0x2060 && c <= 0x206F) &&
         !(c >= 0xFFF9 && c <= 0xFFFB) && c < 0xE0000;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded decoded = decode_utf8(text);
    const std::size_t length = decoded.length == 0 ? 1 : decoded.length;
    if (decoded.length != 0 && is_harmless(decoded.character)) {
      out += text.substr(0, length);
    } else {
      for (const char c : text.substr(0, length)) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string size_text(std::uint64_t bytes) { return quell::size_text(bytes); }

std::string range_text(Range range) {
  if (range.empty()) return "-";
  return fmt::format("0x{:08x}-0x{:08x}", range.offset, range.end() - 1);
}

std::string value_text(const Attribute& attribute) { return printable(words_of(doc::Value(attribute))); }

}  // namespace quell::report
