// SPDX-License-Identifier: GPL-2.0-or-later
// What must stay when a machine is to start again, by name: a module missing here is a machine that does not power on.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>

#include "intel/me_region.h"
#include "quell/flash/descriptor.h"
#include "quell/intel/clean.h"
#include "specimen/intel.h"

namespace quell::intel {
namespace {

using specimen::IntelFlavour;
using Names = std::set<std::string>;

CleanOptions strip_options() {
  CleanOptions options;
  options.accepted.add(Override::boot_guard);
  return options;
}

// A region and what stripping leaves of it.
struct Stripped {
  explicit Stripped(IntelFlavour flavour, const CleanOptions& options = strip_options())
      : before(specimen::intel_me_region(flavour)) {
    const Image image("specimen", ByteView(before));
    const auto plan = plan_clean(image, options);
    EXPECT_TRUE(plan) << plan.error().message;
    after = apply_clean(plan.value(), image).value();
    minimum_size = plan->minimum_size;
  }
  [[nodiscard]] MeRegion region() const { return parse_me_region(ByteView(before), false).value(); }
  [[nodiscard]] bool same(Range range) const {
    return equal(ByteView(before).clip(range).bytes(), ByteView(after).clip(range).bytes());
  }
  [[nodiscard]] bool blank(Range range) const { return ByteView(before).clip(range).filled_with(std::byte{0xFF}); }
  [[nodiscard]] bool erased(Range range) const { return ByteView(after).clip(range).filled_with(std::byte{0xFF}); }

  Buffer before;
  Buffer after{};
  std::optional<std::uint64_t> minimum_size{};
};

// Sorts a name into one of the two sets; bytes that are neither whole nor erased fail the test.
void sort_in(const Stripped& stripped, const std::string& name, Range range, Names& kept, Names& gone) {
  ASSERT_FALSE(range.empty()) << name;
  if (stripped.same(range)) {
    kept.insert(name);
  } else {
    EXPECT_TRUE(stripped.erased(range)) << name << " is damaged";
    gone.insert(name);
  }
}

TEST(KeptModules, OfGeneration3) {
  const Stripped stripped(IntelFlavour::me11);
  const MeRegion me = stripped.region();
  Names kept;
  Names gone;
  const auto ranges = stored_ranges(*me.directory, me.code_length());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const CodeDirectoryEntry& entry = me.directory->entries.at(i);
    if (entry.is_metadata()) {
      EXPECT_TRUE(stripped.same({me.code_offset() + ranges.at(i).offset, ranges.at(i).size})) << entry.name;
      continue;
    }
    sort_in(stripped, entry.name, {me.code_offset() + ranges.at(i).offset, ranges.at(i).size}, kept, gone);
  }
  EXPECT_EQ(kept, (Names{"FTPR.man", "rbe", "kernel", "syslib", "bup"}));
  EXPECT_EQ(gone, (Names{"pm", "vfs", "evtdisp", "loadmgr", "busdrv", "gpio", "prtc", "policy", "crypto", "heci",
                         "storage", "pmdrv", "maestro", "fpf", "hci", "fwupdate", "ptt", "touch_fw"}));
}

// Modules that the names above begin: "bup_rcv" of recovery partitions, "rbe_..." and the like.
TEST(KeptModules, OfGeneration3AreKnownByTheBeginningOfTheirNames) {
  const Buffer region = specimen::intel_me_region(IntelFlavour::me11);
  const MeRegion me = parse_me_region(ByteView(region), false).value();
  const auto& entries = me.directory->entries;
  const auto ranges = stored_ranges(*me.directory, me.code_length());
  for (const std::string_view name : {"rbe2", "kernel_x", "syslib_lt", "bup_rcv"}) {
    const auto index =
        static_cast<std::size_t>(std::ranges::find(entries, "touch_fw", &CodeDirectoryEntry::name) - entries.begin());
    const Range range = ranges.at(index);
    const std::uint64_t at = me.code_offset() + me.directory->header_size + CodeDirectory::entry_size * index;
    Buffer renamed = region;
    std::fill_n(renamed.begin() + static_cast<std::ptrdiff_t>(at), 12, std::byte{0});
    std::ranges::copy(as_bytes(name), renamed.begin() + static_cast<std::ptrdiff_t>(at));
    const Image image("specimen", ByteView(renamed));
    const auto plan = plan_clean(image, strip_options());
    ASSERT_TRUE(plan) << plan.error().message;
    const Buffer after = apply_clean(*plan, image).value();
    EXPECT_FALSE(ByteView(after).clip({me.code_offset() + range.offset, range.size}).filled_with(std::byte{0xFF}))
        << name;
  }
}

struct Generation2 {
  IntelFlavour flavour;
  Names kept;
  Names gone;
};

// The stored bytes of a module: its own, or the shortest that each of its Huffman chunks has in a specimen. Chunks that
// share an offset have none of their own.
std::vector<Range> stored(const MeRegion& me, const Gen2Module& module) {
  if (!module.is_huffman()) return {{me.code_offset() + module.data_offset, module.stored_size}};
  std::vector<Range> chunks;
  const Range numbers = me.llut->chunks_of(module).value();
  for (std::uint64_t i = numbers.offset; i < numbers.end(); ++i) {
    const auto offset = Llut::live_offset(me.llut->entries.at(i));
    if (!offset || std::ranges::count(me.llut->entries, me.llut->entries.at(i)) != 1) continue;
    chunks.push_back({*offset, 0x200});
  }
  return chunks;
}

TEST(KeptModules, OfGeneration2) {
  const std::vector<Generation2> cases{
      {IntelFlavour::me8,
       {"ROMP", "BUP"},
       {"UPDATE", "KERNEL", "POLICY", "HOSTCOMM", "RSA", "CLS", "TDT", "FTCS", "ClsPriv", "SESSMGR"}},
      {IntelFlavour::txe1, {"BUP"}, {"KERNEL", "POLICY", "HOSTCOMM", "FPF", "RSA", "fTPM", "SBOOT"}}};
  for (const Generation2& c : cases) {
    SCOPED_TRACE(to_string(c.flavour));
    const Stripped stripped(c.flavour);
    const MeRegion me = stripped.region();
    Names kept;
    Names gone;
    for (const Gen2Module& module : me.modules->modules) {
      const auto ranges = stored(me, module);
      ASSERT_FALSE(ranges.empty()) << module.name;
      for (const Range& range : ranges) sort_in(stripped, module.name, range, kept, gone);
    }
    EXPECT_EQ(kept, c.kept);
    EXPECT_EQ(gone, c.gone);
  }
}

// What is cut off a truncated region: whole blocks behind the code in use, and four more that the firmware wants.
TEST(MinimumSize, LeavesFourBlocksBehindTheCode) {
  const Stripped recent(IntelFlavour::me11);
  const MeRegion me11 = recent.region();
  const Names kept{"FTPR.man", "rbe", "kernel", "syslib", "bup"};
  std::uint64_t end = 0;
  const auto ranges = stored_ranges(*me11.directory, me11.code_length());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const CodeDirectoryEntry& entry = me11.directory->entries.at(i);
    if (entry.is_metadata() || kept.contains(entry.name)) end = std::max(end, me11.code_offset() + ranges.at(i).end());
  }
  EXPECT_EQ(recent.minimum_size, (end / 0x1000 + 5) * 0x1000);

