// SPDX-License-Identifier: GPL-2.0-or-later
// Parts of AMD's firmware as files of their own.
#include "amd/part.h"

#include <gmock/gmock.h>

#include "quell/survey/recognise.h"
#include "specimen/amd.h"
#include "specimen/amd_parts.h"
#include "specimen/specimen.h"
#include "support/report_json.h"
#include "survey/extraction.h"

namespace quell {
namespace {

Buffer signed_part() {
  specimen::Canvas payload(0x1000, std::byte{0x5A});
  Buffer out = specimen::amd_entry({.payload = payload.bytes(), .key = specimen::amd_root, .type = 0x08});
  std::ranges::copy(as_bytes("$PS1"), out.begin() + 0x10);
  return out;
}

std::string kind_of(const Buffer& bytes) {
  Image image("part.bin", ByteView(bytes));
  recognise(image);
  return image.what.recognised ? image.what.kind : "";
}

TEST(AmdPart, EachIsRecognisedAlone) {
  specimen::Random random(1);
  specimen::Canvas microcode(0x200, std::byte{0});
  microcode.u32(0, 0x00414D44).u32(8, 16).u32(28, 1).u32(32, 0x200 - 36).u32(36, 0x20241112).u32(40, 0x0A201025);
  EXPECT_EQ(kind_of(signed_part()), "amd.psp-part");
  EXPECT_EQ(kind_of(specimen::amd_token(specimen::amd_smu_key, specimen::amd_root)), "amd.key-token");
  EXPECT_EQ(kind_of(specimen::amd_apcb(random)), "amd.apcb");
  EXPECT_EQ(kind_of(microcode.bytes()), "amd.microcode");
  EXPECT_EQ(kind_of(Buffer(0x1000, std::byte{0})), "");
}

TEST(AmdPart, CutsAndFlipsAreNoticed) {
  const Buffer whole = signed_part();
  EXPECT_TRUE(test::finding(test::inspect(whole, "part.bin"), "amd.part.digest").is_null());
  const Buffer cut(whole.begin(), whole.end() - 1);
  EXPECT_FALSE(test::finding(test::inspect(cut, "part.bin"), "amd.part.cut").is_null());
  Buffer flipped = whole;
  flipped.at(0x100) ^= std::byte{1};
  EXPECT_FALSE(test::finding(test::inspect(flipped, "part.bin"), "amd.part.digest").is_null());
}

// Whatever `extract` wrote of directories, keys and board configuration can be inspected again.
TEST(AmdPart, WhatExtractWroteIsKnownAgain) {
  const Buffer bytes = specimen::amd_image(specimen::AmdLayout::levels);
  Image image("flash.bin", ByteView(bytes));
  recognise(image);
  unsigned known = 0;
  for (const Artifact& artifact : collect_artifacts(image)) {
    if (artifact.kind != "directory" && artifact.kind != "efs") continue;
    const Bytes part = ByteView(bytes).clip(*artifact.range).bytes();
    EXPECT_NE(kind_of(Buffer(part.begin(), part.end())), "") << artifact.path;
    ++known;
  }
  EXPECT_GE(known, 3U);
}

}  // namespace
}  // namespace quell
