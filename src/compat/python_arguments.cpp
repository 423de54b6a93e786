// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/python_arguments.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace quell::compat {
namespace {

bool is_number(std::string_view text) {
  return text.size() > 1 && text.find_first_not_of("0123456789.", 1) == std::string_view::npos;
}

// An option as written: which one, and what follows it within the word.
struct Found {
  const PythonOption* option = nullptr;  // null for a word that looks like an option and is none, or like several
  std::optional<std::string_view> rest{};
};

class Reader {
 public:
  Reader(std::span<char* const> words, std::span<const PythonOption> options) : words_(words), options_(options) {}

  std::vector<PythonWord> read() {
    for (; at_ < words_.size() && !failed_; ++at_) {
      const std::string_view word = words_[at_];
      if (!only_words_ && word == "--") {
        only_words_ = true;
      } else if (const auto found = only_words_ ? std::nullopt : find(word)) {
        take(word, *found);
      } else {
        out_.push_back({0, std::string(word)});
      }
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] const PythonOption* by_letter(char letter) const {
    const auto found = std::ranges::find(options_, letter, &PythonOption::letter);
    return found == options_.end() ? nullptr : &*found;
  }

  [[nodiscard]] Found find_long(std::string_view name) const {
    const auto equals = name.find('=');
    const std::string_view start = name.substr(0, equals);
    Found found;
    if (equals != std::string_view::npos) found.rest = name.substr(equals + 1);
    if (const auto exact = std::ranges::find(options_, start, &PythonOption::name); exact != options_.end()) {
      found.option = &*exact;
      return found;
    }
    const auto begins = [start](const PythonOption& option) { return option.name.starts_with(start); };
    if (std::ranges::count_if(options_, begins) == 1) found.option = &*std::ranges::find_if(options_, begins);
    return found;
  }

  // Nothing for a word that is no option.
  [[nodiscard]] std::optional<Found> find(std::string_view word) const {
    if (word.size() < 2 || word.front() != '-') return std::nullopt;
    if (word.starts_with("--")) {
      const Found found = find_long(word.substr(2));
      if (found.option == nullptr && word.find(' ') != std::string_view::npos) return std::nullopt;
      return found;
    }
    const PythonOption* option = by_letter(word[1]);
    if (option == nullptr && (is_number(word) || word.find(' ') != std::string_view::npos)) return std::nullopt;
    Found found{option};
    if (word.size() > 2) found.rest = word.substr(word[2] == '=' ? 3 : 2);
    return found;
  }

  void take(std::string_view word, Found found) {
    const bool cluster = !word.starts_with("--");
    for (;;) {
      if (found.option == nullptr) return fail(fmt::format("unknown or ambiguous option {} (see --help)", word));
      if (found.option->takes_value) return take_value(*found.option, found.rest);
      if (found.rest && (!cluster || found.rest->empty() || word[2] == '='))
        return fail(fmt::format("option --{} takes no value", found.option->name));
      out_.push_back({found.option->letter, {}});
      if (!found.rest) return;
      const std::string_view rest = *found.rest;
      found = {by_letter(rest.front())};
      if (rest.size() > 1) found.rest = rest.substr(1);
    }
  }

  void take_value(const PythonOption& option, std::optional<std::string_view> value) {
    if (!value && at_ + 1 < words_.size()) {
      const std::string_view next = words_[at_ + 1];
      if (next != "--" && !find(next)) {
        value = next;
        ++at_;
      }
    }
    if (!value) return fail(fmt::format("option -{} (--{}) needs a value", option.letter, option.name));
    out_.push_back({option.letter, std::string(*value)});
  }

  void fail(std::string why) {
    failed_ = true;
    out_.push_back({'?', std::move(why)});
  }

  std::span<char* const> words_;
  std::span<const PythonOption> options_;
  std::size_t at_ = 0;
  bool only_words_ = false;
  bool failed_ = false;
  std::vector<PythonWord> out_{};
};

}  // namespace

std::vector<PythonWord> parse_python_arguments(std::span<char* const> words, std::span<const PythonOption> options) {
  return Reader(words, options).read();
}

}  // namespace quell::compat
