// SPDX-License-Identifier: GPL-2.0-or-later
// Cleaning on synthetic machines: what it must refuse without leaving anything behind.
#include <algorithm>

#include <gtest/gtest.h>

#include "intel/clean_support.h"
#include "quell/engine.h"
#include "quell/flash/descriptor.h"
#include "quell/survey/recognise.h"
#include "specimen/intel_parts.h"
#include "specimen/other.h"

namespace quell::intel::test {
namespace {

TEST(CleanRefusals, StrippingMe12OrBootGuardUnknownNamesTheOverride) {
  const Buffer me11 = specimen::intel_me_region(IntelFlavour::me11);
  const auto unknown = clean(me11, CleanOptions{});
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, Errc::refused);
  EXPECT_EQ(unknown.error().lifted_by.list(), std::vector{Override::boot_guard});
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
  options.accepted.add(Override::overlaps);
  const auto plan = [&] {
    Image image("specimen", ByteView(canvas.bytes()));
    recognise(image);
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
  EXPECT_EQ(refused.error().lifted_by.list(), std::vector{Override::boot_guard}) << refused.error().message;
  options.accepted.add(Override::boot_guard);
  EXPECT_TRUE(plan().has_value());
}

// Found by damaging every byte of an ICH9 descriptor: the strap section at 0 makes the signature the strap.
TEST(CleanRefusals, AStrapOnTheSignatureIsNeverSet) {
  Buffer dump = specimen::intel_dump(IntelFlavour::me5);
  dump.at(0xA) = std::byte{0};
  CleanOptions options;
  options.strip = false;
  options.soft_disable = true;
  options.accepted = {Override::reported_place, Override::descriptor_alone};
  options.at = UserLocation{.offset = 0, .bit = 0};
  const auto cleaned = clean(dump, options);
  ASSERT_FALSE(cleaned.has_value());
  EXPECT_NE(cleaned.error().message.find("on the map itself"), std::string::npos) << cleaned.error().message;
}

// What a read from within gives where the host may not read the region.
TEST(CleanRefusals, ARegionOfNothingButOnesWasNotRead) {
  for (const IntelFlavour flavour : {IntelFlavour::me8, IntelFlavour::me11, IntelFlavour::me14}) {
    const Buffer dump = specimen::intel_dump(flavour);
    const Range me = flash::parse_descriptor(ByteView(dump)).value().me()->range;
    const Buffer unread =
        changed(dump, [&](Canvas& canvas) { canvas.put(me.offset, Buffer(me.size, std::byte{0xFF})); });
    CleanOptions both = soft_options();
    both.strip = true;
    CleanOptions reference = both;
    reference.like_me_cleaner = true;
    for (const CleanOptions& options : {CleanOptions{}, soft_options(), both, reference}) {
      const auto refused = clean(unread, options);
      ASSERT_FALSE(refused.has_value()) << to_string(flavour);
      EXPECT_EQ(refused.error().code, Errc::refused);
      EXPECT_TRUE(refused.error().lifted_by.empty());
      EXPECT_NE(refused.error().message.find("was not read (all 0xff)"), std::string::npos) << refused.error().message;
    }
  }
}

// Gemini Lake's firmware can stand in a classic region: what tells it is the first stage in a partition of its own.
TEST(CleanRefusals, FirmwareThatTheProcessorStartsFromIsNeverStripped) {
  const Buffer region = changed(specimen::intel_me_region(IntelFlavour::me11), [](Canvas& canvas) {
    const MeRegion me = parse(canvas.bytes());
    const auto row = std::ranges::find(me.table.entries, "IVBP", &FptEntry::name);
    canvas.put(row->row_offset, as_bytes("RBEP"));
  });
  CleanOptions all;
  for (const Override one : overrides()) all.accepted.add(one);
  const auto refused = clean(region, all);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::refused);
  EXPECT_TRUE(refused.error().lifted_by.empty());
  EXPECT_NE(refused.error().message.find("RBEP"), std::string::npos) << refused.error().message;

  const Image image("specimen", ByteView(region));
  unsigned offers = 0;
  for (const Engine* engine : engines()) {
    for (const EngineReport& report : engine->look(Examined(image), Depth::structure)) {
      const auto strip = std::ranges::find(report.actions, "strip", &Action::id);
      if (strip == report.actions.end()) continue;
      ++offers;
      EXPECT_EQ(strip->state, Action::State::refused);
      EXPECT_TRUE(strip->lifted_by.empty());
    }
  }
  EXPECT_EQ(offers, 1U);

