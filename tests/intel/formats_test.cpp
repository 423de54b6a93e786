// SPDX-License-Identifier: GPL-2.0-or-later
// LZMA, MFS, layout tables, boot partition tables and extensions, each by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "intel/code_directory.h"
#include "intel/cse/extensions.h"
#include "intel/cse/layout.h"
#include "intel/cse/lzma.h"
#include "intel/cse/mfs.h"
#include "intel/cse_specimen.h"
#include "intel/fpt.h"
#include "intel/gen2.h"
#include "specimen/intel.h"
#include "specimen/intel_parts.h"

namespace quell::intel {
namespace {

using namespace test;

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20U;

TEST(Lzma, UnpacksWithAndWithoutTheSurplusBytes) {
  const Buffer plain = pattern(0x5432, 1);
  Buffer packed = specimen::intel_lzma(plain, true);
  ASSERT_TRUE(looks_like_lzma(ByteView(packed)));
  const auto unpacked = unpack_lzma(ByteView(packed), megabyte);
  ASSERT_TRUE(unpacked.has_value()) << unpacked.error().message;
  EXPECT_EQ(unpacked->bytes, plain);
  EXPECT_EQ(unpacked->extended, 0U);
  packed.erase(packed.begin() + 0x0E, packed.begin() + 0x11);
  const auto standard = unpack_lzma(ByteView(packed), megabyte);
  ASSERT_TRUE(standard.has_value()) << standard.error().message;
  EXPECT_EQ(standard->bytes, plain);
}

TEST(Lzma, SaysWhereTheStreamEnds) {
  const Buffer packed = specimen::intel_lzma(pattern(0x1000, 1), true);
  Buffer padded = packed;
  padded.resize(packed.size() + 0x400, std::byte{0xFF});
  const auto unpacked = unpack_lzma(ByteView(padded), megabyte);
  ASSERT_TRUE(unpacked.has_value()) << unpacked.error().message;
  EXPECT_LE(unpacked->consumed, packed.size());
  EXPECT_GE(unpacked->consumed + 8, packed.size()) << "an end marker may follow the last byte";
}

TEST(Lzma, NeverUnpacksMoreThanItMay) {
  const Buffer packed = specimen::intel_lzma(Buffer(4 * megabyte), true);
  EXPECT_LT(packed.size(), 0x1000U);
  EXPECT_FALSE(unpack_lzma(ByteView(packed), 4 * megabyte - 1).has_value());
  EXPECT_TRUE(unpack_lzma(ByteView(packed), 4 * megabyte).has_value());
}

// Found by fuzzing: a stream that declares no bytes at all kept the decoder waiting for ever.
TEST(Lzma, EndsOnAStreamOfNoBytes) {
  Buffer empty(0x71);
  empty[0] = std::byte{0x36};
  empty[2] = std::byte{0x40};
  empty[0x20] = std::byte{0x31};
  const auto result = unpack_lzma(ByteView(empty), megabyte);
  EXPECT_TRUE(!result.has_value() || result->bytes.empty());
}

TEST(Lzma, RefusesDamageAndTruncation) {
  const Buffer packed = specimen::intel_lzma(pattern(0x5432, 1), true);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, std::size_t{0x0D}, std::size_t{0x12}, packed.size() / 2}) {
    EXPECT_FALSE(unpack_lzma(ByteView(Bytes(packed).first(size)), megabyte).has_value()) << size;
  }
  Buffer bad = packed;
  bad[0] = std::byte{0xFF};
  EXPECT_FALSE(unpack_lzma(ByteView(bad), megabyte).has_value());
  bad = packed;
  bad[4] = std::byte{0x7F};  // a dictionary of 2 GiB
  EXPECT_FALSE(unpack_lzma(ByteView(bad), megabyte).has_value());
}

