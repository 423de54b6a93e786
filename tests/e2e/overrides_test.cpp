// SPDX-License-Identifier: GPL-2.0-or-later
// The library refuses with an Override, each front end words its own options: none is missing, none is advised that
// the command does not have.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "cli/overrides.h"
#include "quell/flash/descriptor.h"
#include "specimen/intel.h"
#include "specimen/specimen.h"
#include "support/program.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using specimen::IntelFlavour;
using testing::HasSubstr;
using testing::Not;

test::Outcome run(const std::vector<std::string>& arguments) { return test::run_program(QUELL_PROGRAM, arguments); }

// Every command that edits an image, or talks to a chip, after a refusal of the library.
const std::vector<std::vector<std::string>> commands{{"clean"},
                                                     {"guide"},
                                                     {"probe"},
                                                     {"backup"},
                                                     {"flash"},
                                                     {"restore"},
                                                     {"descriptor", "set"},
                                                     {"descriptor", "unlock"},
                                                     {"descriptor", "lock"},
                                                     {"descriptor", "lock-out"},
                                                     {"descriptor", "inject"},
                                                     {"descriptor", "join"}};

std::string all_help() {
  std::string text;
  for (std::vector<std::string> words : commands) {
    words.emplace_back("--help");
    text += run(words).out;
  }
  return text;
}

// The library's sources, without the front ends, and what its table of failures says of them.
std::string library_sources() {
  std::string text;
  const std::string table = test::file_text(fs::path(QUELL_SOURCE) / "data/flash-failures.csv");
  for (const Override one : overrides()) {
    std::string name(to_string(one));
    if (table.find("," + name + ",docs/") == std::string::npos) continue;
    std::ranges::replace(name, '-', '_');
    text += "Override::" + name + " ";
  }
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(QUELL_SOURCE) / "src")) {
    const std::string path = entry.path().string();
    if (entry.path().extension() != ".cpp" || path.find("/src/cli/") != std::string::npos ||
        path.find("/src/compat/") != std::string::npos || path.ends_with("/base/override.cpp")) {
      continue;
    }
    text += test::file_text(path);
  }
  return text;
}

TEST(Overrides, WhatTheLibraryCanBeToldToInsistOnHasAnOptionInTheHelpOfACommand) {
  const std::string sources = library_sources();
  const std::string help = all_help();
  for (const Override one : overrides()) {
    std::string name(to_string(one));
    SCOPED_TRACE(name);
    std::ranges::replace(name, '-', '_');
    if (sources.find("Override::" + name) == std::string::npos) continue;
    ASSERT_FALSE(cli::option_of(one).empty());
    EXPECT_THAT(help, HasSubstr(std::string(cli::option_of(one))));
  }
}

TEST(Overrides, EachNameStandsForOneOnly) {
  std::set<std::string_view> names;
  for (const Override one : overrides()) names.insert(to_string(one));
  EXPECT_EQ(names.size(), overrides().size());
  EXPECT_EQ(names.count("unknown"), 0U);
}

TEST(Overrides, EveryOptionOfTheTableLiftsSomethingAndStandsInTheHelp) {
  const std::string sources = library_sources();
  const std::string help = all_help();
  for (const cli::OverrideOption& row : cli::override_options()) {
    EXPECT_THAT(help, HasSubstr(std::string(row.option)));
    if (row.lifts == Override::sizes) continue;  // joining is the command's own
    std::string name(to_string(row.lifts));
    std::ranges::replace(name, '-', '_');
    EXPECT_THAT(sources, HasSubstr("Override::" + name));
  }
}

TEST(Overrides, AdviceNamesAllThatIsNeededOrNothing) {
  const Error both{Errc::refused, "no", {}, {Override::reported_place, Override::descriptor_alone}};
  EXPECT_EQ(cli::insist_with(both, {Override::reported_place, Override::descriptor_alone, Override::overlaps}),
            "; insist with --accept-reported and --accept-descriptor-alone");
  EXPECT_EQ(cli::insist_with(both, {Override::descriptor_alone}), "") << "a command without --accept-reported";
  EXPECT_EQ(cli::insist_with({Errc::refused, "never", {}}, {Override::boot_guard}), "");
}

