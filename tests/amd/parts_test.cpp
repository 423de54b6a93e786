// SPDX-License-Identifier: GPL-2.0-or-later
// Single structures: checksums, addresses, headers, tokens, versions, tables of facts.
#include <gmock/gmock.h>
#include <zlib.h>

#include "amd/images.h"
#include "amd/inflate.h"
#include "base/octets.h"
#include "specimen/specimen.h"

namespace quell::test {
namespace {

using specimen::AmdLayout;
using specimen::Canvas;

TEST(AmdFletcher, MatchesTheCommonTestValuesModulo65535) {
  // "abcde" with a zero byte appended and "abcdef" in the well-known variant that starts at 0; ours starts at 0xFFFF,
  // which is the same modulo 65535.
  EXPECT_EQ(amd::fletcher32(as_bytes("abcdef")), 0x56502D2AU);
  EXPECT_EQ(amd::fletcher32(as_bytes("abcdefgh")), 0xEBE19591U);
  EXPECT_EQ(amd::fletcher32({}), 0xFFFFFFFFU);
}

TEST(AmdFletcher, FoldsLongInputsWithoutOverflow) {
  const Buffer bytes(64 * 1024, std::byte{0xFE});
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  for (std::size_t i = 0; i < bytes.size() / 2; ++i) {
    first = (first + 0xFEFE) % 65535;
    second = (second + first) % 65535;
  }
  const std::uint32_t sum = amd::fletcher32(bytes);
  EXPECT_EQ((sum & 0xFFFFU) % 65535, first);
  EXPECT_EQ((sum >> 16U) % 65535, second);
}

TEST(AmdAdditionalInfo, IsReadInBothVersions) {
  const amd::AdditionalInfo old = amd::read_additional_info(0x2000053A);
  EXPECT_EQ(old.version, 0U);
  EXPECT_EQ(old.directory_size, 0x13A000U);
  EXPECT_EQ(old.spi_block_field, 1U);
  EXPECT_EQ(old.mode, amd::AddressMode::flash_offset);
  const amd::AdditionalInfo recent = amd::read_additional_info(0x82411234);
  EXPECT_EQ(recent.version, 1U);
  EXPECT_EQ(recent.directory_size, 0x1234000U);
  EXPECT_EQ(recent.spi_block_field, 1U);
  EXPECT_EQ(recent.header_size, 0x1000U);
  EXPECT_EQ(recent.mode, amd::AddressMode::directory_relative);
}

// Where an address leads: window, address, place.
TEST(AmdAddresses, AreMmioOrRelativeToTheBaseByValue) {
  struct Case {
    amd::Window window;
    std::uint64_t address;
    std::uint64_t place;
  };
  const std::vector<Case> cases{{{0, 0x1000000, 0x1000000}, 0xFF020000, 0x020000},
                                {{0, 0x800000, 0x800000}, 0xFF820000, 0x020000},
                                {{0x1000000, 0x1000000, 0x2000000}, 0xFF020000, 0x1020000},
                                {{0x1000000, 0x1000000, 0x2000000}, 0x00030000, 0x1030000},
                                {{0x800, 0x1000000, 0x1000800}, 0x00821000, 0x821800},
                                {{0, 0x1000000, 0x1000000}, 0x12345678, 0x12345678},
                                {{0, 0x1000000, 0x1000000}, 0x1FF020000, 0x1FF020000}};
  for (const Case& c : cases) EXPECT_EQ(amd::resolve(c.window, c.address), c.place) << c.address;
  EXPECT_GT(amd::resolve({0x800, 0x1000000, 0x1000800}, ~std::uint64_t{0}), 0x1000800U);  // never wraps
}

TEST(AmdAddresses, DeviationsThatWorkAreQuirksAndNotErrors) {
  // An MMIO address in a directory of flash offsets, and the other way round.
  for (const auto& [magic, value, quirk] : std::vector<std::tuple<std::string, std::uint32_t, amd::Quirk>>{
           {"$PL2", 0xFFF00000U + 0x30000U, amd::Quirk::mmio_address_in_flash_mode},
           {"$PSP", 0x30000U, amd::Quirk::flash_offset_in_physical_mode}}) {
    const bool levels = magic == "$PL2";
    Buffer bytes = specimen::amd_image(levels ? AmdLayout::levels : AmdLayout::flat);
    const amd::Rom rom = examine_amd(bytes).firmware.roms.at(0);
    for (const amd::Directory& directory : rom.directories) {
      if (directory.magic != magic) continue;
      for (const amd::Entry& entry : directory.entries) {
        if (entry.type == 0x04) put_u32(bytes, entry.entry_offset + 8, value);
      }
      reseal(bytes, directory);
    }
    const ParsedImage image = examine_amd(std::move(bytes));
    EXPECT_THAT(findings_of(image, Severity::error), testing::IsEmpty()) << magic;
    EXPECT_EQ(findings_of(image, Severity::info).count("address-quirk"), 1U) << magic;
    bool found = false;
    for (const amd::Directory& directory : image.firmware.roms.at(0).directories) {
      for (const amd::Entry& entry : directory.entries) {
        found = found || (entry.quirk == quirk && entry.offset == 0x30000U);
      }
    }
    EXPECT_TRUE(found) << magic;
  }
}

TEST(AmdHeader, SizesFollowCompressionAndEncryption) {
  struct Case {
    std::uint32_t size_signed, compressed, compressed_size, encrypted;
    std::uint64_t stored;
  };
  const std::vector<Case> cases{
      {1001, 0, 0, 0, 1001}, {1001, 0, 0, 1, 1008}, {5000, 1, 1001, 0, 1008}, {73527, 1, 0, 0, 73527}};
  for (const Case& c : cases) {
    Canvas bytes(0x100, std::byte{0});
    bytes.u32(0x14, c.size_signed)
        .u32(0x18, c.encrypted)
        .u32(0x30, 1)
        .u32(0x48, c.compressed)
        .u32(0x54, c.compressed_size);
    const auto header = amd::read_psp_header(ByteView(bytes.bytes()));
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->stored_payload_size(), c.stored);
  }
}

TEST(AmdHeader, IsNotSeenInOtherBytes) {
  const auto plausible = [](std::uint64_t at, std::uint32_t value, std::uint64_t size = 0x100) {
    Canvas bytes(size, std::byte{0});
    bytes.u32(at, value);
    return amd::read_psp_header(ByteView(bytes.bytes())).has_value();
  };
  EXPECT_TRUE(plausible(0x30, 1));
  EXPECT_FALSE(plausible(0x30, 2));
  EXPECT_FALSE(plausible(0x48, 2));
  EXPECT_FALSE(plausible(0x34, 1));
  EXPECT_FALSE(plausible(0x14, 32U << 20U));
  EXPECT_FALSE(plausible(0x30, 1, 0xFF));
}

TEST(AmdVersions, AreShownAsTheFieldShowsThem) {
  EXPECT_EQ(amd::version_hex(0x00400065), "00.40.00.65");
  EXPECT_EQ(amd::version_decimal(0x00404800), "0.64.72.0");
  EXPECT_EQ((amd::Microcode{.date = 0x11072024}).date_text(), "2024-11-07");
}

TEST(AmdTables, NameTheTypesOfBothKindsOfDirectories) {
  ASSERT_NE(amd::entry_type(false, 0x08), nullptr);
  EXPECT_EQ(amd::entry_type(false, 0x08)->name, "smu_firmware");
  EXPECT_EQ(amd::entry_type(true, 0x62)->payload, amd::PayloadKind::reset);
  EXPECT_EQ(amd::entry_type(false, 0x62), nullptr);
  EXPECT_EQ((amd::Entry{.type = 0xEE}).name(), "unknown_ee");
  EXPECT_EQ(amd::platform_of(0xBC0D0900), "Mendocino");
  EXPECT_EQ(amd::platform_of(0), "");
  ASSERT_NE(amd::root_key("9f9d4a8fe761456599f6946c4c010f3a"), nullptr);
  EXPECT_EQ(amd::root_key("9f9d4a8fe761456599f6946c4c010f3a")->platform, "Genoa");
  EXPECT_EQ(amd::efs_fields().size(), 34U);
}

TEST(AmdInflate, NeverGivesMoreThanTheBoundAndRefusesDamage) {
  Budget budget(0);
  const Buffer stream = from_hex("789c4b4ca41e0000c8cb1871");  // a run of "a" cut off in its checksum
  EXPECT_FALSE(amd::inflate(stream, 1000, budget).has_value());
  const Buffer good = from_hex("789c4b4c4a4e494d4b07000adb02bd");
  ASSERT_TRUE(amd::inflate(good, 7, budget).has_value());
  EXPECT_TRUE(equal(*amd::inflate(good, 7, budget), as_bytes("abcdefg")));
  EXPECT_FALSE(amd::inflate(good, 6, budget).has_value());
  EXPECT_FALSE(amd::inflate({}, 10, budget).has_value());
}

// 40 MiB of zeros in 40 KiB: each piece is asked for before it is made, and what was made in vain stays charged.
TEST(AmdInflate, AsksTheBudgetBeforeItUnpacks) {
  const Buffer plain(std::size_t{40} << 20U);
  Buffer stream(::compressBound(plain.size()));
  uLongf size = stream.size();
  ASSERT_EQ(::compress2(octets(std::span(stream)), &size, octets(Bytes(plain)), plain.size(), 9), Z_OK);
  stream.resize(size);
  Budget budget(0);
  const auto refused = amd::inflate(stream, plain.size(), budget);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::unsupported) << "not damaged: not unpacked";
  EXPECT_TRUE(budget.exhausted());
  EXPECT_LT(budget.left(), std::uint64_t{1} << 20U);

