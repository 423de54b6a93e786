// SPDX-License-Identifier: GPL-2.0-or-later
// Each kind of damage gets its own diagnosis, and what is sound beside it is still shown.
#include <functional>

#include <gmock/gmock.h>

#include "amd/images.h"

namespace quell::test {
namespace {

using amd::SignatureResult;
using specimen::AmdLayout;
using testing::Contains;
using testing::IsEmpty;

const amd::Directory& directory_of(const amd::Rom& rom, std::string_view magic, char slot = 0) {
  static const amd::Directory none{};
  for (const amd::Directory& directory : rom.directories) {
    if (directory.magic == magic && (slot == 0 || directory.slot == slot)) return directory;
  }
  ADD_FAILURE() << "no directory " << magic;
  return none;
}

// What is done to the bytes of a sound image, and the errors that must follow; nothing else may.
struct Damage {
  std::string name;
  AmdLayout layout = AmdLayout::levels;
  std::function<void(Buffer&, const amd::Rom&)> apply;
  std::multiset<std::string> errors;
};

void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }

// Turns an entry of a directory into a link to `target`.
void link_to(Buffer& bytes, const amd::Directory& directory, std::size_t index, std::uint8_t type,
             std::uint64_t target) {
  const std::uint64_t at = directory.entries.at(index).entry_offset;
  bytes.at(at) = std::byte{type};
  put_u32(bytes, at + 8, static_cast<std::uint32_t>(target));
  put_u32(bytes, at + 12, 0);
  reseal(bytes, directory);
}

void move_entry(Buffer& bytes, const amd::Rom& rom, std::string_view magic, std::uint8_t type, std::uint32_t to) {
  const amd::Directory& directory = directory_of(rom, magic);
  for (const amd::Entry& entry : directory.entries) {
    if (entry.type == type) put_u32(bytes, entry.entry_offset + 8, to);
  }
  reseal(bytes, directory);
}

using amd::Rom;

const std::vector<Damage> damages = {
    {"checksum",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { flip(b, directory_of(r, "$PSP").offset + 4); },
     {"directory-checksum-mismatch"}},
    {"count",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { put_u32(b, directory_of(r, "$PL2").offset + 8, 0xFFFFFFFF); },
     {"directory-count-invalid"}},
    {"count_that_fits",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { put_u32(b, directory_of(r, "$PL2").offset + 8, 0x201); },
     {"directory-count-invalid"}},
    {"self_reference",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) {
       link_to(b, directory_of(r, "$PSP"), directory_of(r, "$PSP").entries.size() - 1, 0x40,
               directory_of(r, "$PSP").offset);
     },
     {"directory-recursion"}},
    {"loop",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { link_to(b, directory_of(r, "$PL2"), 7, 0x40, directory_of(r, "$PSP").offset); },
     {"directory-recursion"}},
    {"cookie",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { flip(b, directory_of(r, "$PL2").offset); },
     {"directory-cookie-missing"}},
    {"outside",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { move_entry(b, r, "$PL2", 0x04, 0x7FFFF000); },
     {"entry-address-out-of-range"}},
    {"past_end",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { move_entry(b, r, "$PL2", 0x04, 0xFFE00); },
     {"entry-past-end"}},
    {"link_outside",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { move_entry(b, r, "$BHD", 0x70, 0x7FFFF000); },
     {"directory-out-of-range"}},
    {"efs_pointer",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { put_u32(b, r.efs.offset + 0x14, 0x12345678); },
     {"efs-pointer-out-of-range"}},
    {"combo_target",
     AmdLayout::combo,
     [](Buffer& b, const Rom& r) {
       const amd::Directory& combo = directory_of(r, "2BHD");
       put_u32(b, combo.offset + 0x38, 0x7FFFF000);
       put_u32(b, combo.offset + 4, amd::fletcher32(Bytes(b).subspan(combo.offset + 8, 0x38)));
     },
     {"combo-target-out-of-range"}},
    {"slot_header_checksum",
     AmdLayout::slots,
     [](Buffer& b, const Rom& r) { flip(b, directory_of(r, "", 'B').offset + 4); },
     {"ish-checksum-mismatch"}},
    {"slot_header_target",
     AmdLayout::slots,
     [](Buffer& b, const Rom& r) {
       const std::uint64_t at = directory_of(r, "", 'B').offset;
       put_u32(b, at + 0x10, 0x7FFFF000);
       put_u32(b, at, amd::fletcher32(Bytes(b).subspan(at + 4, 0x1C)));
     },
     {"ish-target-out-of-range"}},
    {"slot_erased",
     AmdLayout::slots,
     [](Buffer& b, const Rom& r) {
       std::ranges::fill(std::span(b).subspan(directory_of(r, "", 'B').offset, 0x20), std::byte{0xFF});
     },
     {"recovery-slot-unusable"}},
    {"slot_outside",
     AmdLayout::slots,
     [](Buffer& b, const Rom& r) {
       for (const amd::Directory& directory : r.directories) {
         if (directory.magic != "$PSP") continue;
         put_u32(b, directory.entries.at(1).entry_offset + 8, 0x7FFFF000);
         reseal(b, directory);
       }
     },
     {"ish-out-of-range", "ish-out-of-range"}},
    {"board_configuration",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { flip(b, entry_of(r, true, 0x60).stored->offset + 0x40); },
     {"apcb-checksum-mismatch"}},
    {"reset_image",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { flip(b, entry_of(r, true, 0x62).stored->offset + 0x102); },
     {"compressed-data-damaged"}},
    {"compressed_firmware",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { flip(b, entry_of(r, false, 0x08).stored->offset + 0x140); },
     {"signature-invalid"}},
    {"key_database",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { flip(b, entry_of(r, false, 0x50).stored->offset + 0x120); },
     {"signature-invalid"}},
    {"key_token",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { flip(b, entry_of(r, false, 0x09).stored->offset + 0x24); },
     {"signature-invalid"}},
    {"signature",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) {
       const amd::Entry& entry = entry_of(r, false, 0x08);
       flip(b, entry.stored->offset + r.payload_of(entry)->header->signature_offset());
     },
     {"signature-invalid"}},
    {"key_token_signature",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { flip(b, entry_of(r, false, 0x09).stored->end() - 1); },
     {"signature-invalid"}},
    {"sub_image",
     AmdLayout::levels,
     [](Buffer& b, const Rom& r) { flip(b, entry_of(r, false, 0x30).stored->offset + 0x400); },
     {"signature-invalid"}},
};

