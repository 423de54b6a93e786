// SPDX-License-Identifier: GPL-2.0-or-later
// What can go wrong with a chip, in words: the rows of data/flash-failures.csv.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "quell/result.h"

namespace quell::spi {

using Blanks = std::initializer_list<std::pair<std::string_view, std::string>>;

// The error of this row with its blanks ({name}) filled in: what happened, what to do next, and what lifts it.
Error failure(std::string_view id, Blanks blanks = {});

// The same, ready to be returned.
inline tl::unexpected<Error> failed(std::string_view id, Blanks blanks = {}) {
  return tl::unexpected<Error>(failure(id, blanks));
}

// The words of an error without the promise that nothing was written, for what happens after something was.
std::string without_promise(std::string message);

// The text alone, for a row that is a message and no error.
std::string failure_text(std::string_view id, Blanks blanks = {});

}  // namespace quell::spi