  Budget again(0);
  stream.resize(stream.size() - 100);
  EXPECT_FALSE(amd::inflate(stream, std::uint64_t{16} << 20U, again).has_value());
  EXPECT_LT(again.left(), Budget(0).left() - (std::uint64_t{15} << 20U)) << "failures are charged";
}

TEST(AmdContent, VersionsTablesAndIdentitiesAreRead) {
  const ParsedImage image = examine_amd(specimen::amd_image(AmdLayout::levels));
  const amd::Rom& rom = image.firmware.roms.at(0);
  EXPECT_EQ(rom.payload_of(entry_of(rom, false, 0x0C))->ftpm_version, "3.90.2.5");
  EXPECT_EQ(rom.payload_of(entry_of(rom, false, 0x08))->smu_version, "0.64.72.0");
  EXPECT_EQ(rom.payload_of(entry_of(rom, false, 0x30))->sub_images.size(), 2U);
  EXPECT_EQ(rom.payload_of(entry_of(rom, false, 0x55))->spl->records.size(), 3U);
  EXPECT_EQ(rom.payload_of(entry_of(rom, true, 0x66))->microcode->patch_level, 0x0A500014U);
  EXPECT_TRUE(rom.payload_of(entry_of(rom, true, 0x60))->apcb->checksum_valid);
  EXPECT_EQ(rom.payload_of(entry_of(rom, true, 0x62))->inflates, true);
}

