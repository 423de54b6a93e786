// SPDX-License-Identifier: GPL-2.0-or-later
// The command lines of builds that call me_cleaner and ifdtool by name (drop-ins.csv), on specimens: statuses, which
// files appear or change, in place as beside, and the same through links and through share/quell/me_cleaner.py.
#include <filesystem>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "specimen/intel.h"
#include "support/program.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using Words = std::vector<std::string>;

struct Line {
  std::string used_by, tool, arguments, input, status, files;
};

Words split(const std::string& text, char separator) {
  Words words;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);) words.push_back(word);
  return words;
}

std::vector<Line> lines() {
  std::vector<Line> all;
  for (const std::string& text : split(test::file_text(QUELL_SOURCE "/tests/e2e/drop-ins.csv"), '\n')) {
    const Words cells = split(text, ',');
    if (cells.size() == 6 && cells[0] != "used_by")
      all.push_back({cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]});
  }
  return all;
}

Buffer specimen_of(const std::string& input) {
  const auto flavour = input.starts_with("me8") ? specimen::IntelFlavour::me8 : specimen::IntelFlavour::me11;
  if (input.ends_with("region")) return specimen::intel_me_region(flavour);
  Buffer dump = specimen::intel_dump(flavour);
  if (input.ends_with("descriptor")) dump.resize(0x1000);
  return dump;
}

class DropIns : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quell-drop-ins-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    fs::current_path(folder_);
  }
  void TearDown() override {
    fs::current_path("/");
    fs::remove_all(folder_);
  }

  // Every file afterwards, the given ones left out.
  static std::map<std::string, std::string> files() {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::directory_iterator(".")) {
      const std::string name = entry.path().filename().string();
      if (name != "ME" && name != "GBE" && name != "LAYOUT") all[name] = test::file_text(name);
    }
    return all;
  }
  static void prepare(const Line& line) {
    for (const auto& entry : fs::directory_iterator(".")) fs::remove(entry.path());
    ASSERT_TRUE(write_file("IN", specimen_of(line.input)));
    if (line.arguments.find("ME:ME") != std::string::npos) {
      ASSERT_TRUE(write_file("ME", specimen::intel_me_region(specimen::IntelFlavour::me8, {.seed = 2})));
    }
    if (line.arguments.find("GBE") != std::string::npos) {
      ASSERT_TRUE(write_file("GBE", Buffer(0x2000, std::byte{0x5A})));
    }
    const std::string layout =
        "00000000:00000fff fd\n00018000:007fffff bios\n00003000:00017fff me\n00001000:00002fff gbe\n";
    ASSERT_TRUE(write_file("LAYOUT", as_bytes(layout)));
  }
  static test::Outcome run(const std::string& program, Words words, const std::string& arguments,
                           const Words& environment = {}) {
    for (std::string& word : split(arguments, ' ')) words.push_back(std::move(word));
    return test::run_program(program, words, environment);
  }
  static std::string told(const std::map<std::string, std::string>& found, const std::string& original) {
    std::string text;
    for (const auto& [name, content] : found)
      text += fmt::format(" {}={}", name, name != "IN" ? "new" : content == original ? "unchanged" : "changed");
    return text;
  }

  fs::path folder_;
};

TEST_F(DropIns, EveryLineOfTheBuildsDoesWhatItDidThere) {
  const auto all = lines();
  ASSERT_GE(all.size(), 30U);
  for (const Line& line : all) {
    SCOPED_TRACE(fmt::format("{}: {} {}", line.used_by, line.tool, line.arguments));
    prepare(line);
    const std::string original = test::file_text("IN");
    const auto outcome = run(QUELL_PROGRAM, {line.tool}, line.arguments);
    EXPECT_EQ(std::to_string(outcome.status), line.status) << outcome.error;
    const auto found = files();
    for (const std::string& file : split(line.files, ' ')) EXPECT_THAT(told(found, original), HasSubstr(" " + file));
    EXPECT_EQ(found.size(), split(line.files, ' ').size());
    // In place gives what another output gets.
    const auto in_place = line.arguments.find("-O IN IN");
    if (in_place == std::string::npos) continue;
    prepare(line);
    std::string beside = line.arguments;
    ASSERT_EQ(run(QUELL_PROGRAM, {line.tool}, beside.replace(in_place, 8, "-O OUT IN")).status, 0);
    EXPECT_EQ(test::file_text("IN"), original);
    EXPECT_EQ(test::file_text("OUT"), found.at("IN"));
  }
}

// No outside library, and no setting of the shell, changes how the words are read.
TEST_F(DropIns, OptionsBehindTheImageCountWhateverTheEnvironmentSays) {
  prepare({"", "", "", "me8", "", ""});
  EXPECT_EQ(run(QUELL_PROGRAM, {"me_cleaner"}, "IN -S -O OUT", {"POSIXLY_CORRECT=1"}).status, 0);
  EXPECT_TRUE(fs::exists("OUT"));
}

