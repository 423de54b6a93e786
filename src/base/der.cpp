// SPDX-License-Identifier: GPL-2.0-or-later
// Identifier: bits 7:6 class, bit 5 constructed, bits 4:0 tag number; 31: the number follows in base 128, most
// significant first, bit 7 set on all but the last byte. Length: below 0x80 itself, else the number of length bytes.
#include "base/der.h"

#include <fmt/format.h>

#include "base/size.h"

namespace quell {
namespace {

constexpr unsigned longest_tag = 5;  // base-128 bytes of a 32-bit number
constexpr unsigned longest_length = 8;

struct Read {
  std::uint64_t value = 0;
  std::uint64_t next = 0;
};

Result<Read> read_tag(ByteView view, std::uint64_t at) {
  QUELL_TRY(const auto first, view.u8(at));
  if ((first & 0x1FU) != 0x1F) return Read{first & 0x1FU, at + 1};
  std::uint64_t number = 0;
  for (unsigned i = 1; i <= longest_tag; ++i) {
    QUELL_TRY(const auto byte, view.u8(at + i));
    number = number << 7U | (byte & 0x7FU);
    if ((byte & 0x80U) != 0) continue;
    if (number > 0xFFFFFFFFU) break;
    return Read{number, at + i + 1};
  }
  return fail(Errc::damaged, "a high tag number continues for more than five bytes: no 4-character code",
              view.origin() + at);
}

Result<Read> read_length(ByteView view, std::uint64_t at) {
  QUELL_TRY(const auto first, view.u8(at));
  if (first < 0x80) return Read{first, at + 1};
  if (first == 0x80) return fail(Errc::damaged, "indefinite length (0x80) is not DER", view.origin() + at);
  const unsigned count = first & 0x7FU;
  if (count > longest_length) {
    return fail(Errc::damaged, fmt::format("a length of {} bytes is not possible", count), view.origin() + at);
  }
  std::uint64_t length = 0;
  for (unsigned i = 1; i <= count; ++i) {
    QUELL_TRY(const auto byte, view.u8(at + i));
    length = length << 8U | byte;
  }
  return Read{length, at + 1 + count};
}

std::string kind_of(std::uint64_t tag, std::uint8_t first) {
  if (first == 0x30) return "SEQUENCE";
  if (first == 0x31) return "SET";
  if (first == 0x04) return "OCTET STRING";
  return fmt::format("element of tag {:#x}", tag);
}

}  // namespace

Result<DerItem> DerReader::next() {
  QUELL_TRY(const auto first, view_.u8(position_));
  QUELL_TRY(const auto tag, read_tag(view_, position_));
  QUELL_TRY(const auto length, read_length(view_, tag.next));
  if (!view_.has(length.next, length.value)) {
    return fail(Errc::damaged,
                fmt::format("the {} announces {} bytes, more than the {} that are left around it",
                            kind_of(tag.value, first), length.value, view_.size() - length.next),
                view_.origin() + position_);
  }
  DerItem item{static_cast<DerClass>(first >> 6U), (first & 0x20U) != 0, static_cast<std::uint32_t>(tag.value), {}, {}};
  QUELL_TRY(item.content, view_.sub(length.next, length.value));
  QUELL_TRY(item.whole, view_.sub(position_, length.next - position_ + length.value));
  position_ = length.next + length.value;
  return item;
}

Result<DerItem> DerReader::next(std::uint32_t universal_tag, std::string_view what) {
  const std::uint64_t at = view_.origin() + position_;
  if (at_end()) return fail(Errc::damaged, fmt::format("{} is missing", what), at);
  QUELL_TRY(auto item, next());
  if (!item.is(universal_tag)) return fail(Errc::damaged, fmt::format("{} is not where it should be", what), at);
  return item;
}

bool DerReader::next_is(std::uint32_t universal_tag) const {
  DerReader copy = *this;
  const auto item = copy.next();
  return item && item->is(universal_tag);
}

Result<std::uint64_t> der_number(const DerItem& item) {
  ByteView content = item.content;
  if (!item.is(der_tag::integer) || content.empty() || content.u8(0).value_or(0x80) >= 0x80) {
    return fail(Errc::damaged, "a number is negative or empty", item.whole.origin());
  }
  while (content.size() > 1 && content.u8(0).value_or(1) == 0) content = content.from(1).value_or(ByteView());
  if (content.size() > 8) return fail(Errc::damaged, "a number is larger than 64 bits", item.whole.origin());
  std::uint64_t value = 0;
  for (const std::byte byte : content.bytes()) value = value << 8U | std::to_integer<std::uint64_t>(byte);
  return value;
}

std::string der_object_id(ByteView content) {
  std::string out;
  std::uint64_t number = 0;
  for (const std::byte byte : content.bytes().first(to_size(std::min<std::uint64_t>(content.size(), 64)))) {
    const auto value = std::to_integer<unsigned>(byte);
    number = number << 7U | (value & 0x7FU);
    if ((value & 0x80U) != 0) continue;
    if (out.empty()) {
      const std::uint64_t first = std::min<std::uint64_t>(number / 40, 2);
      out = fmt::format("{}.{}", first, number - first * 40);
    } else {
      out += fmt::format(".{}", number);
    }
    number = 0;
  }
  return out;
}

std::string der_text(const DerItem& item) {
  return item.content.text(0, std::min<std::uint64_t>(item.content.size(), 1024)).value_or("");
}

}  // namespace quell
