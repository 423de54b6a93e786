// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/chip_fixture.h"

namespace quell::test {
namespace {

using ::testing::HasSubstr;

class GuideTest : public ChipFixture {
 protected:
  Outcome guide(std::string answers) {
    RunOptions options;
    options.input = std::move(answers);
    return quell({"guide", "--answers", "--allow-untested", "--accept-descriptor-alone"}, options);
  }
};

TEST_F(GuideTest, LeadsFromTheWiresToAVerifiedChip) {
  const Outcome outcome = guide("y\ny\ny\nW25Q80.V\n");
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("Written and verified"));
  EXPECT_THAT(outcome.output, HasSubstr("What to do next"));
  EXPECT_NE(chip().memory, original_);
}

TEST_F(GuideTest, CanBeLeftAtEveryQuestionAndTakenUpAgain) {
  // Wires, backup, image, chip's name: no to each in turn, then on from there.
  for (const char* answers : {"n\n", "y\nn\n", "y\ny\nn\n", "y\ny\n\n"}) {
    const Outcome outcome = guide(answers);
    EXPECT_EQ(chip().memory, original_) << answers;
    EXPECT_THAT(outcome.output + outcome.errors,
                ::testing::AnyOf(HasSubstr("Stopped here; nothing is lost"), HasSubstr("Not confirmed")));
  }
  const Outcome outcome = guide("y\nW25Q80.V\n");
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("Kept already"));
  EXPECT_THAT(outcome.output, HasSubstr("Prepared already"));
  EXPECT_NE(chip().memory, original_);
}

TEST_F(GuideTest, NeedsSomebodyToAnswer) { EXPECT_EQ(quell({"guide"}).status, 2); }

}  // namespace
}  // namespace quell::test
