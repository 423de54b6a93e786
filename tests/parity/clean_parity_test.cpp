// SPDX-License-Identifier: GPL-2.0-or-later
// The library's cleaning against what the reference cleaner made of real images: the same bytes, and cleaning twice
// changes nothing more.
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <gtest/gtest.h>

#include "quell/flash/descriptor.h"
#include "quell/intel/clean.h"
#include "quell/survey/report.h"
#include "support/real_images.h"
#include "support/shared.h"

namespace quell {
namespace {

using nlohmann::json;

std::vector<std::string> split(const std::string& list, char separator) {
  std::vector<std::string> out;
  std::stringstream stream(list);
  for (std::string part; std::getline(stream, part, separator);) out.push_back(part);
  return out;
}

intel::CleanOptions options_of(const std::string& line) {
  intel::CleanOptions options;
  options.accepted.add(Override::overlaps);
  options.like_me_cleaner = true;
  options.accepted.add(Override::boot_guard);
  const auto words = split(line, ' ');
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "-r") options.relocate = true;
    if (words[i] == "-t") options.truncate = true;
    if (words[i] == "-k") options.keep_modules = true;
    if (words[i] == "-d") options.lock_out = true;
    if (words[i] == "-S" || words[i] == "-s") options.soft_disable = true;
    if (words[i] == "-s") options.strip = false;
    if (words[i] == "-w") options.keep = split(words.at(i + 1), ',');
    if (words[i] == "-b") options.drop = split(words.at(i + 1), ',');
  }
  return options;
}

bool comparable(const json& run) {
  const bool check = run.at("options") == "-c";
  const int major = std::atoi(run.value("version", "0").c_str());
  return run.at("exit") == 0 && !check && major < 12;
}

void expect_recorded(const json& run, const char* key, const Result<Buffer>& made) {
  if (!run.contains(key)) return;
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(to_hex(sha256(*made)), run.at(key).at("sha256")) << key;
}

bool holds_erased_ignition(const Image& image) {
  const auto descriptor = flash::parse_descriptor(image.bytes());
  const auto* me = descriptor ? descriptor->me() : nullptr;
  return image.bytes().clip(me != nullptr ? me->range : image.bytes().range()).filled_with(std::byte{0xFF});
}

void expect_idempotent(const intel::CleanOptions& options, const Buffer& cleaned) {
  const Image image("cleaned", ByteView(cleaned));
  const auto again = intel::plan_clean(image, options);
  if (again.has_value() || !holds_erased_ignition(image)) {
    ASSERT_TRUE(again.has_value()) << again.error().message;
    EXPECT_TRUE(again->plan.empty()) << again->plan.edits.front().reason;
    return;
  }
  // An erased Ignition region looks like one that was read without contact: that is said, and nothing is written.
  EXPECT_EQ(again.error().code, flash::find_descriptor(image.bytes()) ? Errc::refused : Errc::unsupported);
}

// Each case is one image; the oracle says which.
class CleanParity : public ::testing::TestWithParam<int> {};

constexpr int shards = 16;

TEST_P(CleanParity, SameBytesAsTheReferenceAndIdempotent) {
  QUELL_NEEDS_SHARED("oracle/clean.json");
  const json cases = test::read_json(test::shared("oracle/clean.json"));
  for (std::size_t i = static_cast<std::size_t>(GetParam()); i < cases.size(); i += shards) {
    const Buffer bytes = test::clean_case_image(cases[i]);
    for (const json& run : cases[i].at("runs")) {
      if (!comparable(run)) continue;
      SCOPED_TRACE(test::clean_case_name(cases[i]) + " " + run.at("options").get<std::string>());
      const auto options = options_of(run.at("options"));
      const Image image("image", ByteView(bytes));
      const auto plan = intel::plan_clean(image, options);
      ASSERT_TRUE(plan.has_value()) << plan.error().message;
      const auto cleaned = intel::apply_clean(*plan, image);
      ASSERT_TRUE(cleaned.has_value()) << cleaned.error().message;
      expect_recorded(run, "out", cleaned);
      expect_recorded(run, "descriptor", intel::extracted_descriptor(*plan, ByteView(*cleaned)));
      if (plan->has_me_output) expect_recorded(run, "me", intel::extracted_me(*plan, ByteView(*cleaned)));
      if (run.contains("minimum") && plan->minimum_size) {
        EXPECT_EQ(*plan->minimum_size, run.at("minimum"));
      }
      if (!plan->plan.truncate_to) expect_idempotent(options, *cleaned);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Corpus, CleanParity, ::testing::Range(0, shards));

TEST(CleanedImages, ATruncatedOneIsCalledShortenedByDesignAndSound) {
  QUELL_NEEDS_SHARED("oracle/clean.json");
  int seen = 0;
  for (const json& test_case : test::read_json(test::shared("oracle/clean.json"))) {
    for (const json& run : test_case.at("runs")) {
      if (!comparable(run) || run.at("options") != "-r -t" || run.value("generation", 0) < 2) continue;
      SCOPED_TRACE(test::clean_case_name(test_case));
      const Buffer bytes = test::clean_case_image(test_case);
      const Image image("image", ByteView(bytes));
      const auto plan = intel::plan_clean(image, options_of("-r -t"));
      ASSERT_TRUE(plan.has_value());
      if (!plan->plan.truncate_to) continue;
      const Buffer cleaned = *intel::apply_clean(*plan, image);
      Image shortened("shortened", ByteView(cleaned));
      const auto report = examine(shortened, Depth::everything);
      ASSERT_TRUE(report.has_value()) << report.error().message;
      ASSERT_EQ(report->engines.size(), 1U);
      const auto& findings = report->engines[0].findings;
      EXPECT_NE(std::ranges::find(findings, "intel.region.shortened", &Finding::id), findings.end());
      for (const Finding& finding : findings) EXPECT_LT(finding.severity, Severity::error) << finding.title;
      ++seen;
    }
  }
  EXPECT_GT(seen, 15);
}

TEST(RealImages, FamilyVersionAndSignatureAsRecorded) {
  QUELL_NEEDS_SHARED("corpus/MANIFEST.json");
  int seen = 0;
  for (const json& entry : test::read_json(test::shared("corpus/MANIFEST.json"))) {
    const json recorded = entry.value("recorded", json::object());
    const std::string file = entry.at("file");
    const bool classic =
        recorded.contains("Version") && std::atoi(recorded.at("Version").get<std::string>().c_str()) < 12;
    if (!classic || !file.starts_with("intel/") || file.find("ifwi") != std::string::npos) continue;
    SCOPED_TRACE(file);
    const Buffer bytes = test::read_file(test::shared("corpus") / file);
    Image image(file, ByteView(bytes));
    const auto report = examine(image, Depth::structure);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_EQ(report->engines.size(), 1U);
    const Attributes& facts = report->engines[0].facts;
    EXPECT_EQ(facts.text("family"), recorded.at("Family"));
    EXPECT_EQ(facts.text("version"), recorded.at("Version"));
    EXPECT_EQ(facts.text("signature"), "valid");
    // The recorded date of this one update image is a day off its manifest's.
    if (file != "intel/me-2.1.3.1031-amt-upd.bin") {
      EXPECT_EQ(facts.text("date"), recorded.value("Date", facts.text("date")));
    }
    if (!recorded.at("Family").get<std::string>().starts_with("CSE")) {
      EXPECT_TRUE(recorded.value("SKU", "").starts_with(facts.text("sku")))
          << recorded.value("SKU", "") << " vs " << facts.text("sku");
    }
    ++seen;
  }
  EXPECT_GT(seen, 30);
}

}  // namespace
}  // namespace quell
