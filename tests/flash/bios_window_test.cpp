// SPDX-License-Identifier: GPL-2.0-or-later
#include "flash/bios_window.h"

#include <gtest/gtest.h>

#include "flash/microcode.h"
#include "specimen/other.h"

namespace quell::flash {
namespace {

TEST(BiosWindow, IsNotInAPartOfTheEnginesFirmware) {
  const Buffer bytes(0x1000, std::byte{0xFF});
  Image image("part", ByteView(bytes));
  image.what.body = image.bytes().range();
  for (const auto& [type, present] :
       {std::pair{FileKind::part, false}, {FileKind::update, false}, {FileKind::rom, true}, {FileKind::other, true}}) {
    image.what.type = type;
    EXPECT_EQ(bios_window(image).has_value(), present) << static_cast<int>(type);
  }
}

TEST(MicrocodeSpecimen, ChecksumsOfTheSpecimenAndOfItsTableHold) {
  const Buffer bytes = specimen::microcode();
  const auto update = parse_microcode(ByteView(bytes));
  ASSERT_TRUE(update);
  EXPECT_TRUE(update->checksum_valid);
  EXPECT_TRUE(update->extended && update->extended_checksum_valid);
  ASSERT_EQ(update->targets.size(), 2U);
  EXPECT_EQ(update->targets[1].signature, 0x906EAU);
}

}  // namespace
}  // namespace quell::flash
