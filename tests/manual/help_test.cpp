// SPDX-License-Identifier: GPL-2.0-or-later
// What the program says of itself: a start page, help that fits a terminal, hints, examples that are taken.
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "specimen/intel.h"
#include "support/program.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using Words = std::vector<std::string>;

test::Outcome run(const Words& words) { return test::run_program(QUELL_PROGRAM, words); }

Words split(const std::string& text, char separator) {
  Words parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

// The words of every command and verb, without the program's name.
std::vector<Words> commands() {
  std::vector<Words> all;
  for (const std::string& line : split(run({"--list-commands"}).out, '\n')) {
    Words words = split(line, ' ');
    words.erase(words.begin());
    all.push_back(std::move(words));
  }
  return all;
}

std::size_t columns(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & '\xC0') != '\x80'; }));
}

TEST(Help, BareNameIsAStartPageOfFiveLines) {
  const auto outcome = run({});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(split(outcome.out, '\n').size(), 5U);
  EXPECT_THAT(outcome.out, HasSubstr("quell help"));
}

TEST(Help, OfEveryCommandFitsATerminalAndSpeaksInWords) {
  const auto all = commands();
  ASSERT_GT(all.size(), 25U);
  for (Words words : all) {
    SCOPED_TRACE(testing::PrintToString(words));
    Words help{"help"};
    help.insert(help.end(), words.begin(), words.end());
    words.emplace_back("--help");
    const auto outcome = run(words);
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(run(help).out, outcome.out);
    for (const std::string& line : split(outcome.out, '\n')) {
      if (line.find("quell ") == std::string::npos) {
        EXPECT_LE(columns(line), 80U) << line;
      }
    }
    for (const char* jargon : {"TEXT", "UINT", "FLOAT", "POSITIVE", "REQUIRED", ":SIZE", "INT in"})
      EXPECT_THAT(outcome.out, Not(HasSubstr(jargon)));
  }
}

TEST(Help, ListsCommandsInGroupsWithTheFrontEnds) {
  const auto outcome = run({"help"});
  for (const char* word : {"Look into images:", "Change images:", "The live machine:", "me_cleaner", "ifdtool"})
    EXPECT_THAT(outcome.out, HasSubstr(word));
}

TEST(Help, ACommandsOwnOptionsComeFirst) {
  const std::string text = run({"clean", "--help"}).out;
  EXPECT_LT(text.find("--soft"), text.find("--json"));
}

TEST(Help, AsksWhatWasMeant) {
  const auto command = run({"inspekt", "x"});
  EXPECT_EQ(command.status, 2);
  EXPECT_THAT(command.error, HasSubstr("did you mean inspect?"));
  EXPECT_THAT(run({"me_claener", "x"}).error, HasSubstr("did you mean me_cleaner?"));
  const auto option = run({"clean", "--sfot", "x"});
  EXPECT_EQ(option.status, 2);
  EXPECT_THAT(option.error, HasSubstr("did you mean --soft?"));
  EXPECT_THAT(run({"zzzzzz"}).error, Not(HasSubstr("did you mean")));
}

TEST(Help, OfWhatThereIsNotIsAMistake) {
  const auto command = run({"help", "inspekt"});
  EXPECT_EQ(command.status, 2);
  EXPECT_EQ(command.out, "");
  EXPECT_THAT(command.error, HasSubstr("there is no command inspekt; did you mean inspect?"));
  const auto verb = run({"help", "descriptor", "bogus"});
  EXPECT_EQ(verb.status, 2);
  EXPECT_THAT(verb.error, HasSubstr("there is no command descriptor bogus; see quell descriptor --help"));
  EXPECT_EQ(run({"help", "me_cleaner"}).status, 0);
  EXPECT_EQ(run({"help", "--help"}).status, 0);
}

TEST(Help, TheVersionIsADocumentInEitherOrder) {
  const std::string document = run({"--version", "--json"}).out;
  EXPECT_THAT(document, testing::StartsWith("{"));
  EXPECT_EQ(run({"--json", "--version"}).out, document);
}

// Every example in a help text is a command line that the program takes: it may find no chip here, but never a mistake.
TEST(Help, ExamplesAreTaken) {
  std::string name = (fs::temp_directory_path() / "quell-help-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const fs::path before = fs::current_path();
  unsigned count = 0;
  for (Words words : commands()) {
    words.emplace_back("--help");
    for (const std::string& line : split(run(words).out, '\n')) {
      if (!line.starts_with("  quell ")) continue;
      // What stands behind some blanks explains it.
      Words example = split(line.substr(0, line.find("   ", 2)), ' ');
      example.erase(example.begin());
      const Words elsewhere{"guide", "amt", "net", "watch", "hide", "wiring", "demo"};
      const bool plain = line.find_first_of("|>$*'\"`") == std::string::npos;
      if (!plain || std::ranges::find(elsewhere, example.front()) != elsewhere.end()) continue;
      fs::remove_all(name);
      fs::create_directory(name);
      fs::current_path(name);
      const Buffer dump = specimen::intel_dump(specimen::IntelFlavour::me8);
      for (const std::string& word : example) {
        const bool output = &word != &example.front() && (*(&word - 1) == "-o" || *(&word - 1) == "-d");
        if (!output && fs::path(word).has_extension() && word.front() != '-' && word.find('=') == std::string::npos) {
          ASSERT_TRUE(write_file(word, dump));
        }
      }
      const auto outcome = run(example);
      EXPECT_THAT(outcome.error, Not(HasSubstr("--help"))) << line << ": a mistake on the command line";
      EXPECT_LE(outcome.status, 5) << line;
      ++count;
    }
  }
  fs::current_path(before);
  fs::remove_all(name);
  EXPECT_GT(count, 20U);
}

TEST(Help, TheTableOfExitStatusesHasEveryCommand) {
  const std::string table = test::file_text(QUELL_SOURCE "/docs/exit-status.md");
  for (const Words& words : commands()) {
    if (words.size() == 1) {
      EXPECT_THAT(table, HasSubstr("`" + words.front() + "`"));
    }
  }
}

TEST(Help, ATerminalCalledDumbGetsNoColour) {
  const auto outcome = test::run_program(QUELL_PROGRAM, {"help"}, {"TERM=dumb"});
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace quell
