// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/component.h"

#include <gmock/gmock.h>

namespace quell {
namespace {

using testing::ElementsAre;

Component named(std::string name) { return {"module", std::move(name)}; }

TEST(ComponentPaths, AreUniqueAndStable) {
  Component root{"region", "me"};
  root.children = {named("FTPR"), named("FTPR"), named("FTPR#2"), named(""), named("a/b"), named("FTPR")};
  EXPECT_THAT(child_paths(root, ""), ElementsAre("FTPR", "FTPR#2", "FTPR#2#2", "module", "a_b", "FTPR#3"));
  EXPECT_THAT(child_paths(root, "ME").front(), "ME/FTPR");
}

TEST(ComponentChecks, AreTakenWithThePathOfTheirComponent) {
  Component root{"region", "me"};
  root.children = {named("FTPR"), named("FTPR")};
  root.checks.push_back({.subject = "table"});
  root.children.back().children.push_back(named("pm"));
  root.children.back().children.back().checks.push_back({.subject = "digest"});
  const std::vector<Check> checks = take_checks(root);
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_EQ(checks[0].node, "");
  EXPECT_EQ(checks[1].node, "FTPR#2/pm");
  EXPECT_TRUE(take_checks(root).empty());
}

Component at(std::string name, std::uint64_t offset, std::uint64_t size) {
  return {"module", std::move(name), {offset, size}};
}

TEST(PathFinder, TellsTheInnermostComponentOfARange) {
  Component root = at("image", 0, 100);
  root.children = {at("late", 50, 20), named("row"), at("early", 0, 40), at("early", 10, 10), at("over", 5, 60)};
  root.children[2].children = {at("head", 0, 8)};
  PathFinder finder(root);
  const std::vector<std::pair<Range, std::string>> cases = {
      {{0, 4}, "early/head"}, {{0, 9}, "early"}, {{12, 4}, "early#2"}, {{30, 20}, "over"},
      {{55, 5}, "late"},      {{64, 8}, ""},     {{90, 5}, ""},        {{~std::uint64_t{0}, 1}, ""},
  };
  for (const auto& [range, path] : cases) EXPECT_EQ(finder.path_of(range), path) << range.offset;
}

// A damaged file has as many findings as parts.
TEST(PathFinder, TakesNoLongerARangeWhereThereAreMany) {
  constexpr std::uint64_t many = 100'000;
  Component root = at("image", 0, many * 16);
  for (std::uint64_t i = 0; i < many; ++i) root.children.push_back(at("module", i * 16, 16));
  PathFinder finder(root);
  std::uint64_t named_right = 0;
  for (std::uint64_t i = 1; i < many; ++i) {
    named_right += finder.path_of({i * 16, 4}) == "module#" + std::to_string(i + 1) ? 1U : 0U;
  }
  EXPECT_EQ(named_right, many - 1);
}

}  // namespace
}  // namespace quell
