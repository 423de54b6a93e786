// SPDX-License-Identifier: GPL-2.0-or-later
// The disable bit on whole dumps, through the program: `clean --soft` changes that bit alone, `quell diff` says so, and
// `descriptor set disable=off` gives the original back. Refusals name the candidates.
#include <filesystem>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "specimen/intel.h"
#include "support/program.h"
#include "support/real_images.h"
#include "support/shared.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Dump {
  std::string name{};
  Buffer bytes{};
};

class DisableBit : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quell-disable-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static test::Outcome run(const std::vector<std::string>& arguments) {
    return test::run_program(QUELL_PROGRAM, arguments);
  }
  [[nodiscard]] json facts(const std::string& name) const {
    const auto shown = run({"descriptor", "show", "--json", path(name)});
    return json::parse(shown.out).at("images").at(0).at("engines").at(0).at("facts");
  }
  // Bits set and cleared, as `quell diff` counts them.
  [[nodiscard]] std::pair<int, int> bits(const std::string& before, const std::string& after) const {
    const auto told = run({"diff", "--json", path(before), path(after)});
    EXPECT_LE(told.status, 1) << told.error;
    std::pair<int, int> count;
    const json document = json::parse(told.out);
    for (const json& part : document.at("parts")) {
      EXPECT_THAT(part.at("path").get<std::string>(), testing::HasSubstr(" straps"));
      count.first += part.at("bits_set").get<int>();
      count.second += part.at("bits_cleared").get<int>();
    }
    return count;
  }
  test::Outcome clean(const std::string& from, const std::string& to) {
    return run({"clean", "--soft", "--accept-reported", "--accept-overlaps", path(from), "-o", path(to)});
  }
  test::Outcome switch_off(const std::string& from, const std::string& to) {
    return run(
        {"descriptor", "set", "--accept-reported", "--accept-overlaps", path(from), "disable=off", "-o", path(to)});
  }
  [[nodiscard]] std::string content(const std::string& name) const { return test::file_text(path(name)); }

  // A dump of a confirmed platform there and back. One that comes with the bit set is switched off first: then `clean`
  // has to arrive at the dump.
  void there_and_back(const Dump& dump) {
    ASSERT_TRUE(write_file(folder_ / "in.rom", dump.bytes));
    const json before = facts("in.rom");
    const bool set = before.at("disable_bit_set");
    const int places = before.at("platform").get<std::string>().starts_with("ICH") ? 2 : 1;
    const std::string clear = set ? "off.rom" : "in.rom";
    if (set) {
      ASSERT_EQ(switch_off("in.rom", "off.rom").status, 0);
    }
    const auto cleaned = clean(clear, "clean.rom");
    ASSERT_EQ(cleaned.status, 0) << cleaned.error;
    EXPECT_EQ(bits(clear, "clean.rom"), (std::pair{places, 0}));
    EXPECT_EQ(facts("clean.rom").at("disable_bit_set"), true);
    EXPECT_EQ(content("clean.rom") == content("in.rom"), set);
    ASSERT_EQ(switch_off("clean.rom", "back.rom").status, 0);
    EXPECT_EQ(bits("clean.rom", "back.rom"), (std::pair{0, places}));
    EXPECT_TRUE(content("back.rom") == content(clear));
    for (const auto& entry : fs::directory_iterator(folder_)) fs::remove(entry.path());
  }

  void refused(const Dump& dump) {
    ASSERT_TRUE(write_file(folder_ / "in.rom", dump.bytes));
    const auto cleaned = clean("in.rom", "clean.rom");
    EXPECT_EQ(cleaned.status, 4);
    EXPECT_THAT(cleaned.error, testing::HasSubstr("candidates: "));
    EXPECT_THAT(cleaned.error, testing::HasSubstr("--hap-at"));
    EXPECT_FALSE(fs::exists(path("clean.rom")));
  }

  fs::path folder_;
};

TEST_F(DisableBit, ThereAndBackOnEverySpecimen) {
  for (const specimen::IntelFlavour flavour : specimen::intel_flavours()) {
    SCOPED_TRACE(to_string(flavour));
    const Buffer bytes = specimen::intel_small_dump(flavour);
    ASSERT_TRUE(write_file(folder_ / "in.rom", bytes));
    if (facts("in.rom").at("platform_confidence") == "confirmed") {
      there_and_back({std::string(to_string(flavour)), bytes});
    } else {
      EXPECT_EQ(clean("in.rom", "clean.rom").status, 4);
    }
  }
}

TEST_F(DisableBit, ThereAndBackOnEveryRealDumpOfAConfirmedPlatform) {
  QUELL_NEEDS_SHARED("oracle/clean.json");
  std::map<std::string, int> confidences;
  const json cases = test::read_json(test::shared("oracle/clean.json"));
  for (const json& recorded : cases) {
    if (!recorded.contains("dump")) continue;
    const Dump dump{test::clean_case_name(recorded), test::clean_case_image(recorded)};
    SCOPED_TRACE(dump.name);
    ASSERT_TRUE(write_file(folder_ / "in.rom", dump.bytes));
    const std::string confidence = facts("in.rom").at("platform_confidence");
    ++confidences[confidence];
    if (confidence == "confirmed") {
      there_and_back(dump);
    } else {
      refused(dump);
    }
  }
  EXPECT_EQ(confidences, (std::map<std::string, int>{{"confirmed", 28}, {"conflict", 7}}));
}

}  // namespace
}  // namespace quell
