// SPDX-License-Identifier: GPL-2.0-or-later
// An option that a command offers changes what it prints; one that would not is not offered.
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "specimen/intel.h"
#include "support/machine_tree.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

class PrintingOptions : public testing::Test {
 protected:
  PrintingOptions() {
    const Buffer dump = specimen::intel_small_dump(specimen::IntelFlavour::me8);
    Buffer other = dump;
    other.back() ^= std::byte{1};
    EXPECT_TRUE(write_file(folder_ / "dump.rom", dump).has_value());
    EXPECT_TRUE(write_file(folder_ / "other.rom", other).has_value());
  }
  // Words that begin with @ are names in the folder. What an earlier call wrote is gone.
  test::Outcome run(Words words) {
    fs::remove_all(folder_ / "out");
    for (std::string& word : words) {
      if (word.starts_with('@')) word = (folder_ / word.substr(1)).string();
    }
    return test::run_program(QUELL_PROGRAM, words);
  }
  test::TemporaryFolder folder_{};
};

TEST_F(PrintingOptions, WorkWhereTheyAreOffered) {
  const test::MachineTree machine(QUELL_SOURCE "/tests/host/trees/me11-t460p-stock.tree");
  const Words options{"--json", "--color=always", "-v", "-q"};
  unsigned tried = 0;
  for (const Words& call : std::vector<Words>{{"inspect", "@dump.rom"},
                                              {"check", "@dump.rom"},
                                              {"diff", "@dump.rom", "@other.rom"},
                                              {"extract", "@dump.rom", "-d", "@out"},
                                              {"explain", "@dump.rom"},
                                              {"clean", "--strip", "@dump.rom", "-o", "@out"},
                                              {"status", "--root", machine.path().string()},
                                              {"capture", "@out", "--root", machine.path().string()},
                                              {"wiring"}}) {
    const test::Outcome plain = run(call);
    const std::string help = run({call.front(), "--help"}).out;
    for (const std::string& option : options) {
      Words with = call;
      with.push_back(option);
      SCOPED_TRACE(testing::PrintToString(with));
      const test::Outcome outcome = run(with);
      const std::string name = option.substr(0, option.find('='));
      if (help.find("  " + name) == std::string::npos) {
        EXPECT_EQ(outcome.status, 2) << "taken, although no help speaks of it";
        continue;
      }
      if (option == "-v" && help.find("where the sandbox is not complete") != std::string::npos) continue;
      EXPECT_EQ(outcome.status, plain.status);
      EXPECT_NE(outcome.out + outcome.error, plain.out + plain.error) << "does nothing";
      ++tried;
    }
  }
  EXPECT_GT(tried, 20U);
}

TEST_F(PrintingOptions, AreNotOfferedByThoseThatHaveNothingToPrint) {
  for (const Words& verb : std::vector<Words>{{"guide"},
                                              {"hide"},
                                              {"vault", "repair"},
                                              {"vault", "export"},
                                              {"vault", "join"},
                                              {"vault", "split"},
                                              {"capture"}}) {
    Words words = verb;
    words.emplace_back("--help");
    EXPECT_THAT(run(words).out, Not(HasSubstr("--json"))) << testing::PrintToString(verb);
  }
}

TEST_F(PrintingOptions, ARefusalIsADocumentToo) {
  const auto outcome = run({"descriptor", "set", "@dump.rom", "disable=on", "-o", "@out", "--json"});
  EXPECT_EQ(outcome.status, 4);
  EXPECT_TRUE(nlohmann::json::accept(outcome.out)) << outcome.out;
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

}  // namespace
}  // namespace quell
