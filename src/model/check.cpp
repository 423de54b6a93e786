// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/check.h"

#include <algorithm>
#include <array>

namespace quell {
namespace {

constexpr std::array all{Question::size,       Question::blank,      Question::repeated,  Question::regions,
                         Question::descriptor, Question::signatures, Question::checksums, Question::digests,
                         Question::structure,  Question::access};

}  // namespace

std::string_view to_string(Question question) noexcept {
  switch (question) {
    case Question::size: return "size";
    case Question::blank: return "blank";
    case Question::repeated: return "repeated";
    case Question::regions: return "regions";
    case Question::descriptor: return "descriptor";
    case Question::signatures: return "signatures";
    case Question::checksums: return "checksums";
    case Question::digests: return "digests";
    case Question::structure: return "structure";
    case Question::access: return "access";
  }
  return "structure";
}

std::span<const Question> questions() noexcept { return all; }

std::optional<Question> parse_question(std::string_view name) noexcept {
  const auto found = std::ranges::find_if(all, [&](Question one) { return to_string(one) == name; });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

std::string_view to_string(CheckState state) noexcept {
  switch (state) {
    case CheckState::held: return "held";
    case CheckState::failed: return "failed";
    case CheckState::absent: return "absent";
    case CheckState::not_checked: return "not-checked";
  }
  return "not-checked";
}

}  // namespace quell