  const Stripped old(IntelFlavour::txe1);
  const MeRegion txe1 = old.region();
  const Gen2Module& bup = *std::ranges::find(txe1.modules->modules, "BUP", &Gen2Module::name);
  const std::uint64_t bup_end = txe1.code_offset() + bup.data_offset + bup.stored_size;
  EXPECT_EQ(old.minimum_size, (bup_end / 0x1000 + 5) * 0x1000);
}

TEST(CleanPlans, PromiseToCheckTheSignatureAndCutOnlyOnRequest) {
  const Buffer dump = specimen::intel_dump(IntelFlavour::me11);
  const Image image("specimen", ByteView(dump));
  CleanOptions options = strip_options();
  const auto whole = plan_clean(image, options).value();
  EXPECT_TRUE(whole.signature_checked);
  EXPECT_EQ(whole.me_output, whole.me);
  EXPECT_TRUE(whole.borders.empty());
  options.truncate = true;
  const auto cut = plan_clean(image, options).value();
  EXPECT_EQ(cut.me_output, (Range{cut.me.offset, *cut.minimum_size}));
}

TEST(CleanPlans, OfARegionThatWasNotReadAreRefused) {
  Buffer dump = specimen::intel_dump(IntelFlavour::me11);
  const Range me = flash::parse_descriptor(ByteView(dump)).value().me()->range;
  std::ranges::fill(std::span(dump).subspan(me.offset, me.size), std::byte{0xFF});
  const auto plan = plan_clean(Image("specimen", ByteView(dump)), strip_options());
  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error().message, testing::HasSubstr("was not read (all 0xff)"));
}

TEST(KeptPartitions, AreTheCodeAloneUnlessOthersAreNamed) {
  const std::map<IntelFlavour, std::string> named{
      {IntelFlavour::me8, "FOVD"}, {IntelFlavour::txe1, "GLUT"}, {IntelFlavour::me11, "IVBP"}};
  for (const auto& [flavour, name] : named) {
    SCOPED_TRACE(to_string(flavour));
    for (const bool keep : {false, true}) {
      CleanOptions options = strip_options();
      if (keep) options.keep = {name};
      const Stripped stripped(flavour, options);
      for (const FptEntry& entry : stripped.region().table.entries) {
        const Range range{entry.offset, entry.length};
        if (!entry.has_data() || range.end() > stripped.before.size() || entry.name == "FTPR") continue;
        EXPECT_EQ(stripped.erased(range), !(keep && entry.name == name) || stripped.blank(range)) << entry.name;
      }
    }
  }
}

}  // namespace
}  // namespace quell::intel
