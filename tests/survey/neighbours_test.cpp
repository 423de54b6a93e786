// SPDX-License-Identifier: GPL-2.0-or-later
// Neighbouring samples of one kind: what is byte for byte the same part in both is called unchanged or moved, never
// changed, added or removed.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "quell/digest.h"
#include "quell/mapped_file.h"
#include "quell/survey/compare.h"
#include "quell/survey/report.h"
#include "support/real_images.h"
#include "support/shared.h"

namespace quell {
namespace {

struct Pair {
  const char* before;
  const char* after;
  std::size_t same;  // parts that are byte-identical in both: fewer would mean that the test sees less than before
};

void PrintTo(const Pair& pair, std::ostream* out) { *out << pair.before << " and " << pair.after; }

struct Leaf {
  std::string path{};
  std::string kind{};
  std::string name{};
  Range range{};
};

void collect(const Component& component, const std::string& above, std::vector<Leaf>& out) {
  const std::string path = above.empty() ? component.name : above + " / " + component.name;
  if (component.children.empty() && !component.range.empty())
    out.push_back({path, component.kind, component.name, component.range});
  for (const Component& child : component.children) collect(child, path, out);
}

std::vector<Leaf> leaves(const Report& report, ByteView bytes) {
  std::vector<Leaf> out;
  for (const EngineReport& engine : report.engines) collect(engine.tree, "", out);
  collect(report.layout, "", out);
  std::erase_if(out, [&](const Leaf& leaf) {
    const ByteView content = bytes.clip(leaf.range);
    return content.size() != leaf.range.size || content.filled_with(std::byte{0xFF}) ||
           content.filled_with(std::byte{0});
  });
  return out;
}

class Neighbours : public testing::TestWithParam<Pair> {};

TEST_P(Neighbours, KeepTheirCommonParts) {
  QUELL_NEEDS_SHARED("corpus");
  const Buffer before = test::read_sample(test::shared(GetParam().before));
  const Buffer after = test::read_sample(test::shared(GetParam().after));
  Image first("before", ByteView(before));
  Image second("after", ByteView(after));
  const auto old = examine(first, Depth::structure);
  const auto now = examine(second, Depth::structure);
  ASSERT_TRUE(old.has_value() && now.has_value());
  const auto key = [](const Leaf& leaf, const Buffer& bytes) {
    return std::tuple(leaf.kind, leaf.name, sha256(ByteView(bytes).clip(leaf.range).bytes()));
  };
  std::set<std::tuple<std::string, std::string, Sha256>> there;
  // How many more of the same there were: so many have really gone.
  std::map<std::tuple<std::string, std::string, Sha256>, int> surplus;
  for (const Leaf& leaf : leaves(*now, ByteView(after))) {
    there.insert(key(leaf, after));
    --surplus[key(leaf, after)];
  }
  for (const Leaf& leaf : leaves(*old, ByteView(before))) ++surplus[key(leaf, before)];
  const Comparison comparison = compare(*old, ByteView(before), *now, ByteView(after));
  std::size_t same = 0;
  for (const Leaf& leaf : leaves(*old, ByteView(before))) {
    if (!there.contains(key(leaf, before))) continue;
    ++same;
    for (const PartDifference& part : comparison.parts)
      EXPECT_FALSE(part.range == leaf.range && part.path.ends_with(leaf.name)) << leaf.path << " is called changed";
    for (const StructureDifference& part : comparison.structure) {
      const bool gone = part.kind == StructureDifference::Kind::removed && part.before == leaf.range;
      if (gone && part.path.ends_with(leaf.name)) {
        EXPECT_GT(surplus[key(leaf, before)]--, 0) << leaf.path << " is called removed";
      }
      const bool moved = part.kind == StructureDifference::Kind::moved && part.before == leaf.range;
      if (moved && part.path.ends_with(leaf.name)) {
        EXPECT_NE(part.same_content, false) << leaf.path;
      }
    }
  }
  EXPECT_GE(same, GetParam().same);
  RecordProperty("identical", static_cast<int>(same));
}

INSTANTIATE_TEST_SUITE_P(
    Samples, Neighbours,
    testing::Values(Pair{"corpus/rpi/pieeprom-2711-2026-08-04.bin", "corpus/rpi/pieeprom-2711-signed-test.bin", 1},
                    Pair{"corpus/amd/cezanne-ab-16m.rom.xz", "corpus/amd/mendocino-16m.rom.xz", 23},
                    Pair{"corpus/amd/genoa-32m.rom.xz", "corpus/amd/dual-genoa-picasso-32m.rom.xz", 128},
                    Pair{"cases/devices/amd-diff-before.rom.xz", "cases/devices/amd-diff-after.rom.xz", 1},
                    Pair{"corpus/intel/me-7.0.1.1205-slm-extr.bin", "corpus/intel/me-7.1.10.1065-1.5mb-rgn.bin", 1},
                    Pair{"corpus/intel/me-11.6.27.3264-con-h-da-rgn.bin",
                         "corpus/intel/me-11.6.0.1104-con-lp-c-npdm-extr.bin", 4},
                    Pair{"corpus/fip/fip-optee-tbbr.bin", "corpus/fip/fip-bl31-bl33.bin", 0},
                    Pair{"corpus/descriptors/xx20.bin", "corpus/descriptors/xx30.bin", 0},
                    Pair{"corpus/uefi/bios/ic847-full.bin.xz", "corpus/uefi/bios/ic847-full-bad.bin.xz", 171},
                    Pair{"corpus/uefi/coreboot-qemu-2018.rom", "corpus/uefi/coreboot-mecleaner-cbnt.rom", 1}));

}  // namespace
}  // namespace quell
