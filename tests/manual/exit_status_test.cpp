// SPDX-License-Identifier: GPL-2.0-or-later
// docs/exit-status.md is true: each command as it is called, and the status that the table has for it.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "base/atomic_file.h"
#include "specimen/intel.h"
#include "support/machine_tree.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Words = std::vector<std::string>;

struct Call {
  Words words;
  int status;
};

class ExitStatus : public testing::Test {
 protected:
  ExitStatus() {
    const Buffer dump = specimen::intel_small_dump(specimen::IntelFlavour::me8);
    Buffer other = dump;
    other.back() ^= std::byte{1};
    write("dump.rom", dump);
    write("other.rom", other);
    write("cut.rom", Bytes(dump).first(dump.size() - 4096));
    write("text", as_bytes("hello\n"));
    fs::create_directories(folder_ / "machine/sys");
    fs::create_directories(folder_ / "empty");
  }
  void write(const std::string& name, Bytes content) { EXPECT_TRUE(write_file(folder_ / name, content).has_value()); }
  // Words that begin with @ are names in the folder.
  test::Outcome run(Words words) {
    for (std::string& word : words) {
      if (word.starts_with('@')) word = (folder_ / word.substr(1)).string();
    }
    return test::run_program(QUELL_PROGRAM, words);
  }
  void expect(const std::vector<Call>& calls) {
    for (const Call& call : calls) {
      const auto outcome = run(call.words);
      EXPECT_EQ(outcome.status, call.status) << testing::PrintToString(call.words) << outcome.out << outcome.error;
      if (call.status >= 2) {
        EXPECT_THAT(outcome.out + outcome.error, Not(IsEmpty())) << testing::PrintToString(call.words);
      }
    }
  }
  test::TemporaryFolder folder_{};
};

TEST_F(ExitStatus, OfLookingAtImages) {
  expect({{{"inspect", "@dump.rom"}, 0},
          {{"inspect", "--fail-on", "warning", "@cut.rom"}, 1},
          {{"inspect", "@text"}, 3},
          {{"inspect", "@dump.rom", "@text"}, 3},
          {{"inspect", "@nowhere"}, 5},
          {{"inspect", "--nonsense", "@dump.rom"}, 2},
          {{"check", "@dump.rom"}, 0},
          {{"check", "@cut.rom"}, 1},
          {{"check", "@dump.rom", "@other.rom"}, 1},
          {{"check", "@text"}, 3},
          {{"diff", "@dump.rom", "@dump.rom"}, 0},
          {{"diff", "@dump.rom", "@other.rom"}, 1},
          {{"diff", "@dump.rom", "@text"}, 1},
          {{"scan", "@dump.rom"}, 0},
          {{"extract", "@dump.rom", "-d", "@parts"}, 0},
          {{"extract", "@text", "-d", "@none"}, 3},
          {{"report", "@dump.rom", "-o", "@page.html"}, 0},
          {{"report", "@text", "-o", "@page2.html"}, 3},
          {{"explain", "HAP"}, 0},
          {{"explain", "@text"}, 3},
          {{"explain", "no-such-word"}, 2}});
}

TEST_F(ExitStatus, OfChangingThem) {
  expect({{{"clean", "--strip", "@dump.rom", "-o", "@clean.rom"}, 0},
          {{"clean", "@text", "-o", "@none"}, 3},
          {{"clean", "@dump.rom", "-o", "@dump.rom"}, 2},
          {{"clean", "--strip", "@dump.rom", "-o", "@nowhere/clean.rom"}, 5},
          {{"descriptor", "unlock", "@dump.rom", "-o", "@open.rom"}, 0},
          {{"descriptor", "unlock", "@text", "-o", "@none"}, 3},
          {{"descriptor", "set", "@dump.rom", "disable=on", "-o", "@none"}, 4}});
}

TEST_F(ExitStatus, OfTheLiveMachine) {
  const test::MachineTree stock(QUELL_SOURCE "/tests/host/trees/me11-t460p-stock.tree");
  const test::MachineTree quiet(QUELL_SOURCE "/tests/host/trees/me11-skylake-hap.tree");
  const test::MachineTree hidden(QUELL_SOURCE "/tests/host/trees/me16-hidden-unprivileged.tree");
  expect({{{"status", "--root", stock.path().string()}, 0},
          {{"status", "--root", stock.path().string(), "--expect", "disabled"}, 1},
          {{"status", "--root", quiet.path().string(), "--expect", "disabled"}, 0},
          {{"status", "--root", "@machine"}, 3},
          {{"status", "--root", "@empty"}, 3},
          {{"status", "--root", hidden.path().string()}, 4},
          {{"watch", "--root", stock.path().string(), "--state", "@state"}, 1},
          {{"watch", "--root", "@machine", "--state", "@state"}, 3},
          {{"capture", "@c.tar", "--root", stock.path().string()}, 0},
          {{"wiring"}, 0},
          {{"wiring", "-p", "nonsense"}, 2}});
}

TEST_F(ExitStatus, OfTheChip) {
  if (run({"probe", "--list"}).status != 0) GTEST_SKIP() << "built without chips";
  expect({{{"probe", "-p", "dummy:emulate=W25Q128FV"}, 0},
          {{"probe", "-p", "dummy:emulate=MX25L6436"}, 1},
          {{"probe", "-p", "internal"}, 4},
          {{"probe"}, 2},
          {{"vault", "verify", "--vault", "@empty"}, 3},
          {{"vault", "verify", "--vault", "@nowhere"}, 5}});
}

// What is damaged is said wherever it is looked at, and not only by `check`.
TEST_F(ExitStatus, ACutDumpIsTakenApartWithAWord) {
  EXPECT_THAT(run({"inspect", "@cut.rom"}).out, HasSubstr("the descriptor's regions end at"));
  const auto taken = run({"extract", "@cut.rom", "-d", "@parts"});
  EXPECT_EQ(taken.status, 0);
  EXPECT_THAT(taken.error, HasSubstr("cut.rom: the descriptor's regions end at"));
  EXPECT_THAT(run({"extract", "@dump.rom", "-d", "@whole"}).error, IsEmpty());
}

}  // namespace
}  // namespace quell
