// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/sanity.h"

#include <algorithm>
#include <functional>
#include <random>

#include <gmock/gmock.h>

#include "quell/flash/descriptor.h"
#include "spi/harness.h"

namespace quell::spi {
namespace {

using Weight = SanityFinding::Weight;
constexpr std::uint64_t size = 1024 * 1024;

bool has(const std::vector<SanityFinding>& findings, const std::string& id, Weight weight) {
  return std::ranges::any_of(findings, [&](const SanityFinding& f) { return f.id == id && f.weight == weight; });
}

std::vector<SanityFinding> check(const Buffer& dump, SanityOptions options = {}) {
  if (options.chip_size == 0) options.chip_size = size;
  return check_dump(dump, options);
}

TEST(Sanity, HasNothingAgainstAWholeDump) {
  const auto findings = check(test::machine(size));
  EXPECT_EQ(obstacle(findings, {}), nullptr) << (findings.empty() ? "" : findings.front().text);
}

struct BadDump {
  const char* name;
  std::function<void(Buffer&)> damage;
  const char* id;
};

Buffer noise(std::uint64_t count) {
  std::mt19937_64 random(1);
  Buffer bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

TEST(Sanity, RefusesWhatIsNoWholeDump) {
  const std::vector<BadDump> cases{
      {"cut short", [](Buffer& d) { d.resize(size / 2); }, "length"},
      {"all ones", [](Buffer& d) { std::ranges::fill(d, std::byte{0xFF}); }, "uniform"},
      {"all zeroes", [](Buffer& d) { std::ranges::fill(d, std::byte{0}); }, "uniform"},
      {"nearly blank", [](Buffer& d) { std::ranges::fill(std::span(d).subspan(4096), std::byte{0xFF}); }, "blank"},
      {"smaller chip",
       [](Buffer& d) { std::ranges::copy(Buffer(d.begin(), d.begin() + size / 2), d.begin() + size / 2); }, "mirrored"},
      {"no descriptor", [](Buffer& d) { std::ranges::fill(std::span(d).first(4096), std::byte{0x3C}); }, "descriptor"},
      {"shifted by a byte", [](Buffer& d) { std::rotate(d.begin(), d.begin() + 1, d.end()); }, "shifted"},
      {"shifted by a bit",
       [](Buffer& d) {
         for (std::size_t i = 0; i + 1 < d.size(); ++i) d[i] = (d[i] << 1U) | (d[i + 1] >> 7U);
       },
       "shifted"},
  };
  for (const BadDump& c : cases) {
    Buffer dump = test::machine(size);
    c.damage(dump);
    const auto findings = check(dump);
    EXPECT_TRUE(has(findings, c.id, Weight::refuse)) << c.name;
    EXPECT_NE(obstacle(findings, {}), nullptr) << c.name;
  }
}

TEST(Sanity, KnowsThatAChipOfAnotherSizeIsNotMeant) {
  SanityOptions options;
  options.chip_size = 2 * size;
  Buffer dump = test::machine(size);
  dump.resize(2 * size, std::byte{0x42});
  EXPECT_TRUE(has(check(dump, options), "density", Weight::refuse));
}

TEST(Sanity, AsksAboutNoiseAndTakesAnAnswer) {
  SanityOptions options;
  options.no_descriptor = true;
  const auto findings = check(noise(size), options);
  ASSERT_TRUE(has(findings, "entropy", Weight::ask));
  EXPECT_NE(obstacle(findings, options), nullptr);
  options.accepted = {"entropy"};
  EXPECT_EQ(obstacle(findings, options), nullptr);
}

TEST(Sanity, TheSecondChipOfAPairNeedsNoDescriptor) {
  SanityOptions options;
  Buffer dump = noise(size);
  std::ranges::fill(std::span(dump).first(size / 2), std::byte{0x21});
  EXPECT_TRUE(has(check(dump, options), "descriptor", Weight::refuse));
  options.component = 2;
  EXPECT_FALSE(has(check(dump, options), "descriptor", Weight::refuse));
}

// The first 64 words of a GbE region sum to 0xBABA (Intel 82579 datasheet, NVM checksum).
TEST(Sanity, WarnsOfAWrongGbeChecksum) {
  const Buffer good = test::machine(size);
  const auto gbe = flash::parse_descriptor(ByteView(good)).value().region(3)->range;
  EXPECT_FALSE(has(check(good), "gbe-checksum", Weight::warning));
  for (const std::uint64_t at : {0x00U, 0x41U, 0x7FU}) {
    Buffer dump = good;
    dump.at(gbe.offset + at) ^= std::byte{1};
    EXPECT_TRUE(has(check(dump), "gbe-checksum", Weight::warning)) << at;
  }
}

TEST(Sanity, AsksWhenTheMeWasReadWrongly) {
  Buffer dump = test::machine(size);
  // A bit of the signed manifest: its signature breaks.
  const auto manifest = ByteView(dump).find(as_bytes("$MN2"));
  ASSERT_TRUE(manifest.has_value());
  dump[*manifest + 0x10] ^= std::byte{1};
  const auto findings = check(dump);
  const SanityFinding* found = obstacle(findings, {});
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->weight, Weight::ask);
}

}  // namespace
}  // namespace quell::spi