class AmdDamage : public testing::TestWithParam<Damage> {};

TEST_P(AmdDamage, IsDiagnosedAndNothingElse) {
  Buffer bytes = specimen::amd_image(GetParam().layout);
  GetParam().apply(bytes, examine_amd(bytes).firmware.roms.at(0));
  const ParsedImage image = examine_amd(std::move(bytes));
  EXPECT_EQ(findings_of(image, Severity::error), GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(Each, AmdDamage, testing::ValuesIn(damages),
                         [](const auto& damage) { return damage.param.name; });

TEST(AmdDamageOfKeys, TwoModuliUnderOneIdAreAConflictAndEntriesStillVerify) {
  Buffer bytes = specimen::amd_image(AmdLayout::levels);
  const ParsedImage sound = examine_amd(bytes);
  const amd::Directory& second = directory_of(sound.firmware.roms.at(0), "$PL2");
  flip(bytes, second.entries.at(0).stored->offset + 0x245);
  const ParsedImage image = examine_amd(std::move(bytes));
  EXPECT_THAT(findings_of(image, Severity::error), testing::ElementsAre("key-id-conflict"));
  EXPECT_EQ(count_of(image, SignatureResult::valid), count_of(sound, SignatureResult::valid));
}

// Which entries the root key has signed: 0x01, the keys 0x09 and 0x50 and the table 0x55, at both levels.
TEST(AmdDamageOfKeys, AnAlteredRootKeyVerifiesNothing) {
  Buffer bytes = specimen::amd_image(AmdLayout::levels);
  const ParsedImage sound = examine_amd(bytes);
  const amd::Rom& rom = sound.firmware.roms.at(0);
  std::set<std::uint64_t> roots;
  for (const amd::Directory& directory : rom.directories) {
    for (const amd::Entry& entry : directory.entries) {
      if (!entry.bios && entry.type == 0x00 && entry.stored) roots.insert(entry.stored->offset);
    }
  }
  ASSERT_EQ(roots.size(), 2U);
  for (const std::uint64_t root : roots) flip(bytes, root + 0x240 + 3);  // in the modulus
  const ParsedImage image = examine_amd(std::move(bytes));
  EXPECT_EQ(count_of(sound, SignatureResult::invalid), 0U);
  EXPECT_EQ(count_of(image, SignatureResult::invalid), 8U);
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{0x01, 0x09, 0x50, 0x55}) {
    const amd::Rom& altered = image.firmware.roms.at(0);
    const amd::Payload* payload = altered.payload_of(entry_of(altered, false, type));
    ASSERT_TRUE(payload != nullptr && payload->signature) << unsigned{type};
    EXPECT_EQ(payload->signature->result, SignatureResult::invalid) << unsigned{type};
  }
}

// A root key that goes by the ID of one that AMD published (Cezanne) must be that one.
TEST(AmdDamageOfKeys, ARootKeyUnderAPublishedIdMustBeThePublishedOne) {
  Buffer bytes = specimen::amd_image(AmdLayout::levels);
  const amd::Rom rom = examine_amd(bytes).firmware.roms.at(0);
  const Buffer published = from_hex("6c9ea31abe17472797c9f06fe416ade2");
  for (const amd::Directory& directory : rom.directories) {
    for (const amd::Entry& entry : directory.entries) {
      if (entry.bios || entry.type != 0x00 || !entry.stored) continue;
      for (const std::uint64_t field : {0x04U, 0x14U}) {  // own and certifying ID
        std::ranges::copy(published, bytes.begin() + static_cast<std::ptrdiff_t>(entry.stored->offset + field));
      }
    }
  }
  EXPECT_THAT(findings_of(examine_amd(std::move(bytes)), Severity::error), Contains("root-key-altered"));
}

TEST(AmdDamageOfSlots, ADifferenceThatNoSignatureCoversIsShown) {
  Buffer bytes = specimen::amd_image(AmdLayout::slots);
  const amd::Rom rom = examine_amd(bytes).firmware.roms.at(0);
  const amd::Entry& microcode = directory_of(rom, "$BL2", 'B').entries.at(4);
  flip(bytes, microcode.stored->offset + 0x80);
  const ParsedImage image = examine_amd(std::move(bytes));
  EXPECT_THAT(findings_of(image, Severity::error), IsEmpty());
  EXPECT_EQ(findings_of(image, Severity::warning).count("slot-compare"), 1U);
}

TEST(AmdDamageOfLength, EveryShorteningIsReadWithoutHarm) {
  const Buffer whole = specimen::amd_image(AmdLayout::slots);
  for (std::uint64_t size = 0; size < whole.size(); size = size * 9 / 8 + 0x333) {
    const Buffer bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    auto firmware = amd::parse(ByteView(bytes));
    if (!firmware) continue;
    amd::verify(*firmware, ByteView(bytes));
    for (const amd::Rom& rom : firmware->roms) {
      static_cast<void>(amd::describe(rom));
      EXPECT_FALSE(amd::audit(rom, ByteView(bytes)).empty()) << size;
    }
  }
}

// A directory of 512 entries that each claim the whole chip: the work stays in proportion to the file.
TEST(AmdLimits, OverlappingEntriesDoNotMultiplyTheWork) {
  Buffer bytes = specimen::amd_image(AmdLayout::levels, {.size = 0x1000000});
  const std::uint64_t at = 0x800000;
  const amd::Rom rom = examine_amd(bytes).firmware.roms.at(0);
  std::ranges::copy(as_bytes("$PSP"), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  put_u32(bytes, at + 8, 0x200);
  put_u32(bytes, at + 0xC, 1U << 29U);
  for (std::uint32_t i = 0; i < 0x200; ++i) {
    put_u32(bytes, at + 0x10 + i * 0x10, 0x30);
    put_u32(bytes, at + 0x14 + i * 0x10, 0xF00000 - i);
    put_u32(bytes, at + 0x18 + i * 0x10, i);
    put_u32(bytes, at + 0x1C + i * 0x10, 0);
  }
  put_u32(bytes, rom.efs.offset + 0x14, static_cast<std::uint32_t>(at));
  const ParsedImage image = examine_amd(std::move(bytes));
  EXPECT_THAT(findings_of(image, Severity::error), Contains("work-limit"));
  std::size_t examined = 0;
  for (const amd::Payload& payload : image.firmware.roms.at(0).payloads) examined += payload.examined ? 1U : 0U;
  EXPECT_LT(examined, 32U);
}

// Directories that name each other without end are a bounded number.
TEST(AmdLimits, ChainsOfDirectoriesEndAtTheNestingLimit) {
  Buffer bytes(0x100000, std::byte{0xFF});
  put_u32(bytes, specimen::amd_efs_offset, 0x55AA55AA);
  put_u32(bytes, specimen::amd_efs_offset + 0x14, 0x30000);
  for (std::uint32_t i = 0; i < 64; ++i) {
    const std::uint32_t at = 0x30000 + i * 0x100;
    std::ranges::copy(as_bytes(i == 0 ? "$PSP" : "$PL2"), bytes.begin() + at);
    put_u32(bytes, at + 8, 1);
    put_u32(bytes, at + 0xC, 1U << 29U);
    put_u32(bytes, at + 0x10, 0x40);
    put_u32(bytes, at + 0x14, 0x100);
    put_u32(bytes, at + 0x18, at + 0x100);
    put_u32(bytes, at + 0x1C, 0);
    put_u32(bytes, at + 4, amd::fletcher32(Bytes(bytes).subspan(at + 8, 0x18)));
  }
  const ParsedImage image = examine_amd(std::move(bytes));
  EXPECT_EQ(image.firmware.roms.at(0).directories.size(), 8U);
  EXPECT_THAT(findings_of(image, Severity::error), testing::ElementsAre("directory-depth"));
}

}  // namespace
}  // namespace quell::test