TEST(Mfs, ReadsFilesBackAndCountsChecksums) {
  const std::map<std::uint16_t, Buffer> files{{6, pattern(0x1234, 1)}, {7, pattern(0x40, 2)}, {8, pattern(1, 3)}};
  const Buffer bytes = mfs_volume(files);
  const auto volume = parse_mfs(ByteView(bytes));
  ASSERT_TRUE(volume.has_value()) << volume.error().message;
  EXPECT_EQ(volume->pages, 14U);
  EXPECT_EQ(volume->system_pages, 1U);
  EXPECT_EQ(volume->data_pages, 12U);
  EXPECT_EQ(volume->page_checksums.checked, 14U) << "the spare page counts too";
  EXPECT_EQ(volume->page_checksums.wrong, 0U);
  EXPECT_EQ(volume->chunk_checksums.wrong, 0U);
  EXPECT_EQ(volume->volume_size, volume->expected_size);
  ASSERT_EQ(volume->files.size(), files.size());
  for (const auto& [number, content] : files) {
    const MfsFile* file = volume->find(number);
    ASSERT_NE(file, nullptr) << number;
    EXPECT_EQ(volume->content(*file), content) << number;
    EXPECT_FALSE(file->damaged);
  }
  EXPECT_EQ(volume->find(9), nullptr);
}

TEST(Mfs, CountsWrongChecksums) {
  Buffer bytes = mfs_volume({{6, pattern(0x100, 1)}});
  bytes[4] ^= std::byte{1};
  bytes[0x2000 + 0x8C + 5] ^= std::byte{1};
  const auto volume = parse_mfs(ByteView(bytes));
  ASSERT_TRUE(volume.has_value());
  EXPECT_EQ(volume->page_checksums.wrong, 1U);
  EXPECT_EQ(volume->chunk_checksums.wrong, 1U);
}

TEST(Mfs, EndsWhereAChainOfChunksGoesInCircles) {
  const Buffer good = mfs_volume({{6, pattern(0x100, 1)}});
  // The chain of file 6 runs over slots 256 to 259 of the FAT. Lead slot 257, in system chunk 8, back to 256.
  Buffer bytes = good;
  const std::uint64_t fat = 0x104 + 8 * 0x42 + (0x0E + 257 * 2) % 0x40;
  bytes[fat] = std::byte{0};
  bytes[fat + 1] = std::byte{1};
  const auto volume = parse_mfs(ByteView(bytes));
  ASSERT_TRUE(volume.has_value());
  const MfsFile* file = volume->find(6);
  ASSERT_NE(file, nullptr);
  EXPECT_TRUE(file->damaged);
  EXPECT_EQ(file->chunks.size(), 2U);
}

TEST(Mfs, IsNotFoundInOtherBytes) {
  EXPECT_EQ(parse_mfs(ByteView(Buffer(0x8000))).error().code, Errc::unrecognised);
  EXPECT_FALSE(parse_mfs(ByteView()).has_value());
}

TEST(MfsConfiguration, TellsBothKindsOfRecordsApart) {
  Canvas named(0x100, std::byte{0});
  named.u32(0, 2).put(4, text_field("home", 12)).u16(4 + 0x0E, 0x11FF);
  named.put(0x20, text_field("mphytbl", 12)).u16(0x20 + 0x12, 0x10).u32(0x20 + 0x18, 0x80);
  const auto records = parse_mfs_configuration(ByteView(named.bytes()));
  ASSERT_TRUE(records.has_value());
  ASSERT_EQ(records->size(), 2U);
  EXPECT_TRUE((*records)[0].directory);
  EXPECT_EQ((*records)[1].name, "mphytbl");
  EXPECT_EQ((*records)[1].range, (Range{0x80, 0x10}));

  Canvas numbered(0x40, std::byte{0});
  numbered.u32(0, 2).u32(4, 0x1234).u32(8, 0x1C).u16(12, 4).u32(0x10, 0x99).u32(0x14, 0x20).u16(0x18, 0x20);
  const auto other = parse_mfs_configuration(ByteView(numbered.bytes()));
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ((*other)[0].name, "00001234");
  EXPECT_EQ((*other)[1].range, (Range{0x20, 0x20}));

  numbered.u32(0, 0xFFFFFFFF);
  EXPECT_FALSE(parse_mfs_configuration(ByteView(numbered.bytes())).has_value());
}

