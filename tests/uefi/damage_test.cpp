// SPDX-License-Identifier: GPL-2.0-or-later
// Whether `check` notices what a bad read does to the BIOS region: single bits and blank pages, at places drawn by a
// fixed seed inside the files of real images. QUELL_DAMAGE_TRIALS=120 makes as many flips, and a third of blank pages.
#include <algorithm>
#include <cstdlib>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "quell/survey/check.h"
#include "support/shared.h"
#include "uefi/images.h"

namespace quell {
namespace {

constexpr std::uint64_t page = 0x1000;

std::multiset<std::string> worries(const Buffer& bytes) {
  Image image("image", ByteView(bytes));
  std::multiset<std::string> out;
  const auto report = examine(image, Depth::everything);
  if (!report) return {report.error().message};
  const auto take = [&](const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
      if (finding.severity >= Severity::warning) out.insert(finding.id + finding.detail);
    }
  };
  take(report->findings);
  for (const EngineReport& engine : report->engines) take(engine.findings);
  return out;
}

unsigned wanted_trials() {
  const char* text = std::getenv("QUELL_DAMAGE_TRIALS");
  return text == nullptr ? 15 : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

// The files that lie in the image as they are, without padding.
std::vector<Range> files_of(const std::string& name) {
  std::vector<Range> out;
  for (const auto& image : test::uefi_oracle().at("files")) {
    if (image.at("file") != name) continue;
    for (const auto& file : image.at("files")) {
      if (file.at("offset").is_null() || file.at("type") == "0xf0") continue;
      out.push_back({file.at("offset"), file.at("size")});
    }
  }
  return out;
}

class UefiDamage : public testing::TestWithParam<std::string> {};

TEST_P(UefiDamage, IsNoticed) {
  QUELL_NEEDS_SHARED("oracle/uefi.json");
  const Buffer sound = test::bios_image(GetParam());
  const auto before = worries(sound);
  const std::vector<Range> files = files_of(GetParam());
  const ByteView view(sound);
  const auto blank = [&](Range range) {
    const ByteView part = view.clip(range);
    return part.filled_with(std::byte{0xFF}) || part.filled_with(std::byte{0});
  };
  std::mt19937 random(20);  // NOLINT(bugprone-random-generator-seed)
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  const unsigned trials = wanted_trials();
  unsigned flips = 0;
  std::string missed;
  std::uint64_t inside = 0;
  for (const Range& file : files) inside += file.size;
  while (flips < trials) {
    std::uint64_t place = below(inside);
    const auto* file = files.data();
    for (const Range& one : files) {
      file = &one;
      if (place < one.size) break;
      place -= one.size;
    }
    const std::uint64_t at = file->offset + place;
    if (blank({at & ~std::uint64_t{15}, 16})) continue;
    ++flips;
    Buffer damaged = sound;
    const auto bit = static_cast<unsigned>(below(8));
    damaged[at] ^= static_cast<std::byte>(1U << bit);
    if (worries(damaged) == before) missed += fmt::format(" {:#x}:{}", at, bit);
  }
  const auto missed_flips = static_cast<unsigned>(std::ranges::count(missed, ':'));
  fmt::print("{}: {} of {} flips noticed; not:{}\n", GetParam(), flips - missed_flips, flips, missed);
  // The files of this one keep no data checksum and half of it is not packed: nothing in the image tells.
  const bool bare = GetParam() == "glk-ifwi.bin";
  EXPECT_LE(missed_flips * (bare ? 2 : 10), flips) << "not noticed:" << missed;
  std::string missed_pages;
  for (unsigned pages = 0; pages < trials / 3;) {
    const Range where{below(sound.size() / page) * page, page};
    const bool in_file = std::ranges::any_of(files, [&](const Range& file) { return file.intersects(where); });
    if (blank(where) || !in_file) continue;
    Buffer damaged = sound;
    const std::byte value = pages % 2 == 0 ? std::byte{0xFF} : std::byte{0};
    std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(where.offset), page, value);
    if (worries(damaged) == before) missed_pages += fmt::format(" {:#x}", where.offset);
    ++pages;
  }
  fmt::print("{}: pages of {} not noticed:{}\n", GetParam(), trials / 3, missed_pages);
  // The boot block of the older OVMF keeps no sums either.
  if (!bare && GetParam() != "brundlefly.bin") {
    EXPECT_EQ(missed_pages, "");
  }
}

INSTANTIATE_TEST_SUITE_P(Images, UefiDamage,
                         testing::Values("brundlefly.bin", "glk-ifwi.bin", "ic847-bios.bin",
                                         "ovmf-code-4m-secboot.fd"));

}  // namespace
}  // namespace quell
