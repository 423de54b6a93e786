// SPDX-License-Identifier: GPL-2.0-or-later
// Every byte of a descriptor set to 00, FF and inverted, one at a time: no crash, and whatever an edit gives out passes
// its own check.
#include <gtest/gtest.h>

#include "flash/descriptor_edit.h"
#include "flash/layout_file.h"
#include "intel/disable_report.h"
#include "support/descriptors.h"

namespace quell::flash {
namespace {

struct Tally {
  unsigned readable = 0, edited = 0;
};

void expect_sound(const Plan& plan, const Image& image, Tally& tally) {
  const auto output = apply_descriptor_plan(plan, image);
  if (!output) {
    EXPECT_FALSE(output.error().message.empty());
    return;
  }
  ++tally.edited;
  EXPECT_TRUE(verify_applied(plan, image.bytes(), ByteView(*output)));
  EXPECT_TRUE(parse_descriptor(ByteView(*output)));
}

void look_and_edit(const Buffer& bytes, Tally& tally) {
  const Image image("damaged", ByteView(bytes));
  const auto d = parse_descriptor(image.bytes());
  if (!d) {
    EXPECT_FALSE(d.error().message.empty());
    return;
  }
  ++tally.readable;
  static_cast<void>(describe(*d, image.bytes()));
  const auto bits = intel::find_disable_bits(*d, image.bytes(), intel::firmware_facts(*d, image.bytes()));
  EngineReport report;
  intel::report_disable_bit(report, bits);
  const auto rules = edit_rules(*d, image.bytes());
  if (!rules || !require_editable(*d, image.bytes(), {})) return;
  PlanBuilder unlock(image.bytes());
  if (plan_unlock(unlock, *d, *rules)) expect_sound(std::move(unlock).build(image.sha256()), image, tally);
  PlanBuilder set(image.bytes());
  if (plan_density(set, *d, *rules, 1, 5) && plan_strap(set, *d, *rules, 1, 0x12345678))
    expect_sound(std::move(set).build(image.sha256()), image, tally);
  PlanBuilder soft(image.bytes());
  if (intel::plan_disable(soft, *d, bits, {.accepted = {Override::reported_place, Override::descriptor_alone}}))
    expect_sound(std::move(soft).build(image.sha256()), image, tally);
}

void damage_every_byte(Buffer image) {
  Tally tally;
  for (std::size_t i = 0; i < 0x1000; ++i) {
    const std::byte old = image[i];
    for (const std::byte value : {std::byte{0}, std::byte{0xFF}, ~old}) {
      if (value == old) continue;
      image[i] = value;
      look_and_edit(image, tally);
    }
    image[i] = old;
  }
  EXPECT_GT(tally.readable, 0x800U);
  EXPECT_GT(tally.edited, 0x800U);
}

TEST(DamagedDescriptor, MadeOne) { damage_every_byte(test::make_descriptor({.straps = {{0x70, 0x810003B8}}})); }

TEST(DamagedDescriptor, RealOnes) {
  QUELL_NEEDS_SHARED("corpus/descriptors");
  for (const char* name : {"lenovo-x200.bin", "xx30.bin", "xx80-t480.bin", "hatch-dratini.bin", "msi-ms7d25.bin"}) {
    SCOPED_TRACE(name);
    damage_every_byte(test::bytes_of(test::shared("corpus/descriptors") / name));
  }
}

}  // namespace
}  // namespace quell::flash
