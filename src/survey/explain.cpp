// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/explain.h"

#include <algorithm>
#include <string>

#include "base/table.h"
#include "data/findings.h"

namespace quell {
namespace {

std::string lower(std::string_view word) {
  std::string out(word);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

template <class Known>
const Known* find(std::span<const Known> all, std::string_view word) {
  const auto found = std::ranges::find_if(all, [word](const Known& one) {
    return one.id == word || std::ranges::find(one.words, word) != one.words.end();
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

Explained look_up(std::string_view word) {
  static const Table table(data::findings);
  const std::string wanted = lower(word);
  if (const auto row = table.find("id", wanted)) {
    return KnownFinding{(*row)["id"],    (*row)["question"], (*row)["severity"],
                        (*row)["title"], (*row)["advice"],   (*row)["since"]};
  }
  if (const Subject* subject = find(subjects(), wanted)) return subject;
  if (const KnownQuestion* question = find(known_questions(), wanted)) return question;
  return {};
}

}  // namespace quell
