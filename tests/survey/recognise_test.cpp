// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/survey/recognise.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>

#include <nlohmann/json.hpp>

#include "quell/mapped_file.h"
#include "specimen/intel.h"
#include "specimen/specimen.h"
#include "support/shared.h"

namespace quell {
namespace {

using specimen::Canvas;

constexpr std::uint64_t mib = 1024ULL * 1024;

Image recognised(const Buffer& bytes) {
  Image image("file", ByteView(bytes));
  recognise(image);
  return image;
}

std::string hex_bytes(std::string_view hex) {
  std::string out;
  for (const std::byte byte : from_hex(hex)) out.push_back(static_cast<char>(byte));
  return out;
}

// A v1 descriptor at `at`: FCBA 0x30, FRBA 0x40, FMBA 0x60, straps at 0x100; BIOS from 1 MiB to `end`, ME before it.
void put_descriptor(Canvas& canvas, std::uint64_t at, std::uint64_t end, std::uint32_t flcomp, bool two_chips = false) {
  canvas.put(at + 0x10, from_hex("5aa5f00f"))
      .u32(at + 0x14, 0x00040003U | (two_chips ? 0x100U : 0U))
      .u32(at + 0x18, 0x02100206)
      .u32(at + 0x1C, 0x00000120)
      .u32(at + 0x30, flcomp)
      .u32(at + 0x40, 0x00000000)
      .u32(at + 0x44, static_cast<std::uint32_t>((end / 0x1000 - 1) << 16U) | 0x100U)
      .u32(at + 0x48, 0x00FF0001);
  for (std::uint64_t slot = 3; slot < 8; ++slot) canvas.u32(at + 0x40 + 4 * slot, 0x00001FFF);
}

Canvas text_file(std::string_view content, std::uint64_t size = 0x2000) {
  Canvas canvas(size, std::byte{0x11});
  canvas.text(0, content);
  return canvas;
}

struct Case {
  const char* name;
  const char* kind;
  bool recognised;
  std::function<Canvas()> make;
};

std::vector<Case> fixed_cases() {
  const auto specimen = [](const char* name, const char* kind, specimen::IntelFlavour flavour) {
    return Case{name, kind, true, [flavour] {
                  const Buffer bytes = specimen::intel_update_image(flavour);
                  return std::move(Canvas(bytes.size()).put(0, bytes));
                }};
  };
  const auto magic = [](const char* name, const char* kind, bool recognised, const char* hex, std::uint64_t at = 0) {
    return Case{name, kind, recognised,
                [hex, at] { return std::move(Canvas(0x9000, std::byte{0x11}).text(at, hex_bytes(hex))); }};
  };
  return {
      magic("fpt_first", "intel.me-region", true, "2446505403000000201020"),
      magic("fpt_after_vectors", "intel.me-region", true, "2446505403000000201020", 0x10),
      magic("fpt_with_one_field_damaged", "intel.me-region", true, "2446505403000000FF1020"),
      magic("fpt_without_a_header", "unrecognised", false, "24465054"),
      magic("manifest_tag_without_a_header", "unrecognised", false, "244d4e32", 0x1C),
      magic("directory_tag_without_a_header", "unrecognised", false, "24435044"),
      specimen("update_of_generation_1", "intel.me-update", specimen::IntelFlavour::me5),
      specimen("update_of_generation_2", "intel.me-update", specimen::IntelFlavour::me8),
      magic("code_partition", "intel.code-partition", true, "24435044020000000101102c4e465450"),
      magic("ftpr_alone", "intel.me-update", true, "24435044020000000101102c46545052"),
      magic("boot_partition_table", "intel.ifwi", true, "aa5500000d000100"),
      magic("arm_package", "arm.fip", true, "010064aa78563412"),
      magic("package_without_serial", "unrecognised", false, "010064aa00000000"),
      magic("image4", "apple.img4", true, "308212c01604494d4734"),
      magic("image4_payload", "apple.im4p", true, "307f1604494d3450"),
      magic("key_manifest", "bootguard.key-manifest", true, "5f5f4b45594d5f5f"),
      magic("boot_policy", "bootguard.boot-policy", true, "5f5f414342505f5f"),
      magic("raspberry_pi", "raspberrypi.eeprom", true, "55aaf00f00011da0"),
      magic("zip", "archive.zip", false, "504b0304"),
      magic("gzip", "archive.gzip", false, "1f8b0800"),
      magic("xz", "archive.xz", false, "fd377a585a00"),
      magic("windows_program", "program.windows", false, "4d5a9000"),
      magic("elf_program", "program.elf", false, "7f454c4602010100"),
      magic("intel_hex", "intel.hex", false, "3a313030303030"),
      magic("device_tree_without_images", "devicetree", false, "d00dfeed00001000"),
      {"text", "text", false, [] { return Canvas(5000, std::byte{'x'}).text(0, "Dear support,\n"); }},
      {"nothing_known", "unrecognised", false, [] { return text_file("\x01\x02\x03"); }},
      {"erased_chip", "blank", false, [] { return Canvas(0x10000); }},
      {"zeroes", "blank", false, [] { return Canvas(0x10000, std::byte{0}); }},
  };
}

class FixedKinds : public testing::TestWithParam<Case> {};

TEST_P(FixedKinds, AreNamed) {
  const Buffer bytes = GetParam().make().take();
  const Image image = recognised(bytes);
  EXPECT_EQ(image.what.kind, GetParam().kind) << image.what.title;
  EXPECT_EQ(image.what.recognised, GetParam().recognised);
  EXPECT_FALSE(image.what.title.empty());
  EXPECT_EQ(image.what.body, (Range{0, bytes.size()}));
}

INSTANTIATE_TEST_SUITE_P(Recognise, FixedKinds, testing::ValuesIn(fixed_cases()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(RecogniseIfwi, FollowsTheLayoutTableToThePartitionTable) {
  for (const std::uint64_t field : {0x10U, 0x18U}) {
    Canvas canvas(0x8000);
    canvas.u32(field, 0x3000).text(0x3000, "$FPT");
    EXPECT_EQ(recognised(std::move(canvas).take()).what.kind, "intel.ifwi-region") << field;
  }
}

TEST(RecogniseDump, NamesTheRegions) {
  Canvas canvas(8 * mib);
  put_descriptor(canvas, 0, 8 * mib, 0x4);
  const Buffer bytes = std::move(canvas).take();
  const Image image = recognised(bytes);
  EXPECT_EQ(image.what.kind, "intel.dump");
  EXPECT_TRUE(image.what.next_step.empty());
  ASSERT_EQ(image.regions.size(), 3U);
  EXPECT_EQ(image.regions[2].name, "me");
  EXPECT_EQ(image.regions[2].range, (Range{0x1000, 0xFF000}));
}

TEST(RecogniseDump, TellsHalfOfAPairFromACutRead) {
  // Density codes 4 and 3: 8 MiB and 4 MiB.
  Canvas pair(8 * mib);
  put_descriptor(pair, 0, 12 * mib, 0x1C, true);
  const Buffer first = std::move(pair).take();
  const Image half = recognised(first);
  EXPECT_EQ(half.what.kind, "intel.dump-half");
  EXPECT_NE(half.what.next_step.find("join"), std::string::npos) << half.what.next_step;

  Canvas single(8 * mib);
  put_descriptor(single, 0, 12 * mib, 0x4);
  const Buffer cut = std::move(single).take();
  const Image image = recognised(cut);
  EXPECT_EQ(image.what.kind, "intel.dump");
  EXPECT_NE(image.what.title.find("cut short"), std::string::npos) << image.what.title;
}

TEST(RecogniseDump, KnowsADescriptorAlone) {
  Canvas canvas(0x1000);
  put_descriptor(canvas, 0, 8 * mib, 0x4);
  EXPECT_EQ(recognised(std::move(canvas).take()).what.kind, "intel.descriptor");
}

TEST(RecogniseDump, KnowsADescriptorWithSmallRegionsBehindIt) {
  Canvas canvas(0x10000);
  put_descriptor(canvas, 0, 8 * mib, 0x4);
  canvas.u32(0x4C, 0x000F0001).u32(0x48, 0x00FF0010);  // GbE up to the end of the file, the ME behind it
  EXPECT_EQ(recognised(Canvas(canvas).take()).what.type, FileKind::descriptor);
  canvas.u32(0x4C, 0x00100001);
  EXPECT_EQ(recognised(Canvas(canvas).take()).what.type, FileKind::dump) << "it ends inside of a region";
}

TEST(RecogniseDump, SaysThatTheDescriptorIsDamaged) {
  Canvas canvas(0x1000);
  canvas.put(0x10, from_hex("5aa5f00f"));  // every section address is 0xFF0, so the straps leave the file
  const Buffer bytes = std::move(canvas).take();
  const Image image = recognised(bytes);
  EXPECT_EQ(image.what.kind, "intel.dump");
  EXPECT_NE(image.what.title.find("damaged"), std::string::npos);
}

TEST(RecogniseDump, SaysThatTheFileEndsInTheDescriptor) {
  Canvas canvas(0x40);
  canvas.put(0x10, from_hex("5aa5f00f"));
  const Image image = recognised(std::move(canvas).take());
  EXPECT_EQ(image.what.kind, "intel.dump-cut");
  EXPECT_FALSE(image.what.recognised);
}

TEST(RecogniseDump, SeesLostBits) {
  // The signature 5A A5 F0 0F, three bits late: 0x5AA5F00F >> 3 with the neighbours' ones before and after.
  Canvas late(0x2000);
  late.put(0x10, from_hex("eb54be01ff"));
  const Image image = recognised(std::move(late).take());
  EXPECT_EQ(image.what.kind, "intel.dump-shifted");
  EXPECT_NE(image.what.title.find("3 bits too late"), std::string::npos) << image.what.title;

  Canvas early(0x2000);
  early.put(0x0F, from_hex("5aa5f00f"));
  EXPECT_NE(recognised(std::move(early).take()).what.title.find("8 bits too early"), std::string::npos);
}

TEST(RecogniseWrapped, FindsTheDumpInACapsule) {
  Canvas canvas(0x800 + 8 * mib);
  canvas.put(0, from_hex("bd86663b760d3040b70eb5519e2fc5a0")).u32(0x10, 0x800).u32(0x14, 0).u32(0x18, 0x800 + 8 * mib);
  put_descriptor(canvas, 0x800, 8 * mib, 0x4);
  const Buffer bytes = std::move(canvas).take();
  const Image image = recognised(bytes);
  EXPECT_EQ(image.what.kind, "intel.dump");
  EXPECT_NE(image.what.title.find("capsule"), std::string::npos) << image.what.title;
  EXPECT_EQ(image.what.body, (Range{0x800, 8 * mib}));
  ASSERT_TRUE(image.region("me").has_value());
  EXPECT_EQ(image.region("me")->range(), (Range{0x1800, 0xFF000}));
}

TEST(RecogniseWrapped, FindsTheDumpBehindAnyHeader) {
  Canvas canvas(0x123 + 2 * mib, std::byte{0x33});
  put_descriptor(canvas, 0x123, 2 * mib, 0x2);
  const Buffer bytes = std::move(canvas).take();
  const Image image = recognised(bytes);
  EXPECT_EQ(image.what.kind, "intel.dump");
  EXPECT_EQ(image.what.body, (Range{0x123, 2 * mib}));
}

TEST(RecogniseWrapped, IsNotFooledByTheSignatureAlone) {
  Canvas canvas(0x8000, std::byte{0x03});
  canvas.put(0x2010, from_hex("5aa5f00f"));
  EXPECT_EQ(recognised(std::move(canvas).take()).what.kind, "unrecognised");
}

TEST(RecogniseWrapped, FindsAnMeRegionInAFileWithoutDescriptor) {
  Canvas canvas(0x20000, std::byte{0x33});
  canvas.text(0x3010, "$FPT").u32(0x3014, 3).u8(0x3018, 0x20).u8(0x3019, 0x10).u8(0x301A, 0x30);
  const Buffer bytes = std::move(canvas).take();
  const Image image = recognised(bytes);
  EXPECT_EQ(image.what.kind, "intel.me-region");
  EXPECT_EQ(image.what.body, (Range{0x3000, 0x1D000}));
}

TEST(RecogniseWrapped, FindsAnAmdImageBehindAHeader) {
  // The structure's usual place in an 8 MiB window, moved by a header of 0x800 bytes; its pointer leads to $PSP.
  Canvas plain(8 * mib);
  plain.u32(0x20000, 0x55AA55AA).u32(0x20014, 0xFF850000).text(0x50000, "$PSP");
  const Buffer bytes = std::move(plain).take();
  EXPECT_EQ(recognised(bytes).what.kind, "amd.image");
  Canvas wrapped(0x800 + 8 * mib);
  wrapped.put(0x800, bytes);
  EXPECT_EQ(recognised(std::move(wrapped).take()).what.kind, "amd.image");
}

TEST(RecogniseBios, TellsVolumesFlashMapsAndResetVectors) {
  Canvas volume(0x20000);
  volume.u64(0x20, 0x10000).text(0x28, "_FVH").u16(0x30, 0x48).u8(0x37, 2);
  EXPECT_NE(recognised(Canvas(volume).take()).what.kind, "uefi.volume") << "a magic alone names nothing";
  volume.u32(0x38, 0x10).u32(0x3C, 0x1000).u64(0x40, 0);
  unsigned sum = 0;
  for (std::uint64_t at = 0; at < 0x48; at += 2) sum += ByteView(volume.bytes()).u16(at).value_or(0);
  volume.u16(0x32, static_cast<std::uint16_t>(0x10000U - (sum & 0xFFFFU)));
  EXPECT_EQ(recognised(Canvas(volume).take()).what.kind, "uefi.volume");
  volume.u8(0x1FFF0, 0xE9);
  EXPECT_EQ(recognised(Canvas(volume).take()).what.kind, "uefi.bios");

  Canvas cbfs(0x20000);
  cbfs.text(0x400, "LARCHIVE").u32(0x408, 0x00010000).u32(0x414, 0x38000000);  // big-endian: 0x100 bytes at 0x38
  EXPECT_EQ(recognised(std::move(cbfs).take()).what.kind, "coreboot.image");

  Canvas legacy(0x20000, std::byte{0x33});
  legacy.u8(0x1FFF0, 0xEA);
  EXPECT_EQ(recognised(std::move(legacy).take()).what.kind, "bios.image");
}

// Programs that work on firmware hold the signatures of what they look for.
TEST(RecogniseBios, ASignatureAloneNamesNothing) {
  for (const std::string_view signature : {"_FVH", "__FMAP__", "LARCHIVE"}) {
    Canvas program(0x20000, std::byte{0x33});
    program.text(0, "MZ").text(0x4028, signature);
    program.u64(0x4020, 0x10000).u16(0x4030, 0x48).u8(0x4037, 2);
    EXPECT_EQ(recognised(std::move(program).take()).what.kind, "program.windows") << signature;
    Canvas other(0x20000, std::byte{0x33});
    other.text(0x4028, signature);
    EXPECT_FALSE(recognised(std::move(other).take()).what.recognised) << signature;
  }
}

TEST(RecogniseHostile, EndsSoonOnAFileOfNothingButSignatures) {
  for (const char* hex : {"5aa5f00f", "aa55aa55", "24465054", "5f465648", "5f5f464d41505f5f", "4c41524348495645"}) {
    const Buffer pattern = from_hex(hex);
    Buffer bytes(4 * mib, std::byte{0x33});
    for (std::size_t i = 0x100; i + pattern.size() <= bytes.size(); i += pattern.size()) {
      std::ranges::copy(pattern, bytes.begin() + static_cast<std::ptrdiff_t>(i));
    }
    const Image image = recognised(bytes);
    EXPECT_LE(image.what.body.end(), bytes.size()) << hex;
  }
}

TEST(RecogniseHostile, TakesFilesOfAFewBytes) {
  for (std::size_t size = 1; size < 0x80; ++size) {
    const Buffer bytes(size, std::byte{0x24});
    EXPECT_FALSE(recognised(bytes).what.recognised) << size;
  }
}

// --- real files ---

Buffer unpacked(const std::filesystem::path& path) {
  const std::string command = "xz -dc '" + path.string() + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  Buffer out;
  std::array<char, 65536> chunk{};
  while (pipe) {
    const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), pipe.get());
    if (got == 0) break;
    const auto bytes = std::as_bytes(std::span(chunk).first(got));
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  return out;
}

TEST(RecogniseCorpus, KnowsEveryFile) {
  QUELL_NEEDS_SHARED("corpus/MANIFEST.json");
  std::ifstream stream(test::shared("corpus/MANIFEST.json"));
  const auto manifest = nlohmann::json::parse(stream);
  EXPECT_EQ(manifest.size(), 85U);
  for (const auto& entry : manifest) {
    const std::string name = entry.at("file");
    const auto path = test::shared("corpus/" + name);
    Buffer bytes;
    if (path.extension() == ".xz") {
      bytes = unpacked(path);
    } else {
      const auto file = MappedFile::open(path);
      ASSERT_TRUE(file.has_value()) << name;
      bytes.assign(file->bytes().begin(), file->bytes().end());
    }
    const Image image = recognised(bytes);
    EXPECT_TRUE(image.what.recognised) << name << ": " << image.what.kind;
    const std::string folder = name.substr(0, name.find('/'));
    const std::map<std::string, std::string> prefixes{{"acm", "intel.acm"},      {"amd", "amd.image"},
                                                      {"descriptors", "intel."}, {"img4", "apple.im"},
                                                      {"rpi", "raspberrypi."},   {"fip", "arm."}};
    if (const auto prefix = prefixes.find(folder); prefix != prefixes.end()) {
      EXPECT_TRUE(image.what.kind.starts_with(prefix->second)) << name << ": " << image.what.kind;
    }
  }
}

TEST(Recognition, ATitleFitsIntoASentence) {
  const auto told = [](std::string title, bool known) {
    return in_sentence({.title = std::move(title), .recognised = known});
  };
  EXPECT_EQ(told("full flash dump with an Intel descriptor", true), "a full flash dump with an Intel descriptor");
  EXPECT_EQ(told("Intel ME region", true), "an Intel ME region");
  EXPECT_EQ(told("U-Boot FIT image", true), "a U-Boot FIT image");
  EXPECT_EQ(told("UEFI firmware volumes", true), "UEFI firmware volumes");
  EXPECT_EQ(told("first of two flash chips (8 MiB of 12 MiB)", true), "the first of two flash chips (8 MiB of 12 MiB)");
  EXPECT_EQ(told("a text", false), "a text");
}

}  // namespace
}  // namespace quell
