// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quell {

// The lines of a text without their ends; empty lines are left out.
std::vector<std::string_view> lines_of(std::string_view text);
std::vector<std::string_view> lines_of(std::string&& text) = delete;  // the views would outlive their text

// The words of a text, split at the separator; empty words are left out.
std::vector<std::string_view> words_of(std::string_view text, char separator = ' ');
std::vector<std::string_view> words_of(std::string&& text, char separator = ' ') = delete;

}  // namespace quell