  all.like_me_cleaner = true;
  const auto reference = clean(region, all);
  ASSERT_TRUE(reference.has_value()) << reference.error().message;
  EXPECT_TRUE(std::ranges::any_of(reference->plan.notices,
                                  [](const Finding& notice) { return notice.id == "intel.clean.boot-flow"; }));
}

// Unconfigured firmware keeps rows for files that it does not hold; they must not bound the others.
TEST(CleanRefusals, ARowWithoutOffsetAndSizeIsAnAbsentFile) {
  const Buffer region = specimen::intel_me_region(IntelFlavour::me11);
  const MeRegion before = parse(region);
  const auto row = [&](std::size_t index) {
    return before.code_offset() + before.directory->header_size + CodeDirectory::entry_size * index;
  };
  const auto kept = [](const CodeDirectoryEntry& one) {
    return one.is_manifest() || one.is_metadata() || one.name.starts_with("rbe") || one.name.starts_with("kernel") ||
           one.name.starts_with("syslib") || one.name.starts_with("bup");
  };
  const auto& entries = before.directory->entries;
  const auto index = static_cast<std::size_t>(std::ranges::find_if_not(entries, kept) - entries.begin());
  const Buffer absent =
      changed(region, [&](Canvas& canvas) { canvas.u32(row(index) + 0x0C, 0).u32(row(index) + 0x10, 0); });
  EXPECT_TRUE(stored_ranges(*parse(absent).directory, before.code_length()).at(index).empty());
  const auto plan = clean(absent, strip_options());
  ASSERT_TRUE(plan.has_value()) << plan.error().message;
  for (const Edit& edit : plan->plan.plan.edits) {
    EXPECT_FALSE(edit.range.intersects({before.code_offset(), before.directory->table_size()})) << edit.reason;
  }
  const Buffer over = changed(region, [&](Canvas& canvas) { canvas.u32(row(index) + 0x0C, 0x20); });
  EXPECT_EQ(clean(over, strip_options()).error().code, Errc::damaged);
}

// The versions of TXE and SPS run differently: theirs says nothing of Boot Guard, and neither does that of an engine
// whose key is not known.
TEST(CleanRefusals, ASmallVersionIsNoProofThatBootGuardIsAbsent) {
  const Buffer server = changed(specimen::intel_me_region(IntelFlavour::me11), [](Canvas& canvas) {
    const MeRegion me = parse(canvas.bytes());
    Buffer manifest(me.manifest.bytes.bytes().begin(), me.manifest.bytes.bytes().end());
    manifest.at(0x24) = std::byte{2};  // 2.6: as an older SPS
    specimen::sign_manifest(manifest, {});
    canvas.put(me.manifest.bytes.origin(), manifest);
  });
  ASSERT_EQ(parse(server).manifest.version.major, 2U);
  ASSERT_EQ(verify_signature(parse(server).manifest), SignatureState::valid);
  for (const Buffer& region : {server, specimen::intel_me_region(IntelFlavour::txe1)}) {
    const auto refused = clean(region, CleanOptions{});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().lifted_by.list(), std::vector{Override::boot_guard}) << refused.error().message;
    EXPECT_TRUE(clean(region, strip_options()).has_value());
  }
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

// The descriptor's side.
TEST(CleanDump, WithoutAnMeRegionThereIsNothingToClean) {
  const Buffer dump = specimen::intel_dump(IntelFlavour::me11);
  const auto descriptor = flash::parse_descriptor(ByteView(dump)).value();
  for (const std::uint32_t word : {0x00007FFFU, 0U, 0xFFFFFFFFU}) {
    const Buffer unused = changed(dump, [&](Canvas& canvas) { canvas.u32(descriptor.me()->word_offset, word); });
    EXPECT_EQ(clean(unused, strip_options()).error().code, Errc::unsupported) << word;
    CleanOptions soft = soft_options();
    soft.accepted = {};
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
  accepted.accepted.add(Override::overlaps);
  EXPECT_TRUE(clean(overlapping, accepted).has_value());
}

}  // namespace
}  // namespace quell::intel::test