TEST(Bpdt, RefusesTooManyEntriesAndCutOffTables) {
  Canvas out(0x40, std::byte{0});
  out.u32(0, 0x55AA).u16(4, 65).u8(6, 1);
  EXPECT_FALSE(looks_like_bpdt(ByteView(out.bytes()), 0));
  out.u16(4, 64);
  EXPECT_EQ(parse_bpdt(ByteView(out.bytes()), 0, 0).error().code, Errc::damaged);
  out.u8(6, 3);
  EXPECT_EQ(parse_bpdt(ByteView(out.bytes()), 0, 0).error().code, Errc::unrecognised);
}

TEST(Bpdt, KnowsPlaceholdersAbsentEntriesAndTypesWithoutAName) {
  Canvas out(0x100, std::byte{0});
  out.u32(0, 0x00AA55AA).u16(4, 3).u8(6, 1).u32(0x18, 2).u32(0x1C, 0x1000).u32(0x20, 0x10);
  out.u32(0x24, 77).u32(0x28, 0x2000).u32(0x2C, 0x10).u32(0x30, 7).u32(0x34, 0xFFFFFFFF).u32(0x38, 4);
  const auto table = parse_bpdt(ByteView(out.bytes()), 0, 0x100);
  ASSERT_TRUE(table.has_value());
  EXPECT_TRUE(table->recovery);
  EXPECT_EQ(table->checksum, ChecksumState::placeholder);
  EXPECT_EQ(table->entries[0].range, (Range{0x1100, 0x10}));
  EXPECT_EQ(table->entries[1].name, "type 77");
  EXPECT_TRUE(table->entries[2].range.empty());
}

// Sum over vectors and header, over the header alone, CRC-32 over header and rows.
TEST(PartitionTable, EveryFlippedBitOfWhatItsChecksumCovers) {
  struct Case {
    specimen::IntelFlavour flavour;
    FptChecksum kind;
    Range covered;
  };
  for (const Case& c : {Case{specimen::IntelFlavour::me8, FptChecksum::vectors_and_header, {0x00, 0x30}},
                        Case{specimen::IntelFlavour::me11, FptChecksum::header, {0x10, 0x20}}}) {
    SCOPED_TRACE(to_string(c.flavour));
    const Buffer region = specimen::intel_small_me_region(c.flavour);
    const auto sound = parse_fpt(ByteView(region), 0x10).value();
    EXPECT_EQ(sound.checksum, c.kind);
    EXPECT_TRUE(sound.checksum_valid);
    for (std::uint64_t at = c.covered.offset; at < c.covered.end(); ++at) {
      const bool decides_the_kind = (at >= 0x10 && at < 0x1B) || at == 0x26 || at == 0x27;
      if (decides_the_kind) continue;
      Buffer flipped = region;
      flipped.at(at) ^= std::byte{4};
      const auto table = parse_fpt(ByteView(flipped), 0x10);
      ASSERT_TRUE(table) << at;
      EXPECT_FALSE(table->checksum_valid) << at;
    }
  }
}

// Sums to zero in version 1, CRC-32 in version 2; both over header and entries.
TEST(CodeDirectories, EveryFlippedBitOfHeaderAndEntriesIsSeen) {
  for (const auto& [flavour, version] :
       {std::pair{specimen::IntelFlavour::me11, 1U}, {specimen::IntelFlavour::me16, 2U}}) {
    const Buffer region = specimen::intel_update_image(flavour, {.code_size = 0x400});
    const auto sound = parse_code_directory(ByteView(region)).value();
    EXPECT_EQ(sound.header_version, version);
    EXPECT_TRUE(sound.checksum_valid);
    for (std::uint64_t at = 0x0A; at < sound.table_size(); ++at) {
      Buffer flipped = region;
      flipped.at(at) ^= std::byte{4};
      EXPECT_FALSE(parse_code_directory(ByteView(flipped)).value().checksum_valid) << at;
    }
  }
}

