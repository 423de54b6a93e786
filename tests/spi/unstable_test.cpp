// SPDX-License-Identifier: GPL-2.0-or-later
// Reads that wobble, and the chip the library would erase.
#include "spi/chip_fixture.h"

namespace quell::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Unstable : public ChipFixture, public ::testing::WithParamInterface<std::tuple<double, int>> {};

// Whatever the rate: nothing, or the true content. With --vote too.
TEST_P(Unstable, NeverBecomesABackupUnlessItIsTheTruth) {
  const auto [rate, seed] = GetParam();
  server_ = std::make_unique<SerprogServer>(FlashModel(small_chip, original_, static_cast<std::uint64_t>(seed)));
  chip().faults.flips = rate;
  const std::string truth = to_hex(sha256(original_));
  for (const bool vote : {false, true}) {
    const Outcome outcome = vote ? backup({"--vote"}) : backup();
    if (outcome.status == 0) {
      EXPECT_EQ(objects(), std::set<std::string>{truth});
    } else {
      EXPECT_EQ(outcome.status, 5) << outcome.errors;
      EXPECT_THAT(outcome.errors, HasSubstr("The reads do not agree"));
      EXPECT_THAT(outcome.errors, HasSubstr("Where the reads differ:"));
      EXPECT_THAT(outcome.errors, HasSubstr("check the length of the wires"));
      if (!vote) {
        EXPECT_THAT(objects(), IsEmpty());
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rates, Unstable,
                         ::testing::Combine(::testing::Values(1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3),
                                            ::testing::Values(1, 2, 3)));

using UnstableChip = ChipFixture;

TEST_F(UnstableChip, IsReadAtALowerClockWhereThatHelps) {
  programmer_extra_ = ",spispeed=8M";
  chip().faults.flips = 1e-5;
  chip().faults.flips_below_hz = 2'000'000;
  const Outcome outcome = backup();
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(objects(), std::set<std::string>{to_hex(sha256(original_))});
  EXPECT_THAT(outcome.errors, HasSubstr("trying at 4000 kHz"));
  EXPECT_THAT(outcome.errors, HasSubstr("trying at 2000 kHz"));
  EXPECT_THAT(outcome.output, HasSubstr("me "));  // the map by region
}

TEST_F(UnstableChip, ABitThatAlwaysReadsWrongIsCaughtByTheStructure) {
  const auto manifest = ByteView(original_).find(as_bytes("$MN2"));
  ASSERT_TRUE(manifest.has_value());
  chip().faults.wrong_at = *manifest + 0x10;
  const Outcome outcome = backup();
  EXPECT_EQ(outcome.status, 4) << outcome.output;
  EXPECT_THAT(outcome.errors, HasSubstr("this is not a usable backup"));
  EXPECT_THAT(objects(), IsEmpty());
}

TEST_F(UnstableChip, OneReadThatEqualsTheBackupIsEnoughToFlash) {
  ASSERT_EQ(backup().status, 0);
  const std::uint64_t before = chip().bytes_read;
  const Outcome outcome = flash();
  ASSERT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(chip().memory, target_);
  // The read before and the verification, each of the whole chip; the units are read on top.
  EXPECT_LT(chip().bytes_read - before, 3 * small_size);
}

struct EraseCase {
  const char* name;
  std::function<void(Faults&)> fault;
};

class WholeChipErase : public ChipFixture, public ::testing::WithParamInterface<EraseCase> {};

// docs/formats/flashing.md#the-write-algorithm: what makes libflashrom 1.3.0 erase the entire chip when it is given a
// whole image.
TEST_P(WholeChipErase, OnlyBlocksOfThePlanAreEverErased) {
  ASSERT_EQ(backup().status, 0);
  GetParam().fault(chip().faults);
  EXPECT_NE(flash({"--patience", "2"}).status, 0);
  const std::set<std::uint64_t> plan{0x0, 0x20000, 0x31000, 0x32000, 0x4F000};
  for (const auto& [offset, size] : chip().erased) {
    EXPECT_EQ(size, 4096U) << offset;
    EXPECT_TRUE(plan.contains(offset)) << offset;
  }
  for (const unsigned opcode : {0x60U, 0xC7U, 0xD8U, 0x52U}) EXPECT_EQ(chip().opcodes[opcode], 0U) << opcode;
  for (std::uint64_t at = 0; at < small_size; at += 4096) {
    if (plan.contains(at)) continue;
    ASSERT_TRUE(equal(Bytes(chip().memory).subspan(at, 4096), Bytes(original_).subspan(at, 4096))) << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, WholeChipErase,
                         ::testing::Values(EraseCase{"PageProgramRefused", [](Faults& f) { f.refuse_program = true; }},
                                           EraseCase{"DataOutLowAfterTwentyPages",
                                                     [](Faults& f) { f.low_after_pages = 20; }},
                                           EraseCase{"DataOutLow", [](Faults& f) { f.low_after_pages = 1; }},
                                           EraseCase{"DataOutHigh", [](Faults& f) { f.high_after_pages = 20; }},
                                           EraseCase{"ChipDead", [](Faults& f) { f.dead_after_pages = 20; }},
                                           EraseCase{"EraseIgnored", [](Faults& f) { f.ignore_erase = true; }}),
                         [](const auto& c) { return c.param.name; });

}  // namespace
}  // namespace quell::test
