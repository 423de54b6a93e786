// SPDX-License-Identifier: GPL-2.0-or-later
// `quell explain` as a user runs it.
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "quell/statement.h"
#include "specimen/intel.h"
#include "support/program.h"
#include "survey/explain.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using testing::HasSubstr;

Outcome explain(std::vector<std::string> words) {
  words.insert(words.begin(), "explain");
  return test::run_program(QUELL_PROGRAM, words);
}

// A folder with an image in it, under a name that is also an engine's.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "quell-explain-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    EXPECT_TRUE(write_file(path_ / "bmc", specimen::intel_small_dump(specimen::intel_flavours().front())).has_value());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(ExplainCommand, ComparesAllEnginesInEightyColumns) {
  const Outcome outcome = explain({});
  EXPECT_EQ(outcome.status, 0);
  std::istringstream lines(outcome.out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  for (const Subject& subject : subjects())
    EXPECT_THAT(outcome.out, HasSubstr("\n" + std::string(subject.heading))) << subject.id;
}

TEST(ExplainCommand, AnswersEveryQuestionForEveryEngineWithStrengthAndSource) {
  for (const Subject& subject : subjects()) {
    const Outcome outcome = explain({std::string(subject.id)});
    EXPECT_EQ(outcome.status, 0) << subject.id;
    for (const KnownQuestion& question : known_questions()) {
      const Statement* one = statement_on(subject.id, question.id);
      ASSERT_NE(one, nullptr) << subject.id << " " << question.id;
      EXPECT_THAT(outcome.out, HasSubstr(question.text)) << subject.id;
      EXPECT_THAT(outcome.out, HasSubstr(one->long_answer)) << subject.id;
      EXPECT_THAT(outcome.out, HasSubstr(std::string("[") + std::string(to_string(one->strength)) + ": " +
                                         std::string(one->source) + "]"))
          << subject.id;
    }
  }
}

TEST(ExplainCommand, AnswersOneQuestionAcrossTheEngines) {
  const Outcome outcome = explain({"network"});
  EXPECT_EQ(outcome.status, 0);
  for (const Subject& subject : subjects()) EXPECT_THAT(outcome.out, HasSubstr(subject.title));
}

TEST(ExplainCommand, PrintsAWeakFactWithItsDoubt) {
  for (const Statement& one : statements()) {
    if (one.strength != Strength::low) continue;
    const std::string text = explain({std::string(one.engine)}).out;
    const auto at = text.find(one.long_answer);
    ASSERT_NE(at, std::string::npos);
    EXPECT_THAT(text.substr(at < 40 ? 0 : at - 40, 40), HasSubstr("Not confirmed: ")) << one.engine << one.question;
  }
}

TEST(ExplainCommand, LooksAWordUpAsFindingEngineQuestionAndFileInThisOrder) {
  EXPECT_THAT(explain({"intel.disable-bit.set"}).out, HasSubstr("the disable bit is set"));
  EXPECT_THAT(explain({"T2"}).out, HasSubstr("Apple Secure Enclave"));
  EXPECT_THAT(explain({"nixos"}).out, HasSubstr("What is left of it when Linux or NixOS is installed?"));
  const Folder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  EXPECT_THAT(explain({"bmc"}).out, HasSubstr("Baseboard management controller"));
  EXPECT_THAT(explain({"./bmc"}).out, HasSubstr("network of its own"));
  fs::current_path(before);
}

TEST(ExplainCommand, TakesAWordHoweverItIsWritten) {
  const std::string page = explain({"intel-boot-guard"}).out;
  ASSERT_THAT(page, testing::StartsWith("Intel Boot Guard"));
  for (const char* word : {"bootguard", "boot-guard", "Boot Guard", "BOOT_GUARD"})
    EXPECT_EQ(explain({word}).out, page) << word;
  EXPECT_EQ(explain({"boot", "guard"}).out, page);
  EXPECT_EQ(explain({"raspberry", "pi"}).out, explain({"raspberry-pi"}).out);
  EXPECT_EQ(explain({"secure boot"}).out, explain({"secure-boot"}).out);
}

