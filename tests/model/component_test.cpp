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

}  // namespace
}  // namespace quell
