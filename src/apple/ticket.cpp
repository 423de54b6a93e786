// SPDX-License-Identifier: GPL-2.0-or-later
// RFC 4648 base64 inside a property list (Apple's PropertyList-1.0 DTD); the key as idevicerestore and tsschecker save
// it.
#include "apple/ticket.h"

#include <array>

#include "apple/image4.h"

namespace quell::apple {
namespace {

constexpr std::uint64_t largest = 1U << 20U;

std::optional<unsigned> value_of(unsigned char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26U;
  if (c >= '0' && c <= '9') return c - '0' + 52U;
  if (c == '+') return 62U;
  if (c == '/') return 63U;
  return std::nullopt;
}

bool is_blank(unsigned char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Decodes up to the first character that is neither base64 nor a blank; says whether that was the end.
bool decode(Bytes text, Buffer& out) {
  std::uint32_t bits = 0;
  unsigned held = 0;
  bool padded = false;
  for (const std::byte byte : text) {
    const auto c = std::to_integer<unsigned char>(byte);
    if (is_blank(c)) continue;
    if (c == '=') {
      padded = true;
      continue;
    }
    const auto value = value_of(c);
    if (!value || padded) return false;
    bits = bits << 6U | *value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push_back(static_cast<std::byte>(bits >> held & 0xFFU));
  }
  return true;
}

}  // namespace

std::optional<Ticket> read_ticket(ByteView file) {
  if (file.size() > largest || !file.matches(0, "<?xml")) return std::nullopt;
  const auto key = file.find(as_bytes("<key>ApImg4Ticket</key>"));
  if (!key) return std::nullopt;
  constexpr std::string_view opens = "<data>";
  const auto data = file.find(as_bytes(opens), *key);
  if (!data) return std::nullopt;
  const std::uint64_t start = *data + opens.size();
  const auto end = file.find(as_bytes("</data>"), start);
  Ticket out{.range = Range::between(start, end.value_or(file.size()))};
  out.whole = decode(file.clip(out.range).bytes(), out.manifest) && end.has_value();
  if (container_of(ByteView(out.manifest)) != "IM4M") return std::nullopt;
  return out;
}

}  // namespace quell::apple
