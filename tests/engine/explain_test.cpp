// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>

#include <gmock/gmock.h>

#include "quell/engine.h"
#include "quell/statement.h"

namespace quell {
namespace {

class Named final : public Engine {
 public:
  explicit Named(std::string_view id) : id_(id) {}
  [[nodiscard]] std::string_view id() const noexcept override { return id_; }

 private:
  std::string_view id_;
};

std::optional<Holds> holds(std::string_view engine, std::string_view question) {
  const Statement* statement = statement_on(engine, question);
  return statement == nullptr ? std::nullopt : statement->holds;
}

std::string text(std::string_view engine, std::string_view question) {
  const Statement* statement = statement_on(engine, question);
  return statement == nullptr ? std::string() : std::string(statement->long_answer);
}

TEST(Explain, AnswersByTheIdOfTheEngine) {
  const auto statements = Named("intel-me").explain();
  ASSERT_FALSE(statements.empty());
  EXPECT_TRUE(std::ranges::all_of(statements, [](const Statement& one) { return one.engine == "intel-me"; }));
}

TEST(Explain, HasNothingToSayOfAnEngineWithoutRows) { EXPECT_TRUE(Named("toy").explain().empty()); }

TEST(Explain, AnswersEveryQuestionForEveryEngineWithStrengthAndSource) {
  EXPECT_EQ(statements().size(), subjects().size() * known_questions().size());
  for (const Subject& subject : subjects()) {
    for (const KnownQuestion& question : known_questions()) {
      const Statement* one = statement_on(subject.id, question.id);
      ASSERT_NE(one, nullptr) << subject.id << " " << question.id;
      EXPECT_NE(one->short_answer, "") << subject.id << " " << question.id;
      EXPECT_NE(one->long_answer, "") << subject.id << " " << question.id;
      EXPECT_NE(one->source, "") << subject.id << " " << question.id;
    }
  }
}

TEST(Explain, KnowsEveryEngineThatReportsCanName) {
  for (const Engine* engine : engines()) EXPECT_FALSE(engine->explain().empty()) << engine->id();
}

TEST(Explain, AnswersYesOrNoTheSameWayForAllEngines) {
  for (const KnownQuestion& question : known_questions()) {
    const bool first = holds(subjects().front().id, question.id).has_value();
    for (const Subject& subject : subjects())
      EXPECT_EQ(holds(subject.id, question.id).has_value(), first) << subject.id << " " << question.id;
  }
}

TEST(Explain, CallsNothingAFactThatOnlyAWeakSourceKnows) {
  for (const Statement& one : statements()) {
    if (one.strength == Strength::low) continue;
    EXPECT_THAT(std::string(one.long_answer), testing::Not(testing::HasSubstr("is said to"))) << one.question;
  }
}

// What is commonly believed and contradicted by the sources.
TEST(Explain, PutsCommonBeliefsRight) {
  EXPECT_EQ(holds("intel-amt", "mac-and-ip"), Holds::partly);
  EXPECT_THAT(text("intel-amt", "mac-and-ip"), testing::HasSubstr("uses the host's MAC address"));
  EXPECT_EQ(holds("arm-tee", "own-processor"), Holds::no);
  for (const char* engine : {"intel-me", "amd-psp"}) {
    EXPECT_EQ(holds(engine, "secure-boot"), Holds::no);
    EXPECT_THAT(text(engine, "secure-boot"), testing::HasSubstr("Secure Boot is checked by the BIOS"));
  }
  EXPECT_EQ(holds("bmc", "network-stack"), Holds::yes);
  EXPECT_EQ(holds("raspberry-pi", "network-stack"), Holds::partly);
  EXPECT_EQ(holds("amd-psp", "network-stack"), Holds::no);
  EXPECT_EQ(holds("intel-boot-guard", "own-processor"), Holds::no);
  EXPECT_THAT(text("intel-me", "vendor-name"), testing::HasSubstr("No maker calls it \"MSE\""));
  EXPECT_EQ(holds("intel-isse", "switch-off"), Holds::no);
  EXPECT_THAT(text("intel-isse", "switch-off"), testing::HasSubstr("inference"));
}

// Blanks and hyphens tell no words apart.
TEST(Explain, FindsEachWordOnce) {
  std::vector<std::string> words;
  const auto add = [&words](std::string_view word) { std::erase(words.emplace_back(word), '-'); };
  for (const Subject& subject : subjects()) {
    add(subject.id);
    std::ranges::for_each(subject.words, add);
  }
  for (const KnownQuestion& question : known_questions()) {
    add(question.id);
    std::ranges::for_each(question.words, add);
  }
  std::ranges::sort(words);
  const auto twice = std::ranges::adjacent_find(words);
  EXPECT_TRUE(twice == words.end()) << (twice == words.end() ? "" : *twice);
}

}  // namespace
}  // namespace quell
