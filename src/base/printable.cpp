// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/printable.h"

#include <algorithm>

#include <fmt/format.h>

namespace quell {
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

// Neither a control character (C0, DEL, C1) nor one that changes the direction of writing or is invisible.
bool is_harmless(char32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x61C || c == 0xFEFF) return false;
  return !(c >= 0x200B && c <= 0x200F) && !(c >= 0x2028 && c <= 0x202E) && !(c >= 0x2060 && c <= 0x206F) &&
         !(c >= 0xFFF9 && c <= 0xFFFB) && c < 0xE0000;
}

// Copies what is harmless or in `kept`; `escape(piece, character)` writes the rest, length 0 standing for no UTF-8.
template <class Escape>
std::string copied(std::string_view text, std::string_view kept, const Escape& escape) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded decoded = decode_utf8(text);
    const std::string_view piece = text.substr(0, decoded.length == 0 ? 1 : decoded.length);
    const bool stays = decoded.length != 0 && (is_harmless(decoded.character) ||
                                               (piece.size() == 1 && kept.find(piece[0]) != std::string_view::npos));
    if (stays) {
      out += piece;
    } else {
      escape(out, piece, decoded);
    }
    text.remove_prefix(piece.size());
  }
  return out;
}

void as_bytes_in_hex(std::string& out, std::string_view piece, const Decoded& /*decoded*/) {
  for (const char c : piece) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
}

void as_json_escape(std::string& out, std::string_view /*piece*/, const Decoded& decoded) {
  const char32_t c = decoded.length == 0 ? 0xFFFD : decoded.character;
  if (c < 0x10000) {
    out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c));
    return;
  }
  const auto above = static_cast<std::uint32_t>(c - 0x10000);
  out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800U + (above >> 10U), 0xDC00U + (above & 0x3FFU));
}

}  // namespace

std::string printable(std::string_view text) { return copied(text, {}, as_bytes_in_hex); }

std::string printable_lines(std::string_view text) { return copied(text, "\n\t", as_bytes_in_hex); }

std::string printable_styled(std::string_view text) {
  constexpr std::string_view start = "\x1b[";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto at = std::min(text.find(start), text.size());
    out += printable_lines(text.substr(0, at));
    text.remove_prefix(at);
    if (text.empty()) break;
    const auto end = text.find_first_not_of("0123456789;", start.size());
    const bool colour = end != std::string_view::npos && text[end] == 'm';
    const std::string_view sequence = text.substr(0, colour ? end + 1 : 1);
    out += colour ? std::string(sequence) : printable(sequence);
    text.remove_prefix(sequence.size());
  }
  return out;
}

std::string printable_json(std::string_view document) { return copied(document, "\n\t\r", as_json_escape); }

}  // namespace quell