TEST(PartitionTable, ACrcCoversHeaderAndRows) {
  const Buffer region = specimen::intel_small_me_region(specimen::IntelFlavour::me16);
  const std::uint64_t table_at = ByteView(region).find(as_bytes("$FPT")).value();
  const auto sound = parse_fpt(ByteView(region), table_at).value();
  EXPECT_EQ(sound.checksum, FptChecksum::crc32);
  EXPECT_TRUE(sound.checksum_valid);
  for (std::uint64_t at = sound.range.offset + 0x0B; at < sound.range.end(); ++at) {
    Buffer flipped = region;
    flipped.at(at) ^= std::byte{4};
    EXPECT_FALSE(parse_fpt(ByteView(flipped), table_at).value().checksum_valid) << at;
  }
}

// Chunks of 1 KiB from 0x10100000 on; the last one of a module counts even when it begins just behind it.
TEST(ChunkTable, AModuleOwnsTheChunksOfItsAddresses) {
  struct Case {
    std::uint32_t load_base;
    std::uint32_t size;
    Range chunks;
  };
  Llut llut;
  llut.address_base = 0x00100000;
  llut.chunk_size = 0x400;
  llut.entries.assign(8, 0x00001000);
  for (const Case& c : {Case{0x10100000, 0x400, {0, 2}}, Case{0x10100000, 0x3FF, {0, 1}},
                        Case{0x10100800, 0x801, {2, 3}}, Case{0x10101C00, 0x4000, {7, 1}}}) {
    const auto chunks = llut.chunks_of({.code_size = c.size, .load_base = c.load_base});
    EXPECT_EQ(chunks.value(), c.chunks) << c.load_base;
  }
  EXPECT_FALSE(llut.chunks_of({.code_size = 0x400, .load_base = 0x100FFFFF}));
}

TEST(Extensions, StopAtASizeThatCannotBe) {
  for (const std::uint32_t size : {0U, 7U, 0x11U, 0xFFFFFFFFU}) {
    Canvas list(0x10, std::byte{0});
    list.u32(0, 2).u32(4, size);
    const ExtensionList parsed = parse_extensions(ByteView(list.bytes()), 32);
    EXPECT_TRUE(parsed.damaged) << size;
    EXPECT_TRUE(parsed.all.empty()) << size;
  }
  EXPECT_FALSE(parse_extensions(ByteView(), 32).damaged);
}

TEST(Extensions, ListKeysWithTheirRoles) {
  Canvas body(0x1C + 0x44, std::byte{0});
  body.u32(0, 1).u32(4, 5).u8(0x1C, 0x05).u8(0x1C + 5, 0x02).u16(0x1C + 0x22, 32).put(0x1C + 0x24, pattern(32, 1));
  const Buffer list = extension(0x0E, body.bytes());
  const ExtensionList parsed = parse_extensions(ByteView(list), 32);
  ASSERT_TRUE(parsed.keys.has_value());
  ASSERT_EQ(parsed.keys->keys.size(), 1U);
  EXPECT_THAT(parsed.keys->keys[0].roles, testing::ElementsAre(0, 2, 41));
  EXPECT_EQ(to_hex(parsed.keys->keys[0].digest), to_hex(pattern(32, 1)));
  EXPECT_EQ(key_role_title(2), "PMC");
  EXPECT_EQ(key_role_title(99), "role 99");
  EXPECT_THAT(key_roles_of("ISHC"), testing::ElementsAre(41, 42));
  EXPECT_THAT(key_roles_of(""), testing::IsEmpty());
}

}  // namespace
}  // namespace quell::intel
