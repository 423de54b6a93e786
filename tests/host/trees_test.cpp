// SPDX-License-Identifier: GPL-2.0-or-later
// Whole machines: each tests/host/trees/NAME.tree is a captured tree in text, NAME.json what `quell status --json`
// must say of it. Run with QUELL_UPDATE_EXPECTED=1 to write the expected files anew, and read the difference.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "support/machine_tree.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell::host {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

const fs::path trees = fs::path(QUELL_SOURCE) / "tests/host/trees";

std::vector<std::string> machines() {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(trees)) {
    if (entry.path().extension() == ".tree") out.push_back(entry.path().stem().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// --deep for the tree that is about it.
std::vector<std::string> arguments(const std::string& name, const std::string& root) {
  std::vector<std::string> out = {"status", "--json", "--root", root};
  if (name == "amd-phoenix-psb") out.emplace_back("--deep");
  return out;
}

class Machine : public testing::TestWithParam<std::string> {};

TEST_P(Machine, GivesTheExpectedStatus) {
  const test::MachineTree tree(trees / (GetParam() + ".tree"));
  const test::Outcome outcome = test::run_program(QUELL_PROGRAM, arguments(GetParam(), tree.path().string()));
  Json document = Json::parse(outcome.out, nullptr, false);
  ASSERT_FALSE(document.is_discarded()) << outcome.out << outcome.error;
  document.erase("program");
  document["exit_status"] = outcome.status;
  const fs::path expected = trees / (GetParam() + ".json");
  if (std::getenv("QUELL_UPDATE_EXPECTED") != nullptr) std::ofstream(expected) << document.dump(1) << "\n";
  std::ifstream file(expected);
  const Json wanted = Json::parse(file, nullptr, false);
  ASSERT_FALSE(wanted.is_discarded()) << expected;
  EXPECT_EQ(document, wanted) << Json::diff(wanted, document).dump(1);
}

// The one line a person takes away must be there in the text, too.
TEST_P(Machine, TextNamesEveryVerdict) {
  const test::MachineTree tree(trees / (GetParam() + ".tree"));
  std::ifstream file(trees / (GetParam() + ".json"));
  const Json wanted = Json::parse(file, nullptr, false);
  const test::Outcome outcome = test::run_program(QUELL_PROGRAM, {"status", "-vv", "--root", tree.path().string()});
  for (const Json& engine : wanted["engines"]) {
    EXPECT_THAT(outcome.out, testing::HasSubstr(engine["title"].get<std::string>()));
    EXPECT_THAT(outcome.out, testing::HasSubstr(engine["verdict_title"].get<std::string>()));
  }
}

// Of a tree that nobody captured, what is not in it may still have been on the machine.
TEST_P(Machine, NothingIsCalledAbsentThatTheSourceCannotTell) {
  const test::MachineTree tree(trees / (GetParam() + ".tree"));
  fs::remove(tree.path() / "quell/captured");
  const test::Outcome outcome = test::run_program(QUELL_PROGRAM, {"status", "-v", "--root", tree.path().string()});
  for (const char* claim : {"none that Linux knows of", "no UEFI", "no lockdown module", "none bound",
                            "the link did not start", "msr module is not loaded"}) {
    EXPECT_THAT(outcome.out, testing::Not(testing::HasSubstr(claim)));
  }
}

// Which facts each source can give: tests/host/source-facts.csv, a pattern for the source and "where/key" for each
// fact.
struct SourceFacts {
  std::regex source{};
  std::vector<std::string> facts{};
};

std::vector<SourceFacts> source_facts() {
  std::ifstream file(fs::path(QUELL_SOURCE) / "tests/host/source-facts.csv");
  std::vector<SourceFacts> out;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const auto comma = line.rfind(',');
    std::istringstream words(line.substr(comma + 1));
    SourceFacts one{std::regex(line.substr(0, comma)), {}};
    for (std::string word; words >> word;) one.facts.push_back(word);
    out.push_back(std::move(one));
  }
  return out;
}

// Every statement of a document: where it stands (an engine's id, a section's key, "machine"), its key and its source.
struct Statement {
  std::string place{};
  std::string key{};
  std::string source{};
};

void collect(const Json& facts, const std::string& place, std::vector<Statement>& out) {
  for (const Json& fact : facts) out.push_back({place, fact.at("key"), fact.at("source")});
}

std::vector<Statement> statements(const Json& document) {
  std::vector<Statement> out;
  if (document.contains("machine")) collect(document.at("machine"), "machine", out);
  if (!document.contains("engines")) return out;
  for (const Json& engine : document.at("engines")) collect(engine.at("facts"), engine.at("engine"), out);
  for (const Json& section : document.at("sections")) collect(section.at("facts"), section.at("key"), out);
  return out;
}

bool can_give(const Statement& said) {
  static const std::vector<SourceFacts> table = source_facts();
  const std::string fact = said.place + "/" + said.key;
  // Sources are listed as words, and a comma cannot stand in the table.
  const std::string source = std::regex_replace(said.source, std::regex(","), ";");
  return std::ranges::any_of(table, [&](const SourceFacts& row) {
    if (!std::regex_match(source, row.source)) return false;
    return std::ranges::any_of(row.facts, [&](const std::string& known) {
      return known.ends_with('*') ? fact.starts_with(known.substr(0, known.size() - 1)) : fact == known;
    });
  });
}

void expect_given(const Json& document, std::string_view where) {
  for (const Statement& said : statements(document))
    EXPECT_TRUE(can_give(said)) << where << ": " << said.place << "/" << said.key << " from " << said.source;
}

TEST_P(Machine, IsToldNothingThatTheSourceCannotGive) {
  const test::MachineTree tree(trees / (GetParam() + ".tree"));
  const test::Outcome outcome = test::run_program(QUELL_PROGRAM, arguments(GetParam(), tree.path().string()));
  const Json document = Json::parse(outcome.out, nullptr, false);
  ASSERT_FALSE(document.is_discarded()) << outcome.error;
  expect_given(document, GetParam());
  // A file that is named as the source is there; a capture also tells that no driver is bound.
  const bool captured = fs::exists(tree.path() / "quell/captured");
  for (const Statement& said : statements(document)) {
    const bool is_path = said.source.starts_with('/') && said.source.find(' ') == std::string::npos;
    const bool is_device = said.source.starts_with("/dev/") || said.source.starts_with("/quell/");
    if (!is_path || is_device || (captured && said.key == "driver")) continue;
    EXPECT_TRUE(fs::exists(fs::symlink_status(tree.path() / said.source.substr(1)))) << said.key << said.source;
  }
}

// lspci knows PCI functions and, with -xxx, their registers: nothing of the TPM, UEFI, the kernel or the board.
TEST(LspciText, IsHeldToWhatItCanTell) {
  std::vector<fs::path> samples;
  const fs::path cases = fs::path(QUELL_SHARED) / "cases/devices";
  if (fs::exists(cases)) {
    for (const auto& entry : fs::directory_iterator(cases)) {
      if (entry.path().filename().string().starts_with("lspci")) samples.push_back(entry.path());
    }
  }
  const test::TemporaryFolder folder;
  const fs::path named = folder.path() / "named.txt";
  std::ofstream(named) << "00:16.0 Communication controller [0780]: Intel Corporation Device [8086:1e3a] (rev 04)\n"
                          "05:00.0 VGA compatible controller [0300]: ASPEED Technology [1a03:2000] (rev 41)\n";
  samples.push_back(named);
  const std::set<std::string> elsewhere{"tpm", "secure_boot", "lockdown", "boot_guard_msr", "machine", "system"};
  for (const fs::path& sample : samples) {
    const test::Outcome outcome = test::run_program(QUELL_PROGRAM, {"status", "--json", "--lspci", sample.string()});
    const Json document = Json::parse(outcome.out, nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << sample << outcome.error;
    expect_given(document, sample.string());
    for (const Statement& said : statements(document)) {
      EXPECT_FALSE(elsewhere.contains(said.place)) << sample << said.place << said.key;
      EXPECT_NE(said.key, "driver") << sample;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Trees, Machine, testing::ValuesIn(machines()), [](const auto& parameter) {
  std::string name = parameter.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// A capture of the machine must lead to the same status, and to the same capture again.
TEST_P(Machine, IsTheSameAfterCapture) {
  const test::MachineTree tree(trees / (GetParam() + ".tree"));
  const std::string archive = (tree.path() / "capture.tar").string();
  const std::string again = (tree.path() / "again.tar").string();
  std::vector<std::string> capture = {"capture", "-q", "--root", tree.path().string(), archive};
  std::vector<std::string> recapture = {"capture", "-q", "--root", archive, again};
  if (GetParam() == "amd-phoenix-psb") {
    capture.emplace_back("--deep");
    recapture.emplace_back("--deep");
  }
  const test::Outcome captured = test::run_program(QUELL_PROGRAM, capture);
  ASSERT_EQ(captured.status, 0) << captured.error;
  ASSERT_EQ(test::run_program(QUELL_PROGRAM, recapture).status, 0);
  EXPECT_TRUE(test::file_text(archive) == test::file_text(again));
  const test::Outcome before = test::run_program(QUELL_PROGRAM, arguments(GetParam(), tree.path().string()));
  const test::Outcome after = test::run_program(QUELL_PROGRAM, arguments(GetParam(), archive));
  EXPECT_EQ(after.status, before.status);
  EXPECT_TRUE(Json::parse(after.out) == Json::parse(before.out))
      << Json::diff(Json::parse(before.out), Json::parse(after.out)).dump(1);
}

TEST(Machines, CoverAtLeastFourteenKinds) { EXPECT_GE(machines().size(), 14U); }

TEST(StatusCommand, ExpectationsBecomeExitStatuses) {
  const auto status = [](const char* name, const char* expectation) {
    const test::MachineTree tree(trees / (std::string(name) + ".tree"));
    return test::run_program(QUELL_PROGRAM, {"status", "-q", "--expect", expectation, "--root", tree.path().string()})
        .status;
  };
  EXPECT_EQ(status("me09-t440p-hap", "disabled"), 0);
  EXPECT_EQ(status("me09-t440p-hap", "running"), 1);
  EXPECT_EQ(status("me11-t460p-stock", "disabled"), 1);
  EXPECT_EQ(status("me11-t460p-stock", "running"), 0);
  EXPECT_EQ(status("me16-hidden-unprivileged", "disabled"), 3);
  EXPECT_EQ(status("virtual-machine", "disabled"), 3);
}

TEST(StatusCommand, BadInputEndsWithOneMessage) {
  struct Case {
    std::vector<std::string> arguments;
    int status;
    const char* message;
  };
  const std::vector<Case> cases = {
      {{"status", "--root", "/nonexistent"}, 5, "No such file"},
      {{"status", "--root", "/usr/include"}, 3, "not a captured tree"},
      {{"status", "--root", "/dev/null"}, 3, "/dev/null"},
      {{"status", "--root", QUELL_PROGRAM}, 3, "not a tar archive"},
      {{"status", "--lspci", QUELL_PROGRAM}, 3, "lspci -xxxx"},
      {{"status", "--lspci", "/nonexistent"}, 5, "/nonexistent"},
      {{"status", "--root", "/", "--lspci", "x"}, 2, "excludes"},
      {{"status", "--expect", "maybe"}, 2, "--expect"},
  };
  for (const Case& one : cases) {
    const test::Outcome outcome = test::run_program(QUELL_PROGRAM, one.arguments);
    EXPECT_EQ(outcome.status, one.status) << one.message << ": " << outcome.error;
    EXPECT_THAT(outcome.error, testing::HasSubstr(one.message));
    EXPECT_EQ(outcome.out, "") << one.message;
  }
}

TEST(StatusCommand, OnThisMachineIsHelpfulAndNoError) {
  const test::Outcome outcome = test::run_program(QUELL_PROGRAM, {"status"});
  EXPECT_THAT(outcome.status, testing::AnyOf(0, 3, 4)) << outcome.error;
  EXPECT_THAT(outcome.out, testing::HasSubstr("This machine"));
  EXPECT_EQ(outcome.error, "");
}

}  // namespace
}  // namespace quell::host
