// SPDX-License-Identifier: GPL-2.0-or-later
// A text of JSON for a reader of many: its values lie in flat lists that the next text takes over, so that no value
// costs memory of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/result.h"

namespace quell::store {

enum class JsonKind : std::uint8_t { null, boolean, count, number, text, array, object };

class JsonValue;

class JsonText {
 public:
  // Errc::damaged says what is wrong. Of members with one name the last counts; a NUL in a text or name is U+FFFD. What
  // the objects in the outermost one have under the name `unwanted` is held against the grammar and not kept.
  Result<JsonValue> read(std::string_view text, std::string_view unwanted);

 private:
  friend class JsonValue;
  friend class JsonReader;
  struct Text {
    std::uint32_t at = 0;  // in texts_; a text is shorter than 4 GiB
    std::uint32_t size = 0;
  };
  struct Item {
    JsonKind kind = JsonKind::null;
    bool overruled = false;   // a later member has its name
    std::uint32_t after = 0;  // the item behind all that is in it
    Text name{};
    Text text{};
    std::uint64_t count = 0;
  };

  [[nodiscard]] std::string_view view(Text text) const { return std::string_view(texts_).substr(text.at, text.size); }

  std::vector<Item> items_{};  // each before what is in it
  std::string texts_{};
};

// One value of a text; good until the next one is read.
class JsonValue {
 public:
  [[nodiscard]] JsonKind kind() const { return item().kind; }
  [[nodiscard]] std::string_view name() const { return whole_->view(item().name); }  // of a member; else empty
  // Of a text; of a number as it stood.
  [[nodiscard]] std::string_view text() const { return whole_->view(item().text); }
  [[nodiscard]] std::uint64_t count() const { return item().count; }  // of a count: from 0 up, without a fraction
  [[nodiscard]] double number() const;                                // of a count or a number
  [[nodiscard]] bool truth() const { return item().count != 0; }      // of a boolean
  // Of an array or object; nothing in anything else.
  [[nodiscard]] std::optional<JsonValue> first() const { return from(at_ + 1, item().after); }
  // What follows in the same array or object.
  [[nodiscard]] std::optional<JsonValue> next() const { return from(item().after, end_); }
  // Adds the value to `out`, without spaces.
  void print(std::string& out) const;

 private:
  friend class JsonText;
  JsonValue(const JsonText& whole, std::size_t at, std::size_t end) : whole_(&whole), at_(at), end_(end) {}
  [[nodiscard]] const JsonText::Item& item() const { return whole_->items_[at_]; }
  [[nodiscard]] std::optional<JsonValue> from(std::size_t at, std::size_t end) const {
    while (at < end && whole_->items_[at].overruled) at = whole_->items_[at].after;
    return at < end ? std::optional(JsonValue(*whole_, at, end)) : std::nullopt;
  }

  const JsonText* whole_;
  std::size_t at_;
  std::size_t end_;  // of the array or object it is in
};

}  // namespace quell::store
