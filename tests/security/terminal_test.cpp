// SPDX-License-Identifier: GPL-2.0-or-later
// What comes from outside (names of files, a layout file, a folder's name) never steers a terminal.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "specimen/intel.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell::test {
namespace {

class Terminal : public testing::Test {
 protected:
  void SetUp() override {
    hostile_ = folder_ / "x\x1b]0;pwn\x07\xc2\x9b\x7f\xe2\x80\xae.rom";
    ASSERT_TRUE(write_file(hostile_, specimen::intel_small_dump(specimen::IntelFlavour::me8)));
    std::ofstream(folder_ / "junk\x1b[31m.bin") << "junk";
  }

  static std::string foreign(const Outcome& outcome) {
    std::string found;
    const std::string all = outcome.out + outcome.error;
    for (const char c : all) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) found += c;
    }
    for (const char* text : {"\xc2\x9b", "\xe2\x80\xae"}) {
      if (all.find(text) != std::string::npos) found += text;
    }
    return found;
  }
  // Runs in the folder of the hostile names.
  [[nodiscard]] Outcome run(const std::vector<std::string>& arguments) const {
    std::vector<std::string> line{"-c", "cd \"$0\" && shift && exec \"$@\"", folder_.path(), "", QUELL_PROGRAM};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return run_program("/bin/sh", line);
  }

  TemporaryFolder folder_;         // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  std::filesystem::path hostile_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

TEST_F(Terminal, NoCommandPrintsANameRaw) {
  const std::string name = hostile_.filename();
  const std::string junk = "junk\x1b[31m.bin";
  std::ofstream(folder_ / "layout") << "\x1b[31mhello\n";
  const std::vector<std::vector<std::string>> lines = {{"inspect", name},
                                                       {"inspect", junk},
                                                       {"inspect", "--json", name},
                                                       {"check", name},
                                                       {"check", "--json", name},
                                                       {"diff", name, name},
                                                       {"diff", "--json", name, name},
                                                       {"clean", name, "--strip", "-o", name + ".out"},
                                                       {"clean", "--json", "--strip", name, "-o", name + ".json"},
                                                       {"clean", junk, "-o", "out"},
                                                       {"clean", name, "--soft", "--\x1b[31m"},
                                                       {"extract", name, "-d", name + ".d"},
                                                       {"extract", name, "-d", name + ".d"},
                                                       {"extract", "--json", name, "-d", name + ".e"},
                                                       {"descriptor", "show", name},
                                                       {"descriptor", "layout", name},
                                                       {"status", "--root", name},
                                                       {"hide", "--root", name},
                                                       {"hide", "--root", "."},
                                                       {"me_cleaner", "-c", junk},
                                                       {"me_cleaner", "-c", name},
                                                       {"me_cleaner", "-O", name + ".me", name},
                                                       {"ifdtool", "-d", junk},
                                                       {"ifdtool", "-d", name},
                                                       {"ifdtool", "-n", "layout", name},
                                                       {"ifdtool", "-\x1b"},
                                                       {"intelmetool", "\x1b[31m"},
                                                       {"\x1b[31m"}};
  for (const auto& line : lines) {
    const Outcome outcome = run(line);
    EXPECT_EQ(foreign(outcome), "") << testing::PrintToString(line) << outcome.out << outcome.error;
    EXPECT_LT(outcome.status, 6) << testing::PrintToString(line);
  }
}

TEST_F(Terminal, JsonStillSaysTheRealName) {
  const std::string name = hostile_.filename();
  const auto document = nlohmann::json::parse(run({"inspect", "--json", name}).out);
  EXPECT_EQ(document["images"][0]["file"], name);
}

}  // namespace
}  // namespace quell::test
