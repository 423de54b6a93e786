// SPDX-License-Identifier: GPL-2.0-or-later
// Firmware of our own making: every encoding, every layout of variables, what damage is called, what stays private.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "quell/survey/check.h"
#include "report/boot_notes.h"
#include "report/check.h"
#include "report/json.h"
#include "report/report_markdown.h"
#include "report/text.h"
#include "specimen/signing.h"
#include "specimen/uefi.h"
#include "uefi/extract.h"
#include "uefi/look.h"
#include "uefi/names.h"

namespace quell {
namespace {

using specimen::UefiPacking;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view guid = "01234567-89AB-CDEF-0123-456789ABCDEF";
constexpr std::string_view other_guid = "11234567-89AB-CDEF-0123-456789ABCDEF";
constexpr std::string_view global = "8BE4DF61-93CA-11D2-AA0D-00E098032B8C";
constexpr std::uint64_t volume_size = 0x10000;

Buffer bytes_of(std::string_view text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }

Buffer empty_digest() {
  const Sha256 digest = sha256({});
  return {digest.begin(), digest.end()};
}

Buffer noise(std::size_t size) {
  Buffer out(size);
  unsigned value = 12345;
  for (std::byte& byte : out) {
    value = value * 1103515245 + 12345;
    // Runs, so that there is something to pack.
    byte = static_cast<std::byte>(value >> 20U & 0x1FU);
  }
  return out;
}

Buffer module_sections() {
  return specimen::uefi_row({specimen::uefi_section(0x10, noise(5000)), specimen::uefi_name_section("Module")});
}

uefi::Firmware walk(const Buffer& bytes, bool unpack = true) {
  const Image image("specimen", ByteView(bytes));
  return uefi::read_volumes(image.bytes(), flash::find_volumes(image.bytes(), image.landmarks()).volumes,
                            {.unpack = unpack, .keep = true});
}

std::set<std::string> ids(const std::vector<Finding>& findings) {
  std::set<std::string> out;
  for (const Finding& finding : findings) out.insert(finding.id);
  return out;
}

struct PackingCase {
  UefiPacking packing;
  uefi::Encoding encoding;
};

class UefiPackings : public testing::TestWithParam<PackingCase> {};

TEST_P(UefiPackings, AreOpened) {
  const Buffer content = module_sections();
  const Buffer file = specimen::uefi_file(guid, 0x07, specimen::uefi_packed_section(GetParam().packing, content));
  const Buffer volume = specimen::uefi_volume({file}, volume_size);
  const auto firmware = walk(volume);
  EXPECT_THAT(firmware.findings, IsEmpty());
  ASSERT_EQ(firmware.volumes.size(), 1U);
  ASSERT_EQ(firmware.volumes[0].files.size(), 1U);
  const uefi::File& module = firmware.volumes[0].files[0];
  if (GetParam().packing == UefiPacking::brotli && firmware.counts.opaque != 0) {
    GTEST_SKIP() << "this program is built without Brotli";
  }
  EXPECT_EQ(module.label, "Module");
  ASSERT_EQ(module.sections.size(), 1U);
  EXPECT_EQ(module.sections[0].encoding, GetParam().encoding);
  EXPECT_EQ(module.sections[0].unpacked_size, content.size());
  if (module.sections[0].content) {
    EXPECT_EQ(*module.sections[0].content, content);
  }
}

TEST_P(UefiPackings, WithABrokenStreamAreAnError) {
  if (GetParam().packing == UefiPacking::plain) return;
  Buffer section = specimen::uefi_packed_section(GetParam().packing, module_sections());
  // The middle of the packed data reads as zeroes.
  std::fill_n(section.begin() + static_cast<std::ptrdiff_t>(section.size() / 2), 64, std::byte{0});
  const Buffer volume = specimen::uefi_volume({specimen::uefi_file(guid, 0x07, section)}, volume_size);
  const auto found = ids(walk(volume).findings);
  if (GetParam().packing == UefiPacking::brotli) return;  // stored as it is: nothing in it tells
  EXPECT_TRUE(found.contains("uefi.section.encoding") || found.contains("uefi.section.crc32") ||
              found.contains("uefi.section.size"))
      << testing::PrintToString(found);
}

INSTANTIATE_TEST_SUITE_P(All, UefiPackings,
                         testing::Values(PackingCase{UefiPacking::plain, uefi::Encoding::none},
                                         PackingCase{UefiPacking::lzma, uefi::Encoding::lzma},
                                         PackingCase{UefiPacking::lzma_x86, uefi::Encoding::lzma_x86},
                                         PackingCase{UefiPacking::efi11, uefi::Encoding::efi11},
                                         PackingCase{UefiPacking::tiano, uefi::Encoding::tiano},
                                         PackingCase{UefiPacking::brotli, uefi::Encoding::brotli},
                                         PackingCase{UefiPacking::gzip, uefi::Encoding::gzip},
                                         PackingCase{UefiPacking::crc32, uefi::Encoding::crc32}));

TEST(UefiWalk, LeavesPackedContentAloneUnlessAsked) {
  const Buffer file =
      specimen::uefi_file(guid, 0x07, specimen::uefi_packed_section(UefiPacking::lzma, module_sections()));
  const auto firmware = walk(specimen::uefi_volume({file}, volume_size), false);
  EXPECT_EQ(firmware.volumes.at(0).files.at(0).sections.at(0).state, uefi::Section::State::packed);
  EXPECT_EQ(firmware.counts.unpacked, 0U);
}

TEST(UefiWalk, KeepsWhatNobodyKnowsClosedAndCountsIt) {
  const Buffer file =
      specimen::uefi_file(guid, 0x07, specimen::uefi_packed_section(UefiPacking::unknown, module_sections()));
  const auto firmware = walk(specimen::uefi_volume({file}, volume_size));
  EXPECT_EQ(firmware.volumes.at(0).files.at(0).sections.at(0).state, uefi::Section::State::opaque);
  EXPECT_EQ(firmware.counts.opaque, 1U);
  EXPECT_THAT(firmware.findings, IsEmpty());
}

TEST(UefiWalk, ReadsLargeFilesAndTheFirstFileSystem) {
  const Buffer content = module_sections();
  const auto third = walk(specimen::uefi_volume({specimen::uefi_file(guid, 0x07, content, true)}, volume_size, 3));
  EXPECT_EQ(third.volumes.at(0).files.at(0).header_size, 32);
  EXPECT_EQ(third.volumes.at(0).files.at(0).label, "Module");
  const auto first = walk(specimen::uefi_volume({specimen::uefi_file(guid, 0x07, content)}, volume_size, 1));
  EXPECT_EQ(first.volumes.at(0).files.at(0).label, "Module");
}

TEST(UefiWalk, GoesIntoVolumesInsideVolumes) {
  Buffer inner = specimen::uefi_volume({specimen::uefi_file(guid, 0x07, module_sections())}, 0x4000);
  const Buffer section = specimen::uefi_section(0x17, inner);
  const Buffer packed = specimen::uefi_packed_section(UefiPacking::lzma, section);
  const auto firmware = walk(specimen::uefi_volume({specimen::uefi_file(other_guid, 0x0B, packed)}, volume_size));
  EXPECT_THAT(firmware.findings, IsEmpty());
  EXPECT_EQ(firmware.counts.volumes, 2U);
  EXPECT_EQ(firmware.counts.files, 2U);
  const uefi::Volume& inside = firmware.volumes.at(0).files.at(0).sections.at(0).sections.at(0).volumes.at(0);
  EXPECT_TRUE(inside.place.unpacked);
  EXPECT_EQ(inside.place.image, firmware.volumes[0].files[0].sections[0].place.range);
  EXPECT_EQ(firmware.volumes[0].files[0].label, "") << "a name in a volume inside is not the file's";
}

TEST(UefiWalk, StopsAtItsBudgetWhenPackedContentNests) {
  Buffer content = module_sections();
  for (unsigned i = 0; i < 12; ++i) content = specimen::uefi_packed_section(UefiPacking::lzma, content);
  const auto firmware = walk(specimen::uefi_volume({specimen::uefi_file(guid, 0x07, content)}, volume_size));
  EXPECT_THAT(ids(firmware.findings), testing::ElementsAre("uefi.budget"));
}

TEST(UefiWalk, RefusesAStreamThatAnnouncesTooMuch) {
  Buffer section = specimen::uefi_packed_section(UefiPacking::lzma, module_sections());
  section.at(0x18 + 5 + 4) = std::byte{0x7F};  // 0x7F_0000_0000 bytes
  const auto firmware = walk(specimen::uefi_volume({specimen::uefi_file(guid, 0x07, section)}, volume_size));
  EXPECT_EQ(firmware.volumes.at(0).files.at(0).sections.at(0).state, uefi::Section::State::refused);
  EXPECT_TRUE(ids(firmware.findings).contains("uefi.section.encoding"));
}

struct DamageCase {
  std::string name;
  std::uint64_t offset;  // in the volume
  std::size_t size;
  std::byte value;
  std::string finding;
};
class UefiDamageNames : public testing::TestWithParam<DamageCase> {};

TEST_P(UefiDamageNames, SaysWhatIsWrong) {
  const Buffer one = specimen::uefi_file(guid, 0x07, module_sections());
  Buffer volume = specimen::uefi_volume({one, one, one}, volume_size);
  std::fill_n(volume.begin() + static_cast<std::ptrdiff_t>(GetParam().offset), GetParam().size, GetParam().value);
  const auto firmware = walk(volume);
  EXPECT_TRUE(ids(firmware.findings).contains(GetParam().finding)) << testing::PrintToString(ids(firmware.findings));
}

INSTANTIATE_TEST_SUITE_P(
    All, UefiDamageNames,
    testing::Values(DamageCase{"header", 0x48 + 18, 1, std::byte{0x09}, "uefi.file.header-checksum"},
                    DamageCase{"size", 0x48 + 22, 1, std::byte{0x7F}, "uefi.file.size"},
                    DamageCase{"content", 0x48 + 100, 4, std::byte{0x55}, "uefi.file.data-checksum"},
                    DamageCase{"section", 0x48 + 24, 3, std::byte{0xEE}, "uefi.section.size"},
                    DamageCase{"state", 0x48 + 23, 1, std::byte{0x98}, "uefi.file.state"},
                    DamageCase{"hole", 0x48, 0x1000, std::byte{0xFF}, "uefi.volume.hole"},
                    DamageCase{"free", 0xFF00, 1, std::byte{0x12}, "uefi.volume.free-space"}),
    [](const auto& one) { return one.param.name; });

TEST(UefiWalk, TakesOneWrongSumForAHabitAndTwoForDamage) {
  const Buffer one = specimen::uefi_file(guid, 0x07, module_sections());
  Buffer volume = specimen::uefi_volume({one, one, one}, volume_size);
  volume.at(0x48 + 100) ^= std::byte{1};
  EXPECT_EQ(walk(volume).findings.at(0).severity, Severity::warning);
  volume.at(0x48 + one.size() + 100) ^= std::byte{1};
  EXPECT_EQ(walk(volume).findings.at(0).severity, Severity::error);
}

TEST(UefiFile, AloneIsRecognisedAndOpened) {
  const Buffer file = specimen::uefi_file(guid, 0x07, module_sections());
  Image image("file.ffs", ByteView(file));
  const auto report = examine(image, Depth::everything);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->what.kind, "uefi.file");
  EXPECT_THAT(report->engines, IsEmpty());
  EXPECT_THAT(report->layout.children.at(0).attributes.text("label"), "Module");
}

TEST(UefiVolume, LettersAloneInRandomDataAreNone) {
  Buffer bytes = noise(0x10000);
  const auto mark = as_bytes("_FVH");
  std::ranges::copy(mark, bytes.begin() + 0x1028);
  Image image("random.bin", ByteView(bytes));
  EXPECT_FALSE(examine(image, Depth::everything).has_value());
}

struct StoreCase {
  std::string name;
  uefi::StoreKind kind;
  Buffer (*volume)(const std::vector<specimen::UefiVariable>&);
};

Buffer nvar_volume(const std::vector<specimen::UefiVariable>& variables) {
  return specimen::uefi_volume(
      {specimen::uefi_file("CEF5B9A3-476D-497F-9FDC-E98143E0422C", 0x01, specimen::uefi_nvar_list(variables, 0x4000))},
      volume_size);
}

class UefiStores : public testing::TestWithParam<StoreCase> {};

TEST_P(UefiStores, HoldTheVariablesThatAreInUse) {
  const Buffer volume = GetParam().volume({{"Gone", std::string(guid), bytes_of("old"), true},
                                           {"Here", std::string(guid), bytes_of("sixteen bytes or more"), false},
                                           {"There", std::string(other_guid), bytes_of("x"), false}});
  const Image image("store", ByteView(volume));
  const uefi::Look look = uefi::look(image, {});
  ASSERT_EQ(look.stores.size(), 1U);
  const uefi::VariableStore& store = look.stores.front();
  EXPECT_EQ(store.kind, GetParam().kind);
  EXPECT_FALSE(store.broken);
  EXPECT_EQ(store.live(), 2U);
  EXPECT_EQ(store.old(), 1U);
  const uefi::Variable* here = store.find("Here", uefi::Guid::parse(guid));
  ASSERT_NE(here, nullptr);
  EXPECT_TRUE(equal(here->data.bytes(), as_bytes("sixteen bytes or more")));
  EXPECT_NE(store.find("There", uefi::Guid::parse(other_guid)), nullptr);
  EXPECT_EQ(store.find("Gone", uefi::Guid::parse(guid)), nullptr);
}

TEST_P(UefiStores, GiveAwayNoSecret) {
  const std::string password = "hunter2-secret";
  const std::string network = "HomeNetworkOfSomebody with a long enough name";
  const std::string serial = "SERIAL-0123456789-ABCDEF";
  const Buffer volume =
      GetParam().volume({{"HDDPWD", std::string(guid), bytes_of(password), false},
                         {"current-network", std::string(guid), bytes_of(network), false},
                         {"UnlockID", std::string(guid), bytes_of(serial), false},
                         {"Boot0000", std::string(global), specimen::uefi_load_option("OS", "\\a.efi"), false}});
  Image image("store", ByteView(volume));
  const auto report = examine(image, Depth::everything);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  const std::string output = report::to_json("inspect", {*report}) + report::to_text(*report, {.verbosity = 2});
  EXPECT_THAT(output, HasSubstr("HDDPWD"));
  const auto pieces = uefi::pieces(image);
  for (const std::string& secret : {password, network, serial}) {
    for (const uefi::Piece& piece : pieces) {
      const ByteView bytes = (piece.stream ? ByteView(*piece.stream) : ByteView(volume)).clip(piece.range);
      EXPECT_FALSE(bytes.find(as_bytes(secret))) << piece.path;
    }
    EXPECT_THAT(output, testing::Not(HasSubstr(secret)));
    EXPECT_THAT(output, testing::Not(HasSubstr(to_hex(sha256(as_bytes(secret))))));
    EXPECT_THAT(output, testing::Not(HasSubstr(to_hex(as_bytes(secret)))));
  }
}

INSTANTIATE_TEST_SUITE_P(All, UefiStores,
                         testing::Values(StoreCase{"vss2", uefi::StoreKind::vss2,
                                                   [](const auto& list) {
                                                     return specimen::uefi_store_volume(
                                                         specimen::uefi_vss2_store(list, 0x4000, false), volume_size);
                                                   }},
                                         StoreCase{"authenticated", uefi::StoreKind::vss2_authenticated,
                                                   [](const auto& list) {
                                                     return specimen::uefi_store_volume(
                                                         specimen::uefi_vss2_store(list, 0x4000), volume_size);
                                                   }},
                                         StoreCase{"vss", uefi::StoreKind::vss,
                                                   [](const auto& list) {
                                                     return specimen::uefi_store_volume(
                                                         specimen::uefi_vss_store(list, 0x4000), volume_size);
                                                   }},
                                         StoreCase{"nvar", uefi::StoreKind::nvar, &nvar_volume},
                                         StoreCase{"evsa", uefi::StoreKind::evsa,
                                                   [](const auto& list) {
                                                     return specimen::uefi_store_volume(
                                                         specimen::uefi_evsa_store(list, 0x4000), volume_size, true);
                                                   }}),
                         [](const auto& one) { return one.param.name; });

TEST(UefiBootEntries, AreNotedWithTheCommandThatMakesThemAgain) {
  const Buffer bios = specimen::uefi_bios();
  Image image("bios", ByteView(bios));
  const auto report = examine(image, Depth::structure);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  const auto notes = report::boot_notes(*report);
  ASSERT_FALSE(notes.empty());
  const std::string text = report::boot_notes_text(*report);
  EXPECT_THAT(text, HasSubstr("Note before you flash"));
  for (const report::BootNote& note : notes) {
    EXPECT_THAT(text, HasSubstr(note.name + "  " + note.description));
    EXPECT_THAT(text, HasSubstr(note.command));
  }
  const std::string shown = report::to_text(*report, {});
  const std::string page = report::to_markdown(report::CheckedFile{.file = "bios", .report = *report});
  const auto made_again = std::ranges::find_if(notes, [](const auto& note) { return !note.command.empty(); });
  ASSERT_NE(made_again, notes.end());
  EXPECT_THAT(made_again->command, testing::StartsWith("efibootmgr --create"));
  EXPECT_THAT(shown, HasSubstr(made_again->command));
  EXPECT_THAT(page, HasSubstr("note them before flashing"));
}

TEST(UefiVariables, ThatBreakOffAreAWarning) {
  Buffer list = specimen::uefi_nvar_list(
      {{"One", std::string(guid), bytes_of("value"), false}, {"Two", std::string(guid), bytes_of("value"), false}},
      0x4000);
  list.at(21) = std::byte{0};  // the second entry's magic
  const Buffer volume =
      specimen::uefi_volume({specimen::uefi_file("CEF5B9A3-476D-497F-9FDC-E98143E0422C", 0x01, list)}, volume_size);
  const Image image("store", ByteView(volume));
  EXPECT_TRUE(ids(judge(uefi::look(image, {}))).contains("uefi.variables.broken"));
}

TEST(UefiBoot, NamesTheEntriesAndHowToMakeThemAgain) {
  const Buffer option = specimen::uefi_load_option("It's mine", "\\EFI\\BOOT\\BOOTX64.EFI");
  const auto entry = uefi::read_load_option(7, ByteView(option));
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->description, "It's mine");
  EXPECT_EQ(entry->path, "HD(1,GPT,11111111-2222-3333-4444-555555555555)/File(\\EFI\\BOOT\\BOOTX64.EFI)");
  EXPECT_THAT(entry->command, HasSubstr("--part 1 --label 'It'\\''s mine' --loader '\\EFI\\BOOT\\BOOTX64.EFI'"));
  for (std::size_t size = 0; size < option.size(); ++size) {
    static_cast<void>(uefi::read_load_option(7, ByteView(Bytes(option).first(size))));
  }
}

