// SPDX-License-Identifier: GPL-2.0-or-later
// What README.md and docs/guide show is what the program does: sessions are run and compared, command lines are taken.
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>

#include "base/atomic_file.h"
#include "specimen/intel.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

Words split(const std::string& text, char separator) {
  Words parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

Words words_of(const std::string& command) {
  Words words;
  for (const std::string& word : split(command, ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

std::string trimmed(const std::string& line) {
  const std::size_t start = line.find_first_not_of(' ');
  return start == std::string::npos ? "" : line.substr(start, line.find_last_not_of(' ') - start + 1);
}

// The lines inside of fences, and whether the block is a session.
struct Line {
  std::string text{};
  bool session = false;
};

std::vector<Line> fenced(const fs::path& file) {
  std::vector<Line> lines;
  bool inside = false;
  bool session = false;
  for (const std::string& line : split(test::file_text(file), '\n')) {
    if (line.starts_with("```")) {
      inside = !inside;
      session = line == "```console";
    } else if (inside) {
      lines.push_back({line, session});
    }
  }
  return lines;
}

class Sessions : public testing::Test {
 protected:
  Sessions() { fs::current_path(folder_.path()); }
  ~Sessions() override { fs::current_path(before_); }
  static void put(const std::string& name, const Buffer& dump) { ASSERT_TRUE(write_file(name, dump).has_value()); }
  fs::path before_ = fs::current_path();
  test::TemporaryFolder folder_{};
};

// Longer lists are cut with "..." there; what stands must come, in its order.
TEST_F(Sessions, OfTheReadmeIsWhatTheProgramSays) {
  put("machine.rom", specimen::intel_dump(specimen::IntelFlavour::me8));
  Words said;
  std::size_t at = 0;
  unsigned commands = 0;
  for (const Line& line : fenced(QUELL_SOURCE "/README.md")) {
    if (!line.session) continue;
    if (line.text.starts_with("$ quell ")) {
      Words words = words_of(line.text.substr(2));
      words.erase(words.begin());
      const auto outcome = test::run_program(QUELL_PROGRAM, words);
      EXPECT_LE(outcome.status, 1) << line.text << "\n" << outcome.error;
      said = split(outcome.out, '\n');
      at = 0;
      ++commands;
      continue;
    }
    const std::string wanted = trimmed(line.text);
    if (wanted.empty() || wanted == "...") continue;
    const auto found = std::find_if(said.begin() + static_cast<std::ptrdiff_t>(at), said.end(),
                                    [&](const std::string& one) { return trimmed(one) == wanted; });
    EXPECT_NE(found, said.end()) << "not said any more: " << wanted;
    if (found != said.end()) at = static_cast<std::size_t>(found - said.begin()) + 1;
  }
  EXPECT_GE(commands, 4U);
}

// They may find no chip, machine or data base here, but never a mistake on the command line.
TEST_F(Sessions, CommandLinesOfTheGuideAreTaken) {
  const Buffer small = specimen::intel_small_dump(specimen::IntelFlavour::me8);
  unsigned count = 0;
  std::vector<fs::path> files{QUELL_SOURCE "/README.md"};
  for (const auto& file : fs::directory_iterator(QUELL_SOURCE "/docs/guide")) {
    if (file.path().extension() == ".md") files.push_back(file.path());
  }
  for (const fs::path& file : files) {
    for (const Line& line : fenced(file)) {
      std::string text = line.text.starts_with("sudo ") ? line.text.substr(5) : line.text;
      if (!text.starts_with("quell ") || line.session) continue;
      // What stands behind some blanks explains it.
      text = text.substr(0, std::min(text.find("  "), text.find(" #")));
      Words words = words_of(text);
      words.erase(words.begin());
      const Words elsewhere{"guide", "amt", "net", "watch", "hide", "demo", "me_cleaner", "ifdtool", "intelmetool"};
      const bool plain = text.find_first_of("|><$*'\"`[{\\") == std::string::npos;
      const bool own_chip = std::ranges::find(words, "internal") != words.end();
      if (!plain || own_chip || words.empty() || std::ranges::find(elsewhere, words.front()) != elsewhere.end())
        continue;
      SCOPED_TRACE(file.filename().string() + ": " + text);
      for (const auto& left : fs::directory_iterator(folder_.path())) fs::remove_all(left.path());
      for (std::size_t i = 0; i < words.size(); ++i) {
        const bool output = i != 0 && (words[i - 1] == "-o" || words[i - 1] == "-d");
        if (!output && words[i].front() != '-' && fs::path(words[i]).has_extension()) put(words[i], small);
      }
      const auto outcome = test::run_program(QUELL_PROGRAM, words);
      EXPECT_THAT(outcome.error, Not(HasSubstr("--help"))) << "a mistake on the command line";
      EXPECT_LE(outcome.status, 5);
      ++count;
    }
  }
  EXPECT_GT(count, 15U);
}

}  // namespace
}  // namespace quell
