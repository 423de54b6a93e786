// SPDX-License-Identifier: GPL-2.0-or-later
// Modules that vouch for themselves: keys by their signature, microcode by its sum, manifests by the partition's.
#include <gmock/gmock.h>

#include "intel/cse/image.h"
#include "intel/cse_specimen.h"

namespace quell::intel {
namespace {

using namespace test;

// What is made of the module of this name.
Integrity judged(const Buffer& partition, std::string_view name) {
  auto image = parse_cse(ByteView(partition));
  EXPECT_TRUE(image) << name;
  if (!image) return Integrity::not_checked;
  verify(*image);
  for (const CseModule& module : image->partitions.at(0).modules) {
    if (module.name == name) return module.integrity;
  }
  ADD_FAILURE() << "no module " << name;
  return Integrity::not_checked;
}

// The same of this content in a partition that is sound.
Integrity integrity_of(const std::string& name, const Buffer& content) {
  return judged(code_partition("FTPR", {{name, content, false, static_cast<std::uint32_t>(content.size())}}), name);
}

Buffer altered(Buffer bytes, std::uint64_t at) {
  bytes.at(at) ^= std::byte{1};
  return bytes;
}

TEST(CseKeys, HoldByTheirOwnSignature) {
  const Buffer keys = extension(0x0E, pattern(0x60, 1));
  const Buffer good = signed_manifest(keys, {});
  EXPECT_EQ(integrity_of("oem.key", good), Integrity::verified);
  for (const std::uint64_t at : {0x24U, 0x80U, 0x184U, 0x283U, 0x290U}) {
    EXPECT_EQ(integrity_of("oem.key", altered(good, at)), Integrity::failed) << at;
  }
  EXPECT_EQ(integrity_of("oem.key", signed_manifest(keys, {.is_signed = false})), Integrity::unsigned_part);
  EXPECT_EQ(integrity_of("oem.key", Buffer(0x300, std::byte{0xFF})), Integrity::uncheckable);
  EXPECT_EQ(integrity_of("oem.key", pattern(0x300, 2)), Integrity::failed);
}

// Header version 1 at 0x00, date at 0x08, loader revision 1 at 0x14, sizes of the data and of the whole at 0x1C and
// 0x20; the words of that size sum to zero.
TEST(CseMicrocode, HoldsByItsSum) {
  constexpr std::uint32_t size = 0x400;
  Canvas update(size, std::byte{0});
  update.u32(0x00, 1)
      .u32(0x08, 0x01312019)
      .u32(0x14, 1)
      .u32(0x1C, size - 0x30)
      .u32(0x20, size)
      .put(0x30, pattern(0x100, 3))
      .u32(0x10, 0);
  std::uint32_t sum = 0;
  for (std::uint64_t at = 0; at < size; at += 4) sum += ByteView(update.bytes()).u32(at).value();
  const Buffer good = update.u32(0x10, 0U - sum).bytes();
  EXPECT_EQ(integrity_of("upatch1", good), Integrity::verified);
  for (const std::uint64_t at : {0x00U, 0x10U, 0x20U, 0x80U, size - 1}) {
    EXPECT_EQ(integrity_of("upatch1", altered(good, at)), Integrity::failed) << at;
  }
}

TEST(CseManifests, AreAsGoodAsTheSignatureOfTheirPartition) {
  const Buffer good = code_partition("FTPR", plain_module("cfg", pattern(0x123, 5)));
  EXPECT_EQ(judged(good, "FTPR.man"), Integrity::verified);
  const std::uint64_t signature = ByteView(good).find(as_bytes("$MN2")).value() - 0x1C + 0x184;
  EXPECT_EQ(judged(altered(good, signature), "FTPR.man"), Integrity::failed);
  const Buffer blank = code_partition("FTPR", plain_module("cfg", pattern(0x123, 5)), {.is_signed = false});
  EXPECT_EQ(judged(blank, "FTPR.man"), Integrity::unsigned_part);
}

}  // namespace
}  // namespace quell::intel