TEST(UefiKeys, AreReadFromListsOfEveryLength) {
  const Buffer der = specimen::certificate(specimen::TestKey::of_bits(2048), {});
  Buffer lists = specimen::uefi_certificate_list(der);
  const Buffer hashes = specimen::uefi_hash_list({Buffer(32, std::byte{0x11}), empty_digest()});
  lists.insert(lists.end(), hashes.begin(), hashes.end());
  const auto keys = uefi::read_key_list("db", "variable", ByteView(lists));
  ASSERT_EQ(keys.certificates.size(), 1U);
  EXPECT_TRUE(keys.certificates[0].readable);
  EXPECT_EQ(keys.certificates[0].der, der);
  EXPECT_FALSE(keys.certificates[0].test_key);
  EXPECT_EQ(keys.hashes.size(), 1U) << "the digest of nothing is no entry";
  EXPECT_TRUE(keys.empty_marker);
  EXPECT_TRUE(keys.whole);
  for (std::size_t size = 0; size < lists.size(); size += 7) {
    EXPECT_LE(uefi::read_key_list("db", "variable", ByteView(Bytes(lists).first(size))).certificates.size(), 1U);
  }
}

TEST(UefiNames, AreCutAndCleaned) {
  const Buffer wide{std::byte{'A'},  std::byte{0},   std::byte{0x1B}, std::byte{0}, std::byte{0},
                    std::byte{0xD8}, std::byte{'B'}, std::byte{0},    std::byte{0}, std::byte{0}};
  EXPECT_EQ(uefi::wide_text(ByteView(wide)),
            "A\xEF\xBF\xBD\xEF\xBF\xBD"
            "B");
  EXPECT_EQ(uefi::wide_text(ByteView(Bytes(wide).first(3))), "A");
}

TEST(UefiReport, HasTheBlockOfABios) {
  const Buffer bios = specimen::uefi_bios();
  Image image("bios.bin", ByteView(bios));
  const auto report = examine(image, Depth::everything);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_TRUE(sound(check_items(*report)));
  const std::string text = report::to_text(*report, {});
  EXPECT_THAT(text, HasSubstr("UEFI firmware"));
  EXPECT_THAT(text, HasSubstr("Operating system"));
  EXPECT_THAT(text, HasSubstr("setup mode"));
  EXPECT_THAT(report->engines, IsEmpty()) << "nothing here starts a processor";
}

}  // namespace
}  // namespace quell