TEST_F(DropIns, LinksAndTheScriptAreTheSameProgram) {
  prepare({"", "", "", "me8", "", ""});
  ASSERT_EQ(run(QUELL_PROGRAM, {"me_cleaner"}, "-S -O A IN").status, 0);
  const fs::path links = folder_ / "links";
  fs::create_directory(links);
  fs::create_symlink(QUELL_PROGRAM, links / "me_cleaner");
  fs::create_symlink(QUELL_PROGRAM, links / "ifdtool");
  ASSERT_EQ(run((links / "me_cleaner").string(), {}, "-S -O B IN").status, 0);
  EXPECT_EQ(test::file_text("A"), test::file_text("B"));
  ASSERT_EQ(run((links / "ifdtool").string(), {}, "-f layout.txt IN").status, 0);
  if (::access("/usr/bin/python3", X_OK) != 0) GTEST_SKIP() << "/usr/bin/python3 is not here";
  const std::string script = QUELL_SOURCE "/share/quell/me_cleaner.py";
  const auto scripted = run("/usr/bin/python3", {script}, "-S -O C IN", {std::string("QUELL=") + QUELL_PROGRAM});
  EXPECT_EQ(scripted.status, 0) << scripted.error;
  EXPECT_EQ(test::file_text("A"), test::file_text("C"));
  const auto missing = run("/usr/bin/python3", {script}, "-c IN", {"QUELL=/nowhere/quell"});
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.error, HasSubstr("name the program in QUELL"));
}

TEST_F(DropIns, MeCleanerTellsWhatItsUsersLookFor) {
  prepare({"", "", "", "me8", "", ""});
  const auto told = run(QUELL_PROGRAM, {"me_cleaner"}, "-S -r -t -O OUT IN");
  ASSERT_EQ(told.status, 0) << told.error;
  for (const char* fact : {"Full flash dump",
                           "Regions in use:",
                           "$FPT at 0x",
                           "FTPR: 0x",
                           "(generation 2), valid",
                           "ME disable bit, PCHSTRP10 bit 7",
                           ": not set\n",
                           "Partitions:\n",
                           "NFTP (",
                           ": removed\n",
                           "Modules of FTPR:\n",
                           "(Huffman, ",
                           "kept, the machine needs it to start",
                           "FTPR moved from",
                           "checksum 0x",
                           "The ME region could shrink to ",
                           "Layout line for that size:\n  00",
                           "Descriptor 0x",
                           "Signature of FTPR in the result: valid",
                           "Written: OUT"})
    EXPECT_THAT(told.out, HasSubstr(fact));
  const auto checked = run(QUELL_PROGRAM, {"me_cleaner"}, "-c IN");
  EXPECT_THAT(checked.out, HasSubstr("Signature of FTPR: valid"));
  EXPECT_THAT(checked.out, testing::Not(HasSubstr("removed")));
  const auto keeps = run(QUELL_PROGRAM, {"me_cleaner"}, "-k -O KEPT IN");
  EXPECT_THAT(keeps.out, HasSubstr("Modules of FTPR: all kept"));
}

// Advice never names an option that this front end lacks.
TEST_F(DropIns, MeCleanerAdvisesItsOwnOptionsOnly) {
  ASSERT_TRUE(write_file("IN", specimen::intel_me_region(specimen::IntelFlavour::me14)));
  const auto told = run(QUELL_PROGRAM, {"me_cleaner"}, "-O OUT IN");
  EXPECT_EQ(told.status, 1);
  for (const char* option : {"--soft ", "--soft)", "--accept", "--hap-at", "--strip"})
    EXPECT_THAT(told.error, testing::Not(HasSubstr(option)));
}

TEST_F(DropIns, IfdtoolDumpHasTheLinesThatScriptsLookFor) {
  prepare({"", "", "", "me8", "", ""});
  const auto told = run(QUELL_PROGRAM, {"ifdtool"}, "-d IN");
  ASSERT_EQ(told.status, 0);
  for (const char* line : {"  Flash Region 2 (Intel ME): 00", "  Component 1 Density:                 8MB\n",
                           "  Component 2 Density:                 UNUSED\n", "MHz\n", "AltMeDisable bit is not set\n",
                           "  Intel ME Region Write Access:      ", "  Host CPU/BIOS Region Read Access:  ",
                           "  Flash Descriptor Write Access:     "})
    EXPECT_THAT(told.out, HasSubstr(line));
  EXPECT_THAT(told.out, testing::Not(HasSubstr(" MHz")));
}

}  // namespace
}  // namespace quell