TEST(ExplainCommand, PutsEveryCommonBeliefRightWithStrengthAndSource) {
  const Outcome outcome = explain({"beliefs"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_GE(beliefs().size(), 13U);
  for (const Belief& one : beliefs()) {
    EXPECT_THAT(outcome.out, HasSubstr(one.belief));
    EXPECT_THAT(outcome.out, HasSubstr(one.answer));
    EXPECT_THAT(outcome.out, HasSubstr(fmt::format("[{}: {}]", to_string(one.strength), one.source)));
    EXPECT_NE(one.strength, Strength::low) << one.id;
  }
}

TEST(ExplainCommand, SaysWhatTheWordsOfAPageMean) {
  const std::string page = explain({"intel-me"}).out;
  EXPECT_THAT(page, HasSubstr("Words on this page"));
  EXPECT_THAT(page, HasSubstr("\n  HAP: the bit in the flash descriptor"));
  EXPECT_THAT(page, testing::Not(HasSubstr("\n  NC-SI: ")));
  EXPECT_THAT(explain({"raspberry-pi"}).out, HasSubstr("\n  OTP: bits in a chip")) << "as the page calls it";
  EXPECT_THAT(explain({"hap"}).out, testing::StartsWith("HAP, AltMeDisable, disable bit\n"));
  EXPECT_THAT(explain({"altmedisable"}).out, HasSubstr("the bit in the flash descriptor"));
}

TEST(ExplainCommand, SaysWhereAWordIsNothingThatItKnows) {
  const Outcome outcome = explain({"flux-capacitor"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.error, HasSubstr("no finding, engine, question, word of the field or file"));
  EXPECT_EQ(explain({"./not-there.rom"}).status, 5);
  EXPECT_THAT(explain({"bootgard"}).error, HasSubstr("did you mean \"boot-guard\"?"));
  EXPECT_THAT(explain({"netwrok"}).error, HasSubstr("did you mean \"network\"?"));
  EXPECT_THAT(outcome.error, testing::Not(HasSubstr("did you mean")));
  const Outcome both = explain({"network", "--this-machine"});
  EXPECT_EQ(both.status, 2);
  EXPECT_THAT(both.error, HasSubstr("--this-machine"));
}

TEST(ExplainCommand, FindsWhatANewcomerTypes) {
  EXPECT_THAT(explain({"internet"}).out, testing::StartsWith("Has it a network of its own?"));
  EXPECT_THAT(explain({"LAN"}).out, testing::StartsWith("Has it a network of its own?"));
  EXPECT_THAT(explain({"issei"}).out, testing::StartsWith("Intel Silicon Security Engine"));
  EXPECT_THAT(explain({"psb"}).out, HasSubstr("AMD's check of the BIOS"));
}

// Bay Trail's bit is known from tools that write it, from no machine that obeyed.
TEST(ExplainCommand, SaysOfASetBitHowSureItsPlaceIs) {
  const Folder folder;
  const std::string before = (folder.path() / "dump.rom").string();
  const std::string after = (folder.path() / "quiet.rom").string();
  ASSERT_TRUE(write_file(before, specimen::intel_small_dump(specimen::IntelFlavour::txe1)).has_value());
  ASSERT_EQ(test::run_program(QUELL_PROGRAM, {"clean", "--soft", "--accept-reported", "--accept-descriptor-alone",
                                              "--accept-overlaps", before, "-o", after})
                .status,
            0);
  EXPECT_THAT(explain({after}).out, HasSubstr("no: the disable bit is set, at a place that is reported and not "
                                              "confirmed: it stops before the OS starts"));
}

TEST(ExplainCommand, PrintsEachFormInEachFormat) {
  const Folder folder;
  for (const char* word : {"", "amt", "ports", "beliefs", "HAP", "intel.disable-bit.set", "./bmc"}) {
    std::vector<std::string> words;
    if (*word != '\0') words.emplace_back(*word == '.' ? (folder.path() / "bmc").string() : word);
    std::vector<std::string> json = words;
    json.emplace_back("--json");
    const auto document = nlohmann::json::parse(explain(json).out, nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << word;
    EXPECT_EQ(document.at("command"), "explain");
    std::vector<std::string> markdown = words;
    markdown.insert(markdown.end(), {"--format", "markdown"});
    EXPECT_THAT(explain(markdown).out, testing::StartsWith("# ")) << word;
  }
}

// The page of the guide is what the program prints.
TEST(ExplainCommand, PrintsThePageOfTheGuide) {
  const fs::path page = fs::path(QUELL_SOURCE) / "docs/guide/engines.md";
  const std::string text = explain({"--format", "markdown"}).out;
  if (std::getenv("QUELL_UPDATE_EXPECTED") != nullptr) std::ofstream(page) << text;
  EXPECT_EQ(test::file_text(page.string()), text) << "write it anew: quell explain --format markdown > " << page;
}

}  // namespace
}  // namespace quell
