// SPDX-License-Identifier: GPL-2.0-or-later
// Cleaning on synthetic machines: what it must do, and what it must refuse without leaving anything behind.
#include "quell/intel/clean.h"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "quell/flash/descriptor.h"
#include "quell/flash/recognise.h"
#include "quell/intel/me_region.h"
#include "quell/specimen/intel.h"
#include "quell/specimen/other.h"
#include "quell/specimen/specimen.h"

namespace quell::intel {
namespace {

using specimen::Canvas;
using specimen::IntelFlavour;

CleanOptions strip_options() {
  CleanOptions options;
  options.accept_boot_guard = true;
  return options;
}

CleanOptions soft_options() {
  CleanOptions options;
  options.strip = false;
  options.soft_disable = true;
  // The specimens are signed with worthless keys, so their firmware proves nothing.
  options.disable.accept_descriptor_alone = true;
  options.disable.accept_reported = true;
  return options;
}

struct Cleaned {
  CleanPlan plan;
  Buffer bytes;
};

Result<Cleaned> clean(const Buffer& bytes, const CleanOptions& options) {
  const Image image("specimen", ByteView(bytes));
  QUELL_TRY(auto plan, plan_clean(image, options));
  QUELL_TRY(auto output, apply_clean(plan, image));
  return Cleaned{std::move(plan), std::move(output)};
}

MeRegion parse(const Buffer& region) { return parse_me_region(ByteView(region), false).value(); }

Buffer changed(const Buffer& bytes, const std::function<void(Canvas&)>& change) {
  Canvas canvas(bytes.size());
  canvas.put(0, bytes);
  change(canvas);
  return canvas.bytes();
}

const Gen2Module& module_named(const MeRegion& me, std::string_view name) {
  return *std::ranges::find(me.modules->modules, name, &Gen2Module::name);
}

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

TEST(CleanRefusals, StrippingMe12OrBootGuardUnknownNamesTheFlag) {
  const Buffer me11 = specimen::intel_me_region(IntelFlavour::me11);
  const auto unknown = clean(me11, CleanOptions{});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, Errc::refused);
  EXPECT_NE(unknown.error().message.find("--accept-boot-guard"), std::string::npos);
  EXPECT_TRUE(clean(specimen::intel_me_region(IntelFlavour::me8), CleanOptions{}).has_value())
      << "ME 8 predates Boot Guard";
}

// A dump whose BIOS region, for the sake of the test, begins with the ME region: its table then can cover that one.
TEST(CleanRefusals, BytesThatTheFirmwareTableCoversStay) {
  Buffer dump = specimen::intel_dump(IntelFlavour::me8);
  const Buffer bios = specimen::bios_region(specimen::BootGuardFlavour::none);
  std::ranges::copy(bios, dump.end() - static_cast<std::ptrdiff_t>(bios.size()));
  const auto descriptor = flash::parse_descriptor(ByteView(dump)).value();
  const Range me = descriptor.me()->range;
  const std::uint64_t last = dump.size() / 0x1000 - 1;
  specimen::Canvas canvas(dump.size());
  canvas.put(0, dump).u32(descriptor.region(1)->word_offset,
                          static_cast<std::uint32_t>(last << 16U | me.offset / 0x1000));
  CleanOptions options;
  options.accept_overlaps = true;
  const auto plan = [&] {
    Image image("specimen", ByteView(canvas.bytes()));
    flash::recognise(image);
    return plan_clean(image, options);
  };
  const auto free = plan();
  EXPECT_TRUE(free.has_value()) << free.error().message;

  const std::uint64_t startup_module = dump.size() - bios.size() + 0x20010;
  canvas.u64(startup_module, 0x1'0000'0000U - dump.size() + me.offset);
  canvas.u32(startup_module + 8, static_cast<std::uint32_t>(me.size / 16));
  const auto refused = plan();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_NE(refused.error().message.find("--accept-boot-guard"), std::string::npos) << refused.error().message;
  options.accept_boot_guard = true;
  EXPECT_TRUE(plan().has_value());
}

// Found by damaging every byte of an ICH9 descriptor: the strap section at 0 makes the signature the strap.
TEST(CleanRefusals, AStrapOnTheSignatureIsNeverSet) {
  Buffer dump = specimen::intel_dump(IntelFlavour::me5);
  dump.at(0xA) = std::byte{0};
  CleanOptions options;
  options.strip = false;
  options.soft_disable = true;
  options.disable.accept_reported = options.disable.accept_descriptor_alone = true;
  options.disable.at = UserLocation{.offset = 0, .bit = 0};
  const auto cleaned = clean(dump, options);
  ASSERT_FALSE(cleaned.has_value());
  EXPECT_NE(cleaned.error().message.find("on the map itself"), std::string::npos) << cleaned.error().message;
}

TEST(CleanRefusals, IfwiContainersAreNeverStripped) {
  for (const IntelFlavour flavour : {IntelFlavour::me14, IntelFlavour::me16}) {
    SCOPED_TRACE(to_string(flavour));
    EXPECT_EQ(clean(specimen::intel_me_region(flavour), strip_options()).error().code, Errc::refused);
    EXPECT_EQ(clean(specimen::intel_dump(flavour), strip_options()).error().code, Errc::refused);
  }
}

TEST(CleanRefusals, OptionsThatContradictEachOther) {
  const Buffer region = specimen::intel_me_region(IntelFlavour::me8);
  CleanOptions both = strip_options();
  both.relocate = true;
  both.keep = {"NFTP"};
  EXPECT_EQ(clean(region, both).error().code, Errc::usage);
  CleanOptions pointless = soft_options();
  pointless.truncate = true;
  EXPECT_EQ(clean(region, pointless).error().code, Errc::usage);
}

// One damage each, and why it must be refused.
struct Damage {
  const char* name;
  std::function<void(Canvas&, const MeRegion&)> change;
};

void PrintTo(const Damage& damage, std::ostream* stream) { *stream << damage.name; }

class DamagedGeneration2 : public ::testing::TestWithParam<Damage> {};

TEST_P(DamagedGeneration2, IsRefused) {
  const Buffer region = specimen::intel_me_region(IntelFlavour::me8);
  const MeRegion me = parse(region);
  const Buffer damaged = changed(region, [&](Canvas& canvas) { GetParam().change(canvas, me); });
  for (const bool relocate : {false, true}) {
    CleanOptions options = strip_options();
    options.relocate = relocate;
    const auto cleaned = clean(damaged, options);
    ASSERT_FALSE(cleaned.has_value()) << "relocate: " << relocate;
    EXPECT_EQ(cleaned.error().code, Errc::damaged) << cleaned.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Clean, DamagedGeneration2,
    ::testing::Values(
        Damage{"signed_header_changed", [](Canvas& c, const MeRegion& me) { c.u8(me.manifest_offset + 0x30, 0xA5); }},
        Damage{"signature_changed", [](Canvas& c, const MeRegion& me) { c.u8(me.manifest_offset + 0x190, 0xA5); }},
        Damage{"module_count_absurd",
               [](Canvas& c, const MeRegion& me) { c.u32(me.manifest_offset + 0x20, 0x7FFFFFFF); }},
        Damage{"manifest_size_absurd",
               [](Canvas& c, const MeRegion& me) { c.u32(me.manifest_offset + 0x18, 0xFFFFFFFF); }},
        Damage{"row_count_absurd", [](Canvas& c, const MeRegion& me) { c.u32(me.table.offset + 4, 0xFFFFFFFF); }},
        Damage{"ftpr_row_has_no_length",
               [](Canvas& c, const MeRegion& me) { c.u32(me.code_partition.row_offset + 0x0C, 0); }},
        Damage{"ftpr_row_is_nvram",
               [](Canvas& c, const MeRegion& me) { c.u32(me.code_partition.row_offset + 0x1C, 2); }},
        Damage{"ftpr_row_leaves_the_region",
               [](Canvas& c, const MeRegion& me) { c.u32(me.code_partition.row_offset + 0x0C, 0x7FFFFFFF); }},
        Damage{"llut_missing", [](Canvas& c, const MeRegion& me) { c.text(me.llut->offset, "XXXX"); }},
        Damage{"llut_count_zero", [](Canvas& c, const MeRegion& me) { c.u32(me.llut->offset + 0x04, 0); }},
        Damage{"llut_count_absurd", [](Canvas& c, const MeRegion& me) { c.u32(me.llut->offset + 0x04, 0x7FFFFFFF); }},
        Damage{"llut_chunk_size_zero", [](Canvas& c, const MeRegion& me) { c.u32(me.llut->offset + 0x30, 0); }},
        Damage{"llut_base_above_the_modules",
               [](Canvas& c, const MeRegion& me) { c.u32(me.llut->offset + 0x08, 0xE0000000); }},
        Damage{"llut_stream_ends_before_its_chunks",
               [](Canvas& c, const MeRegion& me) { c.u32(me.llut->offset + 0x10, 0); }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(CleanRelocate, AChunkThatWouldGoBelowZeroIsRefused) {
  const Buffer region = specimen::intel_me_region(IntelFlavour::me8);
  const MeRegion me = parse(region);
  const auto live =
      std::ranges::find_if(me.llut->entries, [](std::uint32_t e) { return Llut::live_offset(e).has_value(); });
  ASSERT_NE(live, me.llut->entries.end());
  const auto index = static_cast<std::uint64_t>(live - me.llut->entries.begin());
  const Buffer damaged =
      changed(region, [&](Canvas& canvas) { canvas.u32(me.llut->offset + Llut::header_size + 4 * index, 0x40000000); });
  CleanOptions options = strip_options();
  options.relocate = true;
  EXPECT_EQ(clean(damaged, options).error().code, Errc::damaged);
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

// The descriptor's side.
TEST(CleanDump, WithoutAnMeRegionThereIsNothingToClean) {
  const Buffer dump = specimen::intel_dump(IntelFlavour::me11);
  const auto descriptor = flash::parse_descriptor(ByteView(dump)).value();
  for (const std::uint32_t word : {0x00007FFFU, 0U, 0xFFFFFFFFU}) {
    const Buffer unused = changed(dump, [&](Canvas& canvas) { canvas.u32(descriptor.me()->word_offset, word); });
    EXPECT_EQ(clean(unused, strip_options()).error().code, Errc::unsupported) << word;
    CleanOptions soft = soft_options();
    soft.disable = {};
    EXPECT_EQ(clean(unused, soft).error().code, Errc::refused) << word;
  }
}

TEST(CleanDump, CutBehindFtprIsRefused) {
  const Buffer dump = specimen::intel_dump(IntelFlavour::me11);
  const auto descriptor = flash::parse_descriptor(ByteView(dump)).value();
  const Buffer cut(dump.begin(), dump.begin() + static_cast<std::ptrdiff_t>(descriptor.me()->range.end() - 1));
  EXPECT_EQ(clean(cut, strip_options()).error().code, Errc::damaged);
}

TEST(CleanDump, SectionsThatFitNoLayoutAreNotEdited) {
  const Buffer dump = specimen::intel_dump(IntelFlavour::me11);
  const auto d = flash::parse_descriptor(ByteView(dump)).value();
  const Buffer odd =
      changed(dump, [&](Canvas& canvas) { canvas.u32(d.signature_offset + 8, (d.flmap1 & ~0xFFU) | 0xFFU); });
  EXPECT_FALSE(clean(odd, strip_options()).has_value());
}

TEST(CleanDump, OverlappingRegionsAreRefusedUnlessAccepted) {
  const Buffer dump = specimen::intel_dump(IntelFlavour::me8);
  const auto d = flash::parse_descriptor(ByteView(dump)).value();
  const Buffer overlapping = changed(dump, [&](Canvas& canvas) { canvas.u32(d.region(4)->word_offset, d.me()->word); });
  EXPECT_EQ(clean(overlapping, strip_options()).error().code, Errc::refused);
  CleanOptions accepted = strip_options();
  accepted.accept_overlaps = true;
  EXPECT_TRUE(clean(overlapping, accepted).has_value());
}

}  // namespace
}  // namespace quell::intel
