// SPDX-License-Identifier: GPL-2.0-or-later
// Real BIOS images against what two independent readers have recorded of them: every volume, file and section.
#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "quell/image.h"
#include "support/shared.h"
#include "uefi/firmware.h"
#include "uefi/images.h"

namespace quell {
namespace {

using nlohmann::json;
using Lines = std::multiset<std::string>;

std::string hex(const std::optional<Sha256>& digest) { return digest ? to_hex(*digest) : "no digest"; }

struct Found {
  Lines volumes{}, files{}, sections{};

  void take(const uefi::Volume& volume) {
    volumes.insert(fmt::format("{} {} {} {}", volume.place.range.size, to_string(volume.file_system),
                               to_string(volume.name), hex(volume.digest)));
    for (const uefi::File& file : volume.files) take(file);
  }
  void take(const uefi::File& file) {
    files.insert(fmt::format("{} {:#04x} {} {} {} {}", to_string(file.name), file.type, file.place.range.size,
                             hex(file.digest), file.label, file.version));
    for (const uefi::Section& section : file.sections) take(section);
    for (const uefi::Volume& volume : file.volumes) take(volume);
  }
  void take(const uefi::Section& section) {
    std::string line = fmt::format("0x{:02X} {} {}", section.type, section.place.range.size, hex(section.digest));
    const bool opened = section.type == 1 || (section.type == 2 && section.state != uefi::Section::State::opaque);
    if (opened) {
      line +=
          fmt::format(" {} {} {}", to_string(section.encoding), section.unpacked_size, hex(section.unpacked_digest));
    }
    sections.insert(line);
    for (const uefi::Section& inside : section.sections) take(inside);
    for (const uefi::Volume& volume : section.volumes) take(volume);
  }
};

Lines recorded_volumes(const json& image) {
  Lines out;
  for (const json& volume : image.at("volumes")) {
    out.insert(fmt::format("{} {} {} {}", volume.at("size").get<std::uint64_t>(),
                           volume.at("file_system").get<std::string>(), volume.at("name").get<std::string>(),
                           volume.at("sha256").get<std::string>()));
  }
  return out;
}

Lines recorded_files(const json& image) {
  Lines out;
  for (const json& file : image.at("files")) {
    out.insert(fmt::format("{} {} {} {} {} {}", file.at("guid").get<std::string>(), file.at("type").get<std::string>(),
                           file.at("size").get<std::uint64_t>(), file.at("sha256").get<std::string>(),
                           file.value("name", ""), file.value("version", "")));
  }
  return out;
}

Lines recorded_sections(const json& image) {
  Lines out;
  for (const json& section : image.at("sections")) {
    std::string line = fmt::format("{} {} {}", section.at("t").get<std::string>(),
                                   section.at("size").get<std::uint64_t>(), section.at("sha256").get<std::string>());
    if (section.contains("encoding")) {
      line +=
          fmt::format(" {} {} {}", section.at("encoding").get<std::string>(),
                      section.at("decoded_size").get<std::uint64_t>(), section.at("decoded_sha256").get<std::string>());
    }
    out.insert(line);
  }
  return out;
}

// The lines that only one of them has.
std::string difference(const Lines& found, const Lines& recorded) {
  std::string out;
  for (const auto& [one, other, mark] : {std::tuple{&found, &recorded, '+'}, std::tuple{&recorded, &found, '-'}}) {
    std::vector<std::string> only;
    std::ranges::set_difference(*one, *other, std::back_inserter(only));
    for (const std::string& line : only) out += fmt::format("{} {}\n", mark, line);
  }
  return out;
}

class UefiOracle : public testing::TestWithParam<std::string> {};

TEST_P(UefiOracle, EveryVolumeFileAndSection) {
  QUELL_NEEDS_SHARED("oracle/uefi.json");
  for (const json& image : test::uefi_oracle().at("files")) {
    if (image.at("file") != GetParam()) continue;
    const Buffer bytes = test::bios_image(GetParam());
    ASSERT_EQ(to_hex(sha256(bytes)), image.at("sha256"));
    const Image file(GetParam(), ByteView(bytes));
    const auto headers = flash::find_volumes(file.bytes(), file.landmarks());
    const auto firmware = uefi::read_volumes(file.bytes(), headers.volumes, {.unpack = true, .digests = true});
    Found found;
    for (const uefi::Volume& volume : firmware.volumes) found.take(volume);
    EXPECT_EQ(difference(found.volumes, recorded_volumes(image)), "");
    EXPECT_EQ(difference(found.files, recorded_files(image)), "");
    EXPECT_EQ(difference(found.sections, recorded_sections(image)), "");
    for (const Finding& finding : firmware.findings) {
      EXPECT_EQ(finding.severity, Severity::info) << finding.id << ": " << finding.detail;
    }
    EXPECT_EQ(firmware.counts.volumes, image.at("counts").at("volumes"));
    EXPECT_EQ(firmware.counts.files, image.at("counts").at("files"));
    EXPECT_EQ(firmware.counts.sections, image.at("counts").at("sections"));
  }
}

INSTANTIATE_TEST_SUITE_P(Images, UefiOracle,
                         testing::Values("aavmf-vars.ms.fd", "apl-fsp.fd", "brundlefly.bin", "fiano-testfile.ffs",
                                         "glk-ifwi.bin", "ic847-bios.bin", "ovmf-code-4m-secboot.fd",
                                         "ovmf-vars-4m.ms.fd", "ovmf-vars-4m.snakeoil.fd", "ovmf-vars.fd",
                                         "picasso-m.fd", "quark-fsp.fd"));

}  // namespace
}  // namespace quell
