// SPDX-License-Identifier: GPL-2.0-or-later
// Descriptor edits: which words they change, and that doing and undoing gives back the same bytes.
#include "flash/descriptor_edit.h"

#include <functional>

#include <gmock/gmock.h>

#include "flash/descriptor_details.h"
#include "flash/layout_file.h"
#include "support/descriptors.h"

namespace quell::flash {
namespace {

using test::DescriptorSpec;
using test::get32;
using test::make_descriptor;
using test::put32;

using Edit = std::function<Result<void>(PlanBuilder&, const FlashDescriptor&, const EditRules&)>;

Result<Buffer> edited(const Buffer& image, const Edit& edit) {
  const Image source("test", ByteView(image));
  QUELL_TRY(const auto d, parse_descriptor(source.bytes()));
  QUELL_TRY(const auto rules, edit_rules(d, source.bytes()));
  PlanBuilder builder(source.bytes());
  QUELL_CHECK(edit(builder, d, rules));
  return apply_descriptor_plan(std::move(builder).build(source.sha256()), source);
}

std::vector<std::uint32_t> masters(const Buffer& image, std::uint64_t section) {
  std::vector<std::uint32_t> words;
  for (std::uint64_t n = 0; n < 5; ++n) words.push_back(get32(image, section + 4 * n));
  return words;
}

// Every byte outside [from, to) is unchanged.
void expect_same_outside(const Buffer& before, const Buffer& after, std::uint64_t from, std::uint64_t to) {
  ASSERT_EQ(before.size(), after.size());
  for (std::uint64_t i = 0; i < before.size(); ++i) {
    if (i < from || i >= to) {
      ASSERT_EQ(before[i], after[i]) << std::hex << i;
    }
  }
}

const DescriptorSpec v1{.isl = 0x12, .flmap2 = 0x00210120, .v2 = false};

TEST(DescriptorAccess, LockedAndUnlockedWordsOfEachVersion) {
  const auto v1_locked = edited(make_descriptor(v1), plan_lock);
  EXPECT_THAT(masters(*v1_locked, 0x60), testing::ElementsAre(0x02030000U, 0x04050000U, 0x118U, 0U, 0U));
  const auto v1_open = edited(*v1_locked, plan_unlock);
  EXPECT_THAT(masters(*v1_open, 0x60), testing::ElementsAre(0xFFFF0000U, 0xFFFF0000U, 0x08080118U, 0U, 0U));

  // 300 series: bits 7:0 are permissions; 100 series: they stay.
  const auto extended = edited(make_descriptor({}), plan_unlock);
  EXPECT_THAT(masters(*extended, 0x80), testing::ElementsAre(0xFFFFFFFFU, 0xFFFFFFFFU, 0xFFFFFFFFU, 0U, 0xFFFFFFFFU));
  Buffer skylake = make_descriptor({.isl = 0x42, .flmap2 = 0x00310330});
  put32(skylake, 0xEFC, 0);
  put32(skylake, 0x80, 0x00200355);
  const auto plain = edited(skylake, plan_unlock);
  EXPECT_EQ(get32(*plain, 0x80), 0xFFFFFF55U);
}

TEST(DescriptorAccess, LockWithGbeSharesIt) {
  Buffer image = make_descriptor({});
  put32(image, 0x4C, 0x003F003F);
  put32(image, 0x44, 0x003E0020);
  const auto locked = edited(image, plan_lock);
  ASSERT_TRUE(locked) << locked.error().message;
  EXPECT_THAT(masters(*locked, 0x80), testing::ElementsAre(0x00A00B00U, 0x00400D00U, 0x00800900U, 0U, 0U));
}

TEST(DescriptorAccess, LockOutLeavesTheMeNothingElse) {
  Buffer v1_image = make_descriptor(v1);
  put32(v1_image, 0x64, 0xFFFF1234);
  EXPECT_EQ(get32(*edited(v1_image, plan_lock_out), 0x64), 0x04041234U);
  Buffer v2_image = make_descriptor({});
  put32(v2_image, 0x84, 0xFFFFFFFF);
  EXPECT_EQ(get32(*edited(v2_image, plan_lock_out), 0x84), 0x00400500U);
}

TEST(DescriptorComponent, DensityClockAndReadMode) {
  const Buffer image = make_descriptor({});
  const auto changed = edited(image, [](PlanBuilder& b, const FlashDescriptor& d, const EditRules& r) -> Result<void> {
    QUELL_CHECK(plan_density(b, d, r, 1, *density_code(std::uint64_t{16} << 20U, r.version)));
    QUELL_CHECK(plan_clock(b, d, r, *clock_code(chipset_of(d), 30)));
    return plan_dual_output(b, d, r, true);
  });
  ASSERT_TRUE(changed) << changed.error().message;
  const auto d = parse_descriptor(ByteView(*changed)).value();
  const auto parts = components_of(d, chipset_of(d));
  EXPECT_EQ(parts.sizes[0], std::uint64_t{16} << 20U);
  EXPECT_EQ(parts.write.mhz, 30U);
  EXPECT_TRUE(parts.dual_output_fast_read);
  expect_same_outside(image, *changed, 0x30, 0x34);
  EXPECT_EQ(density_code(std::uint64_t{32} << 20U, DescriptorVersion::v1), std::nullopt);
}

TEST(DescriptorEdit, StrapsAndRegionsOutOfBoundsAreRefused) {
  const Buffer image = make_descriptor({});
  EXPECT_FALSE(edited(image, [](auto& b, auto& d, auto& r) { return plan_strap(b, d, r, 0x45, 1); }));
  EXPECT_FALSE(edited(image, [](auto& b, auto& d, auto& r) { return plan_region(b, d, r, 2, {0x1800, 0x1000}); }));
  EXPECT_FALSE(edited(image, [](auto& b, auto& d, auto& r) { return plan_region(b, d, r, 0, {}); }));
  // A result that the audit calls wrong is not given out: ME over BIOS.
  const auto overlap = edited(image, [](auto& b, auto& d, auto& r) {
    return plan_region(b, d, r, 2, {0x1000, 0x30000});
  });
  ASSERT_FALSE(overlap);
  EXPECT_THAT(overlap.error().message, testing::HasSubstr("overlap"));
}

TEST(DescriptorEdit, OverlappingRegionsNeedTheFlag) {
  Buffer image = make_descriptor({});
  put32(image, 0x48, 0x00300001);
  const auto d = parse_descriptor(ByteView(image)).value();
  EXPECT_EQ(require_editable(d, ByteView(image), {}).error().code, Errc::refused);
  EXPECT_TRUE(require_editable(d, ByteView(image), {Override::overlaps}));
}

TEST(DescriptorEdit, SecondCopyFollowsOnlyWhereItHeldTheSameWord) {
  const Buffer one = make_descriptor({.isl = 0x82, .flmap2 = 0x000301C0});
  Buffer image(0x4000, std::byte{0xFF});
  std::ranges::copy(one, image.begin());
  std::ranges::copy(one, image.begin() + 0x1000);
  for (const std::uint64_t base : {0U, 0x1000U}) put32(image, base + 0x40, 0x00030000);
  for (const std::uint64_t base : {0U, 0x1000U}) put32(image, base + 0x48, 0x001F0004);
  put32(image, 0x1084, 0xFFFFFFFF);
  const auto changed = edited(image, plan_lock_out);
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(*changed, image) << "FLMSTR2 was as wanted, and the other copy is left alone";
  const auto open = edited(image, plan_unlock);
  EXPECT_EQ(get32(*open, 0x1080), 0xFFFFFFFFU);
}

TEST(Inject, ShortContentGoesToTheStartAndInBiosToTheEnd) {
  Buffer image = make_descriptor({});
  image.resize(0x40000, std::byte{0x11});
  put32(image, 0x30, 0x36900000 | 0xF0);
  const Buffer content(0x100, std::byte{0x22});
  const auto inject = [&](unsigned index) {
    return *edited(image, [&](auto& b, auto& d, auto&) { return plan_inject(b, d, ByteView(image), index, content); });
  };
  const Buffer bios = inject(1);
  EXPECT_EQ(bios[0x20000], std::byte{0xFF});
  EXPECT_EQ(bios[0x3FF00], std::byte{0x22});
  EXPECT_EQ(bios[0x3FEFF], std::byte{0xFF});
  const Buffer me = inject(2);
  EXPECT_EQ(me[0x1000], std::byte{0x22});
  EXPECT_EQ(me[0x1100], std::byte{0x11}) << "what the file does not reach stays";
  const Buffer big(0x20000, std::byte{0});
  EXPECT_FALSE(edited(image, [&](auto& b, auto& d, auto&) { return plan_inject(b, d, ByteView(image), 2, big); }));
}

TEST(LayoutFile, BadLinesAreRefused) {
  for (const char* bad : {"", "me", "1000:2000", "1000 me", "xyz:2000 me", "1000: me", "100000000:1 me"}) {
    EXPECT_FALSE(parse_layout(bad)) << bad;
  }
  const auto lines = parse_layout("0x1000:1FFF me\n00002000:00002fff  bios");
  ASSERT_TRUE(lines);
  EXPECT_EQ((*lines)[0].end, 0x1FFFU);
}

// ME shrinks by a block, BIOS takes it: the ME keeps its start, the BIOS its end.
TEST(LayoutFile, MovesContentAndWords) {
  Buffer image = make_descriptor({});
  image.resize(0x40000, std::byte{0xFF});
  image[0x1000] = std::byte{0xAA};
  image[0x1F000] = std::byte{0xBB};
  image[0x20000] = std::byte{0xCC};
  image[0x3FFFF] = std::byte{0xDD};
  const auto d = parse_descriptor(ByteView(image)).value();
  const auto lines = parse_layout("1000:1efff me 1f000:3ffff bios").value();
  const auto relayout = plan_relayout(d, ByteView(image), lines);
  ASSERT_TRUE(relayout) << relayout.error().message;
  EXPECT_EQ(relayout->size, image.size());
  const auto moved =
      edited(image, [&](auto& b, auto& desc, auto& r) { return plan_move(b, desc, r, ByteView(image), *relayout); });
  ASSERT_TRUE(moved) << moved.error().message;
  EXPECT_EQ((*moved)[0x1000], std::byte{0xAA});
  EXPECT_EQ((*moved)[0x1F000], std::byte{0xFF});
  EXPECT_EQ((*moved)[0x20000], std::byte{0xCC});
  EXPECT_EQ((*moved)[0x3FFFF], std::byte{0xDD});
  EXPECT_EQ(get32(*moved, 0x44), 0x003F001FU);
  EXPECT_EQ(get32(*moved, 0x48), 0x001E0001U);
  EXPECT_FALSE(plan_relayout(d, ByteView(image), parse_layout("1000:2ffff me").value())) << "overlap";
  EXPECT_FALSE(plan_relayout(d, ByteView(image), parse_layout("1000:1e800 me").value())) << "not aligned";
}

TEST(RealDescriptors, EditsTouchTheirWordsAloneAndAreIdempotent) {
  QUELL_NEEDS_SHARED("corpus/descriptors");
  for (const auto& path : test::corpus_descriptors()) {
    SCOPED_TRACE(path);
    const Buffer image = test::bytes_of(path);
    const auto d = parse_descriptor(ByteView(image)).value();
    for (const Edit& edit : {Edit(plan_unlock), Edit(plan_lock), Edit(plan_lock_out)}) {
      const auto once = edited(image, edit);
      ASSERT_TRUE(once) << once.error().message;
      for (std::uint64_t i = 0; i < image.size(); ++i) {
        const std::uint64_t in_page = i % 0x1000;
        const bool master = in_page >= d.master_section && in_page < d.master_section + 24;
        if (!master) {
          ASSERT_EQ(image[i], (*once)[i]) << std::hex << i;
        }
      }
      EXPECT_EQ(*edited(*once, edit), *once);
    }
    // Locking again what was unlocked gives the same as locking at once, unless a second copy was different before.
    if (image.size() > 0x1000) continue;
    EXPECT_EQ(*edited(*edited(image, plan_unlock), plan_lock), *edited(image, plan_lock));
  }
}

TEST(RealDescriptors, LayoutGivesBackTheSameBytes) {
  QUELL_NEEDS_SHARED("corpus/descriptors");
  for (const auto& path : test::corpus_descriptors()) {
    SCOPED_TRACE(path);
    const Buffer image = test::bytes_of(path);
    const auto d = parse_descriptor(ByteView(image)).value();
    const auto relayout = plan_relayout(d, ByteView(image), parse_layout(layout_text(d)).value());
    ASSERT_TRUE(relayout) << relayout.error().message;
    const auto same =
        edited(image, [&](auto& b, auto& desc, auto& r) { return plan_move(b, desc, r, ByteView(image), *relayout); });
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_EQ(*same, image);
  }
}

TEST(RealDescriptors, AuditFindsNoErrorInAny) {
  QUELL_NEEDS_SHARED("corpus/descriptors");
  for (const auto& path : test::corpus_descriptors()) {
    const Buffer image = test::bytes_of(path);
    for (const Finding& finding : audit(parse_descriptor(ByteView(image)).value(), ByteView(image))) {
      EXPECT_LT(finding.severity, Severity::error) << path << ": " << finding.title;
    }
  }
}

struct Border {
  const char* name;
  std::uint64_t size;
  std::uint32_t bios, me;
  bool editable, lifted;
};

// The file of `size` bytes begins with a descriptor; its other regions are where the words say.
TEST(DescriptorBorders, AFileMayEndBetweenRegionsAndNotInsideOfOne) {
  const std::vector<Border> cases{
      {"descriptor alone", 0x1000, 0x003F0020, 0x001F0001, true, true},
      {"ends where the ME does", 0x20000, 0x003F0020, 0x001F0001, true, true},
      {"whole", 0x40000, 0x003F0020, 0x001F0001, true, true},
      {"cut in the ME", 0x10000, 0x003F0020, 0x001F0001, false, true},
      {"cut in the BIOS", 0x30000, 0x003F0020, 0x001F0001, false, true},
      {"BIOS over all", 0x40000, 0x003F0000, 0x001F0001, false, true},
      {"BIOS over the ME", 0x40000, 0x003F0010, 0x001F0001, false, true},
  };
  for (const Border& one : cases) {
    Buffer image = make_descriptor(v1);
    image.resize(one.size, std::byte{0x5A});
    put32(image, 0x44, one.bios);
    put32(image, 0x48, one.me);
    const auto d = parse_descriptor(ByteView(image)).value();
    const auto plain = require_editable(d, ByteView(image), {});
    EXPECT_EQ(plain.has_value(), one.editable) << one.name;
    if (!plain) {
      EXPECT_EQ(plain.error().lifted_by.list(), std::vector{Override::overlaps}) << plain.error().message;
    }
    EXPECT_EQ(require_editable(d, ByteView(image), {Override::overlaps}).has_value(), one.lifted) << one.name;
  }
}

TEST(DescriptorBorders, ABiosRegionOverEverythingIsShippedSo) {
  Buffer image = make_descriptor(v1);
  image.resize(0x40000, std::byte{0x5A});
  put32(image, 0x44, 0x003F0000);
  const auto d = parse_descriptor(ByteView(image)).value();
  EXPECT_TRUE(is_vendor_overlap(d));
  for (const Finding& finding : audit(d, ByteView(image))) {
    EXPECT_LT(finding.severity, Severity::error) << finding.title;
    EXPECT_THAT(finding.advice, testing::Not(testing::HasSubstr("read"))) << finding.title;
  }
  put32(image, 0x44, 0x003F0010);
  EXPECT_FALSE(is_vendor_overlap(parse_descriptor(ByteView(image)).value()));
}

TEST(DescriptorInject, ADescriptorAloneHasNoPlaceForOtherRegions) {
  const Buffer image = make_descriptor({});
  const auto inject = [&](unsigned region) {
    return edited(image, [&](PlanBuilder& builder, const FlashDescriptor& d, const EditRules&) {
      return plan_inject(builder, d, ByteView(image), region, Buffer(0x1000, std::byte{0x5A}));
    });
  };
  const auto me = inject(2);
  ASSERT_FALSE(me);
  EXPECT_THAT(me.error().message, testing::HasSubstr("the file is the descriptor alone"));
}

TEST(DescriptorCopies, FollowWhereTheySaidTheSame) {
  Buffer image = make_descriptor({});
  image.resize(0x4000, std::byte{0xFF});
  put32(image, 0x40, 0x00030000);  // the descriptor region has four blocks
  put32(image, 0x48, 0x001F0004);
  std::copy_n(image.begin(), 0x1000, image.begin() + 0x1000);
  put32(image, 0x1000 + 0x104, 0x42);  // a strap that the copy has of its own
  const auto set = [&](std::uint64_t strap) {
    return edited(image, [&](PlanBuilder& builder, const FlashDescriptor& d, const EditRules& rules) {
      return plan_strap(builder, d, rules, strap, 0xABCD);
    });
  };
  const auto shared = set(2);
  ASSERT_TRUE(shared) << shared.error().message;
  EXPECT_EQ(get32(*shared, 0x108), 0xABCDU);
  EXPECT_EQ(get32(*shared, 0x1108), 0xABCDU);
  const auto own = set(1);
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(get32(*own, 0x104), 0xABCDU);
  EXPECT_EQ(get32(*own, 0x1104), 0x42U);
}

// The second copy of a rex has no master section of its own, that of the other board says the same as the first.
TEST(DescriptorCopies, AreLockedAndUnlockedWhereTheySayTheSame) {
  QUELL_NEEDS_SHARED("corpus/descriptors");
  const Buffer rex = test::bytes_of(test::shared("corpus/descriptors/rex-screebo.bin"));
  for (const auto plan : {plan_lock, plan_unlock}) {
    const auto out = edited(rex, plan);
    ASSERT_TRUE(out);
    expect_same_outside(rex, *out, 0x80, 0x98);
  }
  const Buffer both = test::bytes_of(test::shared("corpus/descriptors/novacustom-v5x0tu.bin"));
  const auto locked = edited(both, plan_lock);
  ASSERT_TRUE(locked);
  EXPECT_EQ(masters(*locked, 0x80), masters(*locked, 0x1080));
  EXPECT_NE(masters(*locked, 0x80), masters(both, 0x80));
  EXPECT_EQ(*edited(*locked, plan_unlock), both);
}

}  // namespace
}  // namespace quell::flash
