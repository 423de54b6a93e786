// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/guid.h"

#include <algorithm>
#include <array>

#include "quell/digest.h"

namespace quell {
namespace {

std::string with_dashes(Bytes bytes) {
  std::string text = to_hex(bytes);
  for (const std::size_t position : {std::size_t{20}, std::size_t{16}, std::size_t{12}, std::size_t{8}}) {
    text.insert(position, 1, '-');
  }
  return text;
}

}  // namespace

std::string guid_text(ByteView view, std::uint64_t offset) {
  const auto field = view.sub(offset, 16);
  if (!field) return {};
  std::array<std::byte, 16> bytes{};
  constexpr std::array<std::size_t, 16> order{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  for (std::size_t i = 0; i < order.size(); ++i) bytes.at(i) = field->bytes()[order.at(i)];
  std::string text = with_dashes(bytes);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

std::string uuid_text(ByteView view, std::uint64_t offset) {
  const auto field = view.sub(offset, 16);
  return field ? with_dashes(field->bytes()) : std::string();
}

}  // namespace quell
