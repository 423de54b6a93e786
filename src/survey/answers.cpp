// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/answers.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "quell/statement.h"

namespace quell {
namespace {

constexpr std::array questions{Asked::starts_before, Asked::runs_beside, Asked::network, Asked::reachable,
                               Asked::switch_off};

// What the table says of every engine of the kind; nothing that only a weak source knows.
ShortAnswer general(std::string_view engine, Asked asked) {
  const Statement* known = statement_on(engine, to_string(asked));
  if (known == nullptr || known->strength == Strength::low)
    return {asked, Holds::unknown, Basis::general, "nothing sure is known"};
  return {asked, known->holds.value_or(Holds::unknown), Basis::general, std::string(known->short_answer)};
}

void complete(std::vector<ShortAnswer>& answers, std::string_view engine) {
  std::vector<ShortAnswer> all;
  for (const Asked asked : questions) {
    const auto seen = std::ranges::find(answers, asked, &ShortAnswer::asked);
    all.push_back(seen == answers.end() ? general(engine, asked) : std::move(*seen));
  }
  answers = std::move(all);
}

void answer_all(EngineStatus& engine, std::string_view text) {
  for (const Asked asked : questions)
    engine.answers.push_back({asked, Holds::unknown, Basis::observed, std::string(text)});
}

// Where the engine itself could not be seen, nothing general is said of it either.
void answer_unseen(EngineStatus& engine) {
  if (engine.verdict == Verdict::not_visible) answer_all(engine, "cannot be seen from a virtual machine");
  if (engine.verdict == Verdict::hypervisor_only) answer_all(engine, "cannot be seen behind the hypervisor");
  if (engine.verdict == Verdict::none_found) answer_all(engine, "none announces itself");
}

const ShortAnswer* answer_to(const EngineStatus& engine, Asked asked) {
  const auto found = std::ranges::find(engine.answers, asked, &ShortAnswer::asked);
  return found == engine.answers.end() ? nullptr : &*found;
}

Holds holds(const EngineStatus& engine, Asked asked) {
  const ShortAnswer* answer = answer_to(engine, asked);
  return answer == nullptr ? Holds::unknown : answer->holds;
}

bool is_unseen(const EngineStatus& engine) noexcept {
  return engine.verdict == Verdict::unknown || engine.verdict == Verdict::unreadable;
}

std::string running(const EngineStatus& engine) {
  switch (holds(engine, Asked::runs_beside)) {
    case Holds::yes: return "is running";
    case Holds::no: return fmt::format("is off ({})", engine.verdict_title);
    case Holds::partly: return "runs when it is called";
    case Holds::unknown: break;
  }
  return is_unseen(engine) ? "is there, and whether it runs cannot be told from here"
                           : fmt::format("is in a state to be looked at ({})", engine.verdict_title);
}

std::string_view reached(const EngineStatus& engine) {
  switch (holds(engine, Asked::reachable)) {
    case Holds::yes: return "it can be reached over the network";
    case Holds::no: return "nobody reaches it over the network";
    case Holds::partly: return "it can be reached over the network where it was set up";
    case Holds::unknown: break;
  }
  return "whether it can be reached over the network cannot be told from here";
}

std::string switched(const EngineStatus& engine) {
  if (holds(engine, Asked::runs_beside) == Holds::no) return "there is nothing left to switch off";
  const bool by_chip = std::ranges::any_of(engine.options, by_cleaning, &QuietingOption::does);
  switch (holds(engine, Asked::switch_off)) {
    case Holds::yes:
      return by_chip ? "it can be switched off by writing its flash chip (`quell guide`)" : "it can be switched off";
    case Holds::no: return "it cannot be switched off";
    case Holds::partly: return fmt::format("it can be switched off {}", answer_to(engine, Asked::switch_off)->text);
    case Holds::unknown: break;
  }
  return "whether it can be switched off cannot be told from here";
}

std::string name_of(const EngineStatus& engine) {
  const auto known = std::ranges::find(subjects(), engine.engine, &Subject::id);
  return known == subjects().end() ? engine.title : std::string(known->called);
}

std::string sentence_on(const EngineStatus& engine) {
  const bool all_unknown = is_unseen(engine) && holds(engine, Asked::runs_beside) == Holds::unknown &&
                           holds(engine, Asked::reachable) == Holds::unknown &&
                           holds(engine, Asked::switch_off) == Holds::unknown;
  if (all_unknown) {
    return fmt::format(
        "{} is there; whether it runs, can be reached over the network or can be switched off cannot be told from "
        "here.",
        name_of(engine));
  }
  return fmt::format("{} {}; {}; {}.", name_of(engine), running(engine), reached(engine), switched(engine));
}

}  // namespace

void answer(Report& report) {
  for (EngineReport& engine : report.engines) complete(engine.answers, engine.engine);
}

void answer(HostStatus& status) {
  for (EngineStatus& engine : status.engines) {
    answer_unseen(engine);
    complete(engine.answers, engine.engine);
  }
}

std::string in_one_sentence(const HostStatus& status) {
  std::string out;
  for (const EngineStatus& engine : status.engines) {
    if (engine.verdict == Verdict::none_found) continue;  // a question that was put, no engine that was found
    std::string sentence = sentence_on(engine);
    if (!sentence.empty())
      sentence[0] = static_cast<char>(sentence[0] >= 'a' && sentence[0] <= 'z' ? sentence[0] - 32 : sentence[0]);
    out += fmt::format("{}{}", out.empty() ? "" : " ", sentence);
  }
  if (!out.empty()) return out;
  return status.virtual_machine ? "This is a virtual machine: the engine of the computer it runs on cannot be seen."
                                : "No hidden computer that quell knows shows itself here.";
}

}  // namespace quell