TEST(Overrides, AdviceGoesOnAsTheMessageEnds) {
  const auto said = [](const char* message, Override lifts) {
    return cli::insist_with({Errc::refused, message, {}, {lifts}}, {lifts});
  };
  EXPECT_EQ(said("No.", Override::untested_chip), " Insist with --allow-untested.");
  EXPECT_EQ(said("No.", Override::regions), " Insist with --allow REGIONS.");
  EXPECT_EQ(said("Which one?", Override::definition), " (--chip NAME)");
  EXPECT_EQ(said("Choose one.", Override::definition), " The option is --chip NAME.");
  EXPECT_EQ(said("Not confirmed.", Override::confirmation), " The option is --yes or --confirm PLAN.");
  EXPECT_EQ(said("no", Override::place), "; insist with --hap-at OFFSET[:BIT] (from FPSBA), at your own risk");
}

class FrontEnds : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quell-overrides-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string file(const std::string& name, const Buffer& bytes) const {
    EXPECT_TRUE(write_file(path(name), bytes));
    return path(name);
  }

  fs::path folder_;
};

TEST_F(FrontEnds, EachNamesItsOwnOptionsOnly) {
  const std::string region = file("me.bin", specimen::intel_me_region(IntelFlavour::me11));
  const auto clean = run({"clean", region, "-o", path("out.bin")});
  EXPECT_EQ(clean.status, 4);
  EXPECT_THAT(clean.error, HasSubstr("insist with --accept-boot-guard"));
  const auto insisted = run({"clean", region, "--accept-boot-guard", "-o", path("out.bin")});
  EXPECT_EQ(insisted.status, 0) << insisted.error;

  const std::string dump = file("dump.rom", specimen::intel_dump(IntelFlavour::me14));
  for (const std::vector<std::string>& words : {std::vector<std::string>{"me_cleaner", "-S", "-O", path("x"), dump},
                                                {"me_cleaner", "-O", path("x"), dump},
                                                {"ifdtool", "-M", "1", "-O", path("x"), dump}}) {
    const auto outcome = run(words);
    EXPECT_NE(outcome.status, 0) << words[0];
    EXPECT_FALSE(fs::exists(path("x"))) << words[0];
    EXPECT_THAT(outcome.error, Not(HasSubstr("--"))) << words[0];
  }
}

TEST_F(FrontEnds, InspectWordsTheOptionAndJsonTheOverride) {
  const std::string region = file("me.bin", specimen::intel_me_region(IntelFlavour::me11));
  EXPECT_THAT(run({"inspect", region}).out, HasSubstr("--accept-boot-guard"));
  const auto json = run({"inspect", "--json", region});
  EXPECT_THAT(json.out, HasSubstr("\"overrides\": ["));
  EXPECT_THAT(json.out, HasSubstr("\"boot-guard\""));
  EXPECT_THAT(json.out, HasSubstr("\"command\": \"quell clean --strip --accept-boot-guard"));
  std::istringstream lines(json.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("\"command\": ") == std::string::npos) {
      EXPECT_THAT(line, Not(HasSubstr("--accept")));
    }
  }
}

// What an internal read gives where the host may not read the region.
TEST_F(FrontEnds, ADumpWhoseRegionWasNotReadIsLeftAlone) {
  Buffer dump = specimen::intel_dump(IntelFlavour::me11);
  const Range me = flash::parse_descriptor(ByteView(dump)).value().me()->range;
  specimen::Canvas canvas(dump.size());
  canvas.put(0, dump).put(me.offset, Buffer(me.size, std::byte{0xFF}));
  const std::string input = file("dump.rom", canvas.bytes());
  const std::string before = test::file_text(input);
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"clean", input, "-o", path("out.rom")},
        {"clean", "--soft", "--accept-descriptor-alone", "--accept-reported", input, "-o", path("out.rom")},
        {"me_cleaner", "-s", "-O", path("out.rom"), input},
        {"me_cleaner", "-O", path("out.rom"), input},
        {"me_cleaner", "-s", input}}) {
    SCOPED_TRACE(words[0] + " " + words[1]);
    const auto outcome = run(words);
    EXPECT_EQ(outcome.status, words[0] == "clean" ? 4 : 1) << outcome.error;
    EXPECT_FALSE(fs::exists(path("out.rom")));
  }
  EXPECT_THAT(run({"clean", input, "-o", path("out.rom")}).error, HasSubstr("the ME region was not read (all 0xff)"));
  EXPECT_EQ(test::file_text(input), before);
}

}  // namespace
}  // namespace quell
