// SPDX-License-Identifier: GPL-2.0-or-later
// The specimens are what the other tests stand on: here the library's parsers must find nothing wrong with them.
#include "specimen/intel.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "intel/code_directory.h"
#include "intel/fpt.h"
#include "intel/manifest.h"
#include "quell/digest.h"
#include "quell/flash/descriptor.h"
#include "quell/survey/report.h"

namespace quell::specimen {
namespace {

class IntelSpecimen : public testing::TestWithParam<IntelFlavour> {};

// Every manifest at a multiple of 4 bytes.
std::vector<intel::Manifest> manifests_in(ByteView image) {
  std::vector<intel::Manifest> found;
  for (std::uint64_t at = 0; image.has(at, 0x284); at += 4) {
    const auto rest = image.from(at);
    if (!rest || !intel::looks_like_manifest(*rest)) continue;
    if (auto manifest = intel::parse_manifest(*rest)) found.push_back(*std::move(manifest));
  }
  return found;
}

TEST_P(IntelSpecimen, HasOnlyValidSignatures) {
  const Buffer region = intel_me_region(GetParam());
  const auto manifests = manifests_in(ByteView(region));
  ASSERT_FALSE(manifests.empty());
  for (const intel::Manifest& manifest : manifests) {
    EXPECT_EQ(intel::verify_signature(manifest), intel::SignatureState::valid) << manifest.bytes.origin();
    EXPECT_FALSE(intel::identify_key(manifest).known) << "a specimen must never look like a vendor's firmware";
  }
}

TEST_P(IntelSpecimen, HasOnlyValidTablesAndDirectories) {
  for (const Buffer& region : {intel_me_region(GetParam()), intel_small_me_region(GetParam())}) {
    const ByteView view(region);
    int tables = 0;
    for (std::uint64_t at = 0; view.has(at, 0x20); at += 0x10) {
      if (view.matches(at, "$FPT")) {
        const std::uint64_t start = at % 0x1000;
        const auto table = intel::parse_fpt(*view.from(at - start), start);
        ASSERT_TRUE(table.has_value());
        EXPECT_TRUE(table->checksum_valid);
        ++tables;
      }
      if (view.matches(at, "$CPD")) {
        const auto directory = intel::parse_code_directory(*view.from(at));
        ASSERT_TRUE(directory.has_value());
        EXPECT_TRUE(directory->checksum_valid) << at;
      }
    }
    EXPECT_EQ(tables, 1);
  }
}

TEST_P(IntelSpecimen, DumpHasADescriptorWhoseRegionsFillTheChip) {
  for (const Buffer& dump : {intel_dump(GetParam()), intel_small_dump(GetParam())}) {
    const auto descriptor = flash::parse_descriptor(ByteView(dump));
    ASSERT_TRUE(descriptor.has_value());
    EXPECT_TRUE(descriptor->version.has_value());
    for (const Finding& finding : flash::audit(*descriptor, ByteView(dump)))
      EXPECT_EQ(finding.severity, Severity::info) << finding.title;
    std::uint64_t used = 0;
    for (const auto& region : descriptor->regions) used += region.range.size;
    EXPECT_EQ(used, dump.size());
  }
}

TEST_P(IntelSpecimen, DependsOnItsSeedAlone) {
  EXPECT_EQ(intel_small_dump(GetParam()), intel_small_dump(GetParam()));
  EXPECT_NE(intel_me_region(GetParam(), {.seed = 1, .code_size = 0x400}),
            intel_me_region(GetParam(), {.seed = 2, .code_size = 0x400}));
}

TEST_P(IntelSpecimen, DumpIsRecognised) {
  for (const Buffer& bytes : {intel_dump(GetParam()), intel_small_dump(GetParam())}) {
    Image image("specimen.rom", ByteView(bytes));
    const auto report = examine(image, Depth::everything);
    ASSERT_TRUE(report.has_value()) << report.error().message;
  }
}

TEST_P(IntelSpecimen, SaysWhenTheFirmwareDoesNotFit) {
  EXPECT_THROW(intel_me_region(GetParam(), {.me_size = 0x10000}), std::length_error);
  EXPECT_THROW(intel_dump(GetParam(), {.flash_size = 0x100000}), std::length_error);
  EXPECT_THROW(intel_dump(GetParam(), {.flash_size = 0x300000, .code_size = 0x400}), std::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(Flavours, IntelSpecimen, testing::ValuesIn(intel_flavours().begin(), intel_flavours().end()),
                         [](const auto& flavour) { return std::string(to_string(flavour.param)); });

}  // namespace
}  // namespace quell::specimen
