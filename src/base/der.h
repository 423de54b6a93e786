// SPDX-License-Identifier: GPL-2.0-or-later
// A strict DER reader over a view. libtasn1 is not used for this: its whole-structure decoder needs a grammar that
// knows every element beforehand (Image4 properties are an open set of private tags, its optional parts come in any
// order), copies values and loses where they stand; its element functions accept BER. Here every element keeps its
// range.
#pragma once

#include <cstdint>
#include <string>

#include "quell/byte_view.h"

namespace quell {

enum class DerClass : std::uint8_t { universal, application, context, exclusive };  // "private" is a keyword

namespace der_tag {
inline constexpr std::uint32_t boolean = 1;
inline constexpr std::uint32_t integer = 2;
inline constexpr std::uint32_t bit_string = 3;
inline constexpr std::uint32_t octet_string = 4;
inline constexpr std::uint32_t object_id = 6;
inline constexpr std::uint32_t utf8_string = 12;
inline constexpr std::uint32_t sequence = 16;
inline constexpr std::uint32_t set = 17;
inline constexpr std::uint32_t ia5_string = 22;
}  // namespace der_tag

struct DerItem {
  DerClass tag_class = DerClass::universal;
  bool constructed = false;
  std::uint32_t tag = 0;
  ByteView whole{};  // tag and length included
  ByteView content{};

  [[nodiscard]] bool is(std::uint32_t universal_tag) const noexcept {
    return tag_class == DerClass::universal && tag == universal_tag;
  }
  [[nodiscard]] bool is_context(std::uint32_t number) const noexcept {
    return tag_class == DerClass::context && tag == number;
  }
};

// Reads the elements of a view one after the other.
class DerReader {
 public:
  explicit DerReader(ByteView view) noexcept : view_(view) {}

  [[nodiscard]] bool at_end() const noexcept { return position_ >= view_.size(); }
  // The next element of any kind.
  Result<DerItem> next();
  // The next element, which must have this universal tag.
  Result<DerItem> next(std::uint32_t universal_tag, std::string_view what);
  // Whether the next element has this universal tag; reads nothing.
  [[nodiscard]] bool next_is(std::uint32_t universal_tag) const;

 private:
  ByteView view_;
  std::uint64_t position_ = 0;
};

// The content of a non-negative INTEGER of at most 8 bytes; nothing else fits.
Result<std::uint64_t> der_number(const DerItem& item);
// "1.2.840.113549.1.1.11"; empty when it is none.
std::string der_object_id(ByteView content);
// Text of any string type; bytes outside printable ASCII as \xNN.
std::string der_text(const DerItem& item);

}  // namespace quell
