// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <gmock/gmock.h>

#include "quell/engine.h"

namespace quell {
namespace {

class Named final : public Engine {
 public:
  explicit Named(std::string_view id) : id_(id) {}
  [[nodiscard]] std::string_view id() const noexcept override { return id_; }

 private:
  std::string_view id_;
};

// The short answer; empty where nothing good enough is known.
std::string_view answer(std::string_view engine, std::string_view question) {
  const Named named(engine);
  const auto statements = named.explain();
  const auto found = std::find_if(statements.begin(), statements.end(),
                                  [question](const Statement& one) { return one.question == question; });
  return found == statements.end() ? std::string_view{} : found->short_answer;
}

TEST(Explain, AnswersByTheIdOfTheEngine) {
  EXPECT_EQ(answer("intel-me", "own-processor"), "yes");
  EXPECT_EQ(answer("intel-me", "network-stack"), "only with AMT");
  EXPECT_EQ(answer("intel-boot-guard", "switch-off"), "no, not by the disable bit");
  EXPECT_EQ(answer("amd-psp", "switch-off"), "no");
  EXPECT_EQ(answer("arm-tee", "own-processor"), "no");
  EXPECT_EQ(answer("apple-sep", "network-stack"), "none");
  EXPECT_EQ(answer("raspberry-pi", "network-stack"), "yes, while booting");
}

TEST(Explain, HasNothingToSayOfAnEngineWithoutRows) { EXPECT_TRUE(Named("toy").explain().empty()); }

TEST(Explain, GivesEveryAnswerItsStrengthAndSource) {
  for (const Statement& one : Named("intel-me").explain()) {
    EXPECT_THAT(one.strength, testing::AnyOf("H", "M")) << one.question;
    EXPECT_NE(one.long_answer, "") << one.question;
    EXPECT_NE(one.source, "") << one.question;
  }
}

TEST(Explain, AnswersForEveryEngineThereIs) {
  for (const Engine* engine : engines()) EXPECT_FALSE(engine->explain().empty()) << engine->id();
}

}  // namespace
}  // namespace quell
