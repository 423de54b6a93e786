// SPDX-License-Identifier: GPL-2.0-or-later
// A command line read as a Python program of its kind reads it: options and image in any order, whatever the
// environment says; long options may be shortened while that is unambiguous; a word that is an option is never the
// value of another.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quell/result.h"

namespace quell::compat {

struct PythonOption {
  char letter = 0;
  std::string_view name{};  // without its dashes
  bool takes_value = false;
};

struct PythonWord {
  char letter = 0;  // of the option; 0 for a word that is none
  std::string value{};
};

// The words in their order up to the first mistake, which is the last then: letter '?', and why in `value`.
std::vector<PythonWord> parse_python_arguments(std::span<char* const> words, std::span<const PythonOption> options);

}  // namespace quell::compat
