// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/judge.h"

#include <algorithm>
#include <functional>
#include <random>

#include <gmock/gmock.h>

#include "quell/survey/check.h"
#include "spi/harness.h"

namespace quell::spi {
namespace {

constexpr std::uint64_t size = 1024 * 1024;
constexpr flash::ChipContext chip{.size = size};

bool has(const std::vector<Finding>& findings, std::string_view id, Severity severity) {
  return std::ranges::any_of(findings, [&](const Finding& f) { return f.id == id && f.severity == severity; });
}

std::string list(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) out += finding.id + ": " + finding.title + "\n";
  return out;
}

// What `quell check` says of the same bytes. Bytes in which it knows nothing are not sound either.
struct Verdict {
  bool recognised = false;
  bool sound = false;
  std::vector<std::string> ids{};
};

Verdict check(const Buffer& bytes) {
  Image image("file", ByteView(bytes));
  const auto report = examine(image, Depth::everything);
  if (!report) return {};
  const auto items = check_items(*report);
  Verdict out{true, sound(items), {}};
  for (const CheckItem& item : items) {
    for (const Finding& finding : item.findings) out.ids.push_back(finding.id);
  }
  return out;
}

Buffer noise(std::uint64_t count) {
  std::mt19937_64 random(1);
  Buffer bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

void flip(Buffer& dump, std::uint64_t at) { dump.at(at) ^= std::byte{1}; }

std::uint64_t gbe_of(const Buffer& dump) {
  return flash::parse_descriptor(ByteView(dump)).value().region(3)->range.offset;
}

TEST(Judge, HasNothingAgainstAWholeDump) {
  const Buffer dump = test::machine(size);
  const auto findings = judge_content(dump, chip);
  EXPECT_EQ(obstacle(findings, {}), nullptr) << list(findings);
  EXPECT_TRUE(check(dump).sound);
  for (const Finding& finding : findings) EXPECT_FALSE(finding.id.starts_with("image.")) << finding.id;
}

struct Damage {
  const char* name;
  std::function<void(Buffer&)> damage;
  const char* id;
  Severity severity;
  bool told_by_file = true;  // without knowing the chip
};

const std::vector<Damage>& damages() {
  static const std::vector<Damage> all{
      {"cut short", [](Buffer& d) { d.resize(size / 2); }, "image.length", Severity::critical, false},
      {"all ones", [](Buffer& d) { std::ranges::fill(d, std::byte{0xFF}); }, "image.uniform", Severity::critical},
      {"all zeroes", [](Buffer& d) { std::ranges::fill(d, std::byte{0}); }, "image.uniform", Severity::critical},
      {"nearly blank", [](Buffer& d) { std::ranges::fill(std::span(d).subspan(4096), std::byte{0xFF}); }, "image.empty",
       Severity::critical},
      {"smaller chip",
       [](Buffer& d) { std::ranges::copy(Buffer(d.begin(), d.begin() + size / 2), d.begin() + size / 2); },
       "image.repeated", Severity::critical},
      {"no descriptor", [](Buffer& d) { std::ranges::fill(std::span(d).first(4096), std::byte{0x3C}); },
       "image.no-descriptor", Severity::critical, false},
      {"shifted by a byte", [](Buffer& d) { std::rotate(d.begin(), d.begin() + 1, d.end()); }, "image.shifted",
       Severity::critical},
      {"shifted by a bit",
       [](Buffer& d) {
         for (std::size_t i = 0; i + 1 < d.size(); ++i) d[i] = (d[i] << 1U) | (d[i + 1] >> 7U);
       },
       "image.shifted", Severity::critical},
      {"of another chip",
       [](Buffer& d) { d.at(flash::parse_descriptor(ByteView(d))->component_section) ^= std::byte{1}; },
       "image.size-mismatch", Severity::error, false},
      {"end not read", [](Buffer& d) { std::ranges::fill(std::span(d).last(4096), std::byte{0xFF}); },
       "image.reset-vector", Severity::error},
      {"first byte of GbE", [](Buffer& d) { flip(d, gbe_of(d)); }, "flash.gbe.checksum", Severity::warning},
      {"a word of GbE", [](Buffer& d) { flip(d, gbe_of(d) + 0x41); }, "flash.gbe.checksum", Severity::warning},
      {"the sum of GbE", [](Buffer& d) { flip(d, gbe_of(d) + 0x7F); }, "flash.gbe.checksum", Severity::warning},
  };
  return all;
}

TEST(Judge, SeesDamageAndAgreesWithCheck) {
  for (const Damage& c : damages()) {
    Buffer dump = test::machine(size);
    c.damage(dump);
    const auto findings = judge_content(dump, chip);
    EXPECT_TRUE(has(findings, c.id, c.severity)) << c.name << "\n" << list(findings);
    const bool kept = obstacle(findings, {}) == nullptr;
    EXPECT_EQ(kept, c.severity < Severity::error) << c.name;
    const Verdict verdict = check(dump);
    if (!c.told_by_file) continue;
    EXPECT_EQ(verdict.sound, kept) << c.name;
    if (verdict.recognised) {
      EXPECT_THAT(verdict.ids, testing::Contains(c.id)) << c.name;
    }
  }
}

TEST(Judge, OnlyWhatIsNoReadAtAllCannotBeAccepted) {
  for (const Damage& c : damages()) {
    Buffer dump = test::machine(size);
    c.damage(dump);
    const bool stands = obstacle(judge_content(dump, chip), {"all"}) != nullptr;
    EXPECT_EQ(stands, c.severity == Severity::critical) << c.name;
  }
}

TEST(Judge, AsksAboutNoiseAndTakesAnAnswer) {
  const auto findings = judge_content(noise(size), {.size = size, .no_descriptor = true});
  ASSERT_TRUE(has(findings, "image.entropy", Severity::error)) << list(findings);
  EXPECT_NE(obstacle(findings, {}), nullptr);
  EXPECT_NE(obstacle(findings, {"image.repeated"}), nullptr);
  EXPECT_EQ(obstacle(findings, {"image.entropy"}), nullptr);
  EXPECT_EQ(obstacle(findings, {"entropy"}), nullptr);
}

TEST(Judge, TheSecondChipOfAPairNeedsNoDescriptor) {
  Buffer dump = noise(size);
  std::ranges::fill(std::span(dump).first(size / 2), std::byte{0x21});
  EXPECT_TRUE(has(judge_content(dump, chip), "image.no-descriptor", Severity::critical));
  EXPECT_THAT(list(judge_content(dump, {.size = size, .component = 2})), testing::IsEmpty());
}

// Another maker's board has no descriptor, and its whole content is known: nobody has to say so.
TEST(Judge, AnAmdBoardNeedsNoDescriptor) {
  for (const specimen::AmdLayout layout : specimen::amd_layouts()) {
    const Buffer dump = test::amd_machine(layout, size);
    const auto findings = judge_content(dump, chip);
    EXPECT_EQ(obstacle(findings, {}), nullptr) << to_string(layout) << "\n" << list(findings);
    EXPECT_NE(obstacle(judge_content(Bytes(dump).first(size / 2), chip), {"all"}), nullptr) << "half of it";
  }
}

// FLMAP0 bit 8: two chips; the density of the second, three bits wide here, is then that of 512 KiB.
TEST(Judge, TellsOfTheSecondChip) {
  Buffer dump = test::machine(size);
  dump.at(0x15) |= std::byte{1};
  auto& densities = dump.at(flash::parse_descriptor(ByteView(dump))->component_section);
  densities &= std::byte{0x07};
  const auto findings = judge_content(dump, chip);
  EXPECT_TRUE(has(findings, "image.pair", Severity::warning)) << list(findings);
  EXPECT_EQ(obstacle(findings, {}), nullptr);
  EXPECT_FALSE(has(judge_content(dump, {.size = size, .component = 1}), "image.pair", Severity::warning));
}

TEST(Judge, AsksWhenTheMeWasReadWrongly) {
  Buffer dump = test::machine(size);
  // A bit of the signed manifest: its signature breaks.
  const auto manifest = ByteView(dump).find(as_bytes("$MN2"));
  ASSERT_TRUE(manifest.has_value());
  flip(dump, *manifest + 0x10);
  const auto findings = judge_content(dump, chip);
  const Finding* found = obstacle(findings, {});
  ASSERT_NE(found, nullptr);
  EXPECT_TRUE(can_be_accepted(*found));
  EXPECT_FALSE(check(dump).sound);
}

}  // namespace
}  // namespace quell::spi
