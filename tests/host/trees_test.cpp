// SPDX-License-Identifier: GPL-2.0-or-later
// Whole machines: each tests/host/trees/NAME.tree is a captured tree in text, NAME.json what `quell status --json`
// must say of it. Run with QUELL_UPDATE_EXPECTED=1 to write the expected files anew, and read the difference.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "support/machine_tree.h"
#include "support/program.h"

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
