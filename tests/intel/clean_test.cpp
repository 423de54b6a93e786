// SPDX-License-Identifier: GPL-2.0-or-later
// Cleaning on synthetic machines: what it must do.
#include <algorithm>

#include <gtest/gtest.h>

#include "intel/clean_support.h"
#include "quell/flash/descriptor.h"

namespace quell::intel::test {
namespace {

class EveryRegion : public ::testing::TestWithParam<IntelFlavour> {};

TEST_P(EveryRegion, StrippingLeavesOnlyFtprAndAValidSignature) {
  const auto cleaned = clean(specimen::intel_me_region(GetParam()), strip_options());
  ASSERT_TRUE(cleaned.has_value()) << cleaned.error().message;
  const MeRegion me = parse(cleaned->bytes);
  ASSERT_EQ(me.table.entries.size(), 1U);
  EXPECT_EQ(me.table.entries[0].name, "FTPR");
  EXPECT_TRUE(me.table.checksum_valid);
  EXPECT_EQ(me.table.flags & 1U, 0U) << "the EFFS flag stays set";
  EXPECT_EQ(verify_signature(me.manifest), SignatureState::valid);
}

TEST_P(EveryRegion, StrippingTwiceChangesNothingMore) {
  const auto once = clean(specimen::intel_me_region(GetParam()), strip_options());
  ASSERT_TRUE(once.has_value());
  const auto twice = clean(once->bytes, strip_options());
  ASSERT_TRUE(twice.has_value()) << twice.error().message;
  EXPECT_TRUE(twice->plan.plan.empty());
}

TEST_P(EveryRegion, RelocatedAndTruncatedItStillParsesAndVerifies) {
  CleanOptions options = strip_options();
  options.relocate = options.truncate = true;
  const Buffer region = specimen::intel_me_region(GetParam());
  const auto cleaned = clean(region, options);
  ASSERT_TRUE(cleaned.has_value()) << cleaned.error().message;
  EXPECT_LT(cleaned->bytes.size(), region.size());
  EXPECT_EQ(cleaned->bytes.size() % 0x1000, 0U);
  const MeRegion me = parse(cleaned->bytes);
  EXPECT_LT(me.code_offset(), parse(region).code_offset());
  EXPECT_EQ(verify_signature(me.manifest), SignatureState::valid);
}

TEST_P(EveryRegion, KeptModulesAreUntouched) {
  CleanOptions options = strip_options();
  options.keep_modules = true;
  const Buffer region = specimen::intel_me_region(GetParam());
  const auto cleaned = clean(region, options);
  ASSERT_TRUE(cleaned.has_value());
  const Range code = parse(region).code_partition.range(region.size());
  EXPECT_TRUE(equal(ByteView(region).clip(code).bytes(), ByteView(cleaned->bytes).clip(code).bytes()));
}

TEST_P(EveryRegion, AKeptPartitionKeepsItsRow) {
  const Buffer region = specimen::intel_me_region(GetParam());
  const MeRegion before = parse(region);
  const auto other = std::ranges::find_if(before.table.entries, [&](const FptEntry& entry) {
    return entry.has_data() && entry.name != "FTPR" &&
           !entry.range(region.size()).intersects(before.code_partition.range(region.size()));
  });
  ASSERT_NE(other, before.table.entries.end());
  CleanOptions options = strip_options();
  options.keep = {other->name};
  const auto cleaned = clean(region, options);
  ASSERT_TRUE(cleaned.has_value()) << cleaned.error().message;
  const FptEntry* kept = parse(cleaned->bytes).table.find(other->name);
  ASSERT_NE(kept, nullptr);
}

TEST_P(EveryRegion, ABareRegionHasNoDisableBit) {
  const auto cleaned = clean(specimen::intel_me_region(GetParam()), soft_options());
  EXPECT_EQ(cleaned.error().code, Errc::usage);
}

TEST_P(EveryRegion, EveryTruncationIsRefusedWithoutOutput) {
  const Buffer region = specimen::intel_me_region(GetParam());
  const MeRegion me = parse(region);
  const Range code = me.code_partition.range(region.size());
  for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{0x10}, std::uint64_t{0x13}, me.table.range.end() - 1,
                                   code.offset, code.offset + 0x100, code.end() - 1}) {
    const Buffer cut(region.begin(), region.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(clean(cut, strip_options()).has_value()) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Clean, EveryRegion,
                         ::testing::Values(IntelFlavour::me8, IntelFlavour::txe1, IntelFlavour::me11),
                         [](const auto& test) { return std::string(to_string(test.param)); });

TEST(CleanSoft, ChangesExactlyOneBitOnEveryGenerationFromTwo) {
  for (const IntelFlavour flavour : {IntelFlavour::me8, IntelFlavour::txe1, IntelFlavour::me11}) {
    SCOPED_TRACE(to_string(flavour));
    const Buffer dump = specimen::intel_dump(flavour);
    const auto cleaned = clean(dump, soft_options());
    ASSERT_TRUE(cleaned.has_value()) << cleaned.error().message;
    unsigned bits = 0;
    for (std::size_t i = 0; i < dump.size(); ++i) {
      for (auto difference = std::to_integer<unsigned>(dump[i] ^ cleaned->bytes[i]); difference != 0;
           difference &= difference - 1)
        ++bits;
    }
    EXPECT_EQ(bits, 1U);
  }
}

TEST(CleanGeneration1, SoftSetsTwoStrapBitsAndLeavesTheRegion) {
  const Buffer dump = specimen::intel_dump(IntelFlavour::me5);
  const auto cleaned = clean(dump, soft_options());
  ASSERT_TRUE(cleaned.has_value()) << cleaned.error().message;
  const auto before = flash::parse_descriptor(ByteView(dump)).value();
  const auto after = flash::parse_descriptor(ByteView(cleaned->bytes)).value();
  EXPECT_EQ(after.straps[0], before.straps[0] | 1U);
  EXPECT_EQ(after.mch_straps[0], before.mch_straps[0] | 1U);
  EXPECT_TRUE(after.me()->in_use());
}

TEST(CleanGeneration1, StrippingErasesTheRegionAndFreesIt) {
  const Buffer dump = specimen::intel_dump(IntelFlavour::me5);
  const auto cleaned = clean(dump, strip_options());
  ASSERT_TRUE(cleaned.has_value()) << cleaned.error().message;
  const auto before = flash::parse_descriptor(ByteView(dump)).value();
  const auto after = flash::parse_descriptor(ByteView(cleaned->bytes)).value();
  EXPECT_FALSE(after.me()->in_use());
  EXPECT_TRUE(ByteView(cleaned->bytes).clip(before.me()->range).filled_with(std::byte{0xFF}));
}

TEST(CleanGeneration1, ABareRegionIsLeftAloneAndThatIsSaid) {
  const Buffer region = specimen::intel_me_region(IntelFlavour::me5);
  const auto cleaned = clean(region, strip_options());
  ASSERT_TRUE(cleaned.has_value());
  EXPECT_TRUE(cleaned->plan.plan.empty());
  EXPECT_FALSE(cleaned->plan.notices.empty());
}

TEST(CleanLockOut, LetsTheMeReachNothingButItself) {
  CleanOptions options = strip_options();
  options.lock_out = true;
  const auto old = clean(specimen::intel_dump(IntelFlavour::me8), options);
  ASSERT_TRUE(old.has_value());
  EXPECT_EQ(flash::parse_descriptor(ByteView(old->bytes))->masters[1] & 0xFFFF0000U, 0x04040000U);
  const auto recent = clean(specimen::intel_dump(IntelFlavour::me11), options);
  ASSERT_TRUE(recent.has_value());
  EXPECT_EQ(flash::parse_descriptor(ByteView(recent->bytes))->masters[1], 0x00400500U);
}

TEST(CleanTruncate, MovesTheBordersInTheExtractedDescriptorOnly) {
  CleanOptions options = strip_options();
  options.truncate = options.relocate = true;
  const Buffer dump = specimen::intel_dump(IntelFlavour::me8);
  const auto cleaned = clean(dump, options);
  ASSERT_TRUE(cleaned.has_value());
  EXPECT_EQ(cleaned->bytes.size(), dump.size());
  const auto before = flash::parse_descriptor(ByteView(dump)).value();
  const auto whole = flash::parse_descriptor(ByteView(cleaned->bytes)).value();
  EXPECT_EQ(whole.me()->range, before.me()->range);
  const Buffer me = extracted_me(cleaned->plan, ByteView(cleaned->bytes)).value();
  EXPECT_EQ(me.size(), *cleaned->plan.minimum_size);
  const bool adjacent = before.region(1)->range.offset == before.me()->range.end();
  EXPECT_EQ(cleaned->plan.borders.size(), adjacent ? 2U : 0U);
}

TEST(CleanPartitions, ANameThatIsNotAsciiIsAnOrdinaryRow) {
  const Buffer region = specimen::intel_me_region(IntelFlavour::me8);
  const MeRegion me = parse(region);
  const auto other = std::ranges::find_if(me.table.entries, [](const FptEntry& e) { return e.name != "FTPR"; });
  const Buffer odd = changed(region, [&](Canvas& canvas) { canvas.u32(other->row_offset, 0x200015E0); });
  EXPECT_TRUE(clean(odd, strip_options()).has_value());
}

TEST(CleanPartitions, AListedNameThatIsNotThereIsSaid) {
  CleanOptions options = strip_options();
  options.keep = {"NOPE"};
  const auto cleaned = clean(specimen::intel_me_region(IntelFlavour::me8), options);
  ASSERT_TRUE(cleaned.has_value());
  EXPECT_NE(std::ranges::find(cleaned->plan.notices, "intel.clean.no-such-partition", &Finding::id),
            cleaned->plan.notices.end());
}

TEST(CleanModules, EssentialOnesSurviveOthersDoNot) {
  const Buffer region = specimen::intel_me_region(IntelFlavour::me8);
  const MeRegion me = parse(region);
  const auto cleaned = clean(region, strip_options());
  ASSERT_TRUE(cleaned.has_value());
  EXPECT_NO_FATAL_FAILURE(module_named(me, "BUP"));
  for (const Gen2Module& module : me.modules->modules) {
    if (module.is_huffman()) continue;
    const Range range{me.code_offset() + module.data_offset, module.stored_size};
    const bool erased = ByteView(cleaned->bytes).clip(range).filled_with(std::byte{0xFF});
    EXPECT_EQ(erased, !module.essential()) << module.name;
  }
  const auto extents = chunk_extents(*me.llut, me.modules->modules).value();
  for (const ChunkExtent& extent : extents) {
    if (extent.range.empty()) continue;
    EXPECT_EQ(ByteView(cleaned->bytes).clip(extent.range).filled_with(std::byte{0xFF}), !extent.essential)
        << extent.range.offset;
  }
}

// The firmware finds its Huffman chunks by the table, wherever the partition lies.
TEST(CleanRelocate, EveryChunkIsWhereTheTableSays) {
  CleanOptions options = strip_options();
  options.relocate = true;
  const Buffer region = specimen::intel_me_region(IntelFlavour::me8);
  const MeRegion before = parse(region);
  const Buffer moved = clean(region, options).value().bytes;
  const MeRegion after = parse(moved);
  ASSERT_LT(after.code_offset(), before.code_offset());
  const std::uint64_t distance = before.code_offset() - after.code_offset();
  EXPECT_EQ(after.llut->offset + distance, before.llut->offset);
  EXPECT_EQ(after.llut->stream_offset + distance, before.llut->stream_offset);
  EXPECT_EQ(after.llut->spi_base + std::uint64_t{after.llut->table_key}, after.llut->offset + Llut::header_size);
  ASSERT_EQ(after.llut->entries.size(), before.llut->entries.size());
  for (std::size_t i = 0; i < after.llut->entries.size(); ++i) {
    const std::uint32_t old = before.llut->entries[i];
    EXPECT_EQ(after.llut->entries[i], Llut::live_offset(old) ? old - static_cast<std::uint32_t>(distance) : old) << i;
  }
  std::uint64_t kept = 0;
  const auto extents = chunk_extents(*before.llut, before.modules->modules).value();
  for (const ChunkExtent& extent : extents) {
    if (!extent.essential) continue;
    const Range there{extent.range.offset - distance, extent.range.size};
    EXPECT_TRUE(equal(ByteView(region).clip(extent.range).bytes(), ByteView(moved).clip(there).bytes()))
        << extent.range.offset;
    kept += there.size;
  }
  EXPECT_GT(kept, 0U);
}

TEST(CleanRelocate, APlainModuleMovesWithItsPartition) {
  CleanOptions options = strip_options();
  options.relocate = true;
  const Buffer region = specimen::intel_me_region(IntelFlavour::txe1);
  const MeRegion before = parse(region);
  const Buffer moved = clean(region, options).value().bytes;
  const std::uint64_t distance = before.code_offset() - parse(moved).code_offset();
  const Gen2Module& bup = module_named(before, "BUP");
  const Range old{before.code_offset() + bup.data_offset, bup.stored_size};
  EXPECT_GT(distance, 0U);
  EXPECT_TRUE(
      equal(ByteView(region).clip(old).bytes(), ByteView(moved).clip({old.offset - distance, old.size}).bytes()));
}

// Where me_cleaner sets the bit, without a question about the platform.
TEST(CleanSoft, TheReferencePlaceIsOneOfTwo) {
  struct Case {
    IntelFlavour flavour;
    std::uint64_t strap;
    std::uint32_t mask;
    int warnings;  // the place of Bay Trail's bit is not confirmed
  };
  for (const Case& c : {Case{IntelFlavour::me8, 10, 0x80, 0}, Case{IntelFlavour::txe1, 10, 0x80, 1},
                        Case{IntelFlavour::me11, 0, 0x10000, 0}}) {
    SCOPED_TRACE(to_string(c.flavour));
    CleanOptions options;
    options.strip = false;
    options.soft_disable = options.like_me_cleaner = true;
    const Buffer dump = specimen::intel_dump(c.flavour);
    const auto cleaned = clean(dump, options);
    ASSERT_TRUE(cleaned.has_value()) << cleaned.error().message;
    auto straps = flash::parse_descriptor(ByteView(dump)).value().straps;
    straps.at(c.strap) |= c.mask;
    EXPECT_EQ(flash::parse_descriptor(ByteView(cleaned->bytes)).value().straps, straps);
    EXPECT_EQ(std::ranges::count(cleaned->plan.notices, "intel.clean.weak-disable-bit", &Finding::id), c.warnings);
  }
}

}  // namespace
}  // namespace quell::intel::test
