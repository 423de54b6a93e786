// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/failure.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/table.h"
#include "data/flash-failures.h"

namespace quell::spi {
namespace {

std::optional<Row<data::FlashFailures>> find(std::string_view id) {
  static const Table table(data::flash_failures);
  return table.find("id", id);
}

std::string fill(std::string_view text, Blanks blanks) {
  std::string filled;
  for (;;) {
    const std::size_t open = text.find('{');
    const std::size_t close = text.find('}', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || close == std::string_view::npos) return filled += text;
    filled += text.substr(0, open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    const auto blank = std::ranges::find(blanks, name, &std::pair<std::string_view, std::string>::first);
    if (blank != blanks.end()) filled += blank->second;
    text.remove_prefix(close + 1);
  }
}

// "info" is a text without an error.
constexpr std::array kinds{Word{"usage", Errc::usage}, Word{"refused", Errc::refused}, Word{"io", Errc::io},
                           Word{"info", Errc::io}};

}  // namespace

std::string failure_text(std::string_view id, Blanks blanks) {
  const auto row = find(id);
  if (!row) return std::string(id);
  std::string text = fill((*row)["message"], blanks);
  const std::string advice = fill((*row)["advice"], blanks);
  const std::size_t start = advice.find_first_not_of(' ');
  if (start != std::string::npos) text += " " + advice.substr(start);
  return text;
}

std::string without_promise(std::string message) {
  for (const std::string_view promise : {" Nothing was written to the chip.", " Nothing was written."}) {
    if (const std::size_t place = message.find(promise); place != std::string::npos)
      message.erase(place, promise.size());
  }
  return message;
}

Error failure(std::string_view id, Blanks blanks) {
  const auto row = find(id);
  Error error{row ? row->choice<kinds>("kind") : Errc::io, failure_text(id, blanks), std::nullopt};
  if (!row) return error;
  for (const std::string_view name : row->list("lifted_by")) {
    if (const auto one = override_named(name)) error.lifted_by.add(*one);
  }
  return error;
}

}  // namespace quell::spi