TEST(AmdKeys, AreTrustedThroughTheHierarchy) {
  const ParsedImage image = examine_amd(specimen::amd_image(AmdLayout::levels));
  std::map<std::string, amd::Trust> trust;
  for (const amd::Key& key : image.firmware.roms.at(0).keys) trust[to_hex(key.id).substr(0, 2)] = key.trust;
  EXPECT_EQ(trust["a1"], amd::Trust::root);
  EXPECT_EQ(trust["b1"], amd::Trust::chained);                                     // from the database
  EXPECT_EQ(trust["c2"], amd::Trust::chained);                                     // by certificate
  EXPECT_EQ(findings_of(image, Severity::warning).count("root-key-unknown"), 2U);  // one in each level
}

// An entry below the table's minimum, an unlock token, soft fuses: what an owner should know.
TEST(AmdSecurity, SettingsAreNoticed) {
  Buffer bytes = specimen::amd_image(AmdLayout::levels);
  const amd::Rom rom = examine_amd(bytes).firmware.roms.at(0);
  for (const amd::Directory& directory : rom.directories) {
    for (const amd::Entry& entry : directory.entries) {
      if (!entry.bios && entry.type == 0x0B) put_u32(bytes, entry.entry_offset + 8, 0x5);
      if (!entry.bios && entry.type == 0x22) flip(bytes, entry.stored->offset);
    }
    if (directory.magic == "$PSP" || directory.magic == "$PL2") reseal(bytes, directory);
  }
  const auto notices = findings_of(examine_amd(std::move(bytes)), Severity::warning);
  EXPECT_EQ(notices.count("soft-fuse"), 2U);
  EXPECT_EQ(notices.count("token-unlock-region"), 2U);
}

TEST(AmdSecurity, AnOemSigningKeyIsCalledPreparedAndNeverEnabled) {
  const ParsedImage image = examine_amd(specimen::amd_image(AmdLayout::flat));
  const auto findings = amd::audit(image.firmware.roms.at(0), ByteView(image.bytes));
  const auto found = std::ranges::find(findings, "amd.psb-bios-signing-key", &Finding::id);
  ASSERT_NE(found, findings.end());
  EXPECT_THAT(found->title, testing::HasSubstr("prepared for platform secure boot"));
  EXPECT_THAT(found->advice, testing::HasSubstr("cannot prove"));
}

}  // namespace
}  // namespace quell::test
