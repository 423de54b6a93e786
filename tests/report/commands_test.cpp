// SPDX-License-Identifier: GPL-2.0-or-later
// inspect, check and diff as a user runs them.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "quell/mapped_file.h"
#include "specimen/intel.h"
#include "specimen/specimen.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

struct Outcome {
  int status = -1;
  std::string out{};  // standard output and standard error
};

Outcome quell(const std::string& arguments, const std::string& redirection = " 2>&1") {
  const std::string command = std::string(QUELL_PROGRAM) + " " + arguments + redirection;
  FILE* pipe = ::popen(command.c_str(), "r");
  Outcome outcome;
  std::array<char, 4096> chunk{};
  for (std::size_t got = 0; (got = std::fread(chunk.data(), 1, chunk.size(), pipe)) != 0;) {
    outcome.out.append(chunk.data(), got);
  }
  const int status = ::pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

class Commands : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "quell-commands-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    dump_ = specimen::intel_small_dump(specimen::IntelFlavour::me8);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string file(const std::string& name, Bytes bytes) const {
    const std::string path = (folder_ / name).string();
    EXPECT_TRUE(write_file(path, bytes).has_value());
    return path;
  }

  fs::path folder_{};
  Buffer dump_{};
};

TEST_F(Commands, InspectSaysWhatIsInADump) {
  const Outcome outcome = quell("inspect " + file("dump.rom", dump_));
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  for (const char* part : {"full flash dump", "Flash layout", "Intel ME 8.", "FTPR", "What can be done"}) {
    EXPECT_THAT(outcome.out, HasSubstr(part));
  }
}

TEST_F(Commands, InspectFailsOnTheSeverityAskedFor) {
  Buffer cut = dump_;
  cut.at(cut.size() / 2) ^= std::byte{1};
  cut.push_back(std::byte{0});
  const std::string path = file("longer.rom", cut);
  EXPECT_EQ(quell("inspect " + path).status, 0);
  EXPECT_EQ(quell("inspect --fail-on error " + path).status, 1);
  EXPECT_EQ(quell("inspect --fail-on critical " + path).status, 0);
  EXPECT_EQ(quell("inspect --fail-on terrible " + path).status, 2);
}

TEST_F(Commands, InspectGoesOnAfterAFileThatItCannotRead) {
  const Outcome outcome = quell("inspect -q " + (folder_ / "none").string() + " " + file("dump.rom", dump_));
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.out, HasSubstr("No such file"));
  EXPECT_THAT(outcome.out, HasSubstr("full flash dump"));
}

// The document on standard output; what is said on standard error is left out.
nlohmann::json document_of(const std::string& arguments) {
  return nlohmann::json::parse(quell(arguments + " --json", " 2>/dev/null").out, nullptr, false);
}

TEST_F(Commands, InspectGivesARecordOfEveryFileThatWasNamed) {
  const std::string dump = file("dump.rom", dump_);
  const std::string zip = file("a.zip", as_bytes("PK\x03\x04 and so on"));
  const std::string none = (folder_ / "none").string();
  const auto document = document_of("inspect " + zip + " " + dump + " " + none + " " + folder_.string());
  ASSERT_TRUE(document.is_object());
  const auto& images = document.at("images");
  ASSERT_EQ(images.size(), 4U);
  EXPECT_EQ(images.at(0).at("file"), zip);
  EXPECT_THAT(images.at(0).at("error").get<std::string>(), HasSubstr("ZIP archive"));
  EXPECT_FALSE(images.at(1).contains("error"));
  EXPECT_EQ(images.at(2).at("file"), none);
  EXPECT_THAT(images.at(2).at("error").get<std::string>(), HasSubstr("No such file"));
  EXPECT_THAT(images.at(3).at("error").get<std::string>(), HasSubstr("directory"));
}

TEST_F(Commands, ACommandThatFailsGivesADocumentThatSaysWhy) {
  const std::string text = file("a.txt", as_bytes("only some words\n"));
  const std::string none = (folder_ / "none").string();
  const std::string out = (folder_ / "out").string();
  for (const std::string& arguments :
       {"extract " + text + " -d " + out, "extract " + none + " -d " + out, "diff " + none + " " + text,
        "clean " + text + " -o " + out, "explain " + text, "descriptor show " + text,
        "descriptor set " + text + " disable=on -o " + out, "status --root " + none, "vault list --vault " + none}) {
    const auto document = document_of(arguments);
    ASSERT_TRUE(document.is_object()) << arguments;
    EXPECT_EQ(document.at("schema"), "quell/2") << arguments;
    EXPECT_FALSE(document.at("error").get<std::string>().empty()) << arguments;
  }
}

TEST_F(Commands, InspectSaysWhatAForeignFileIs) {
  const Outcome outcome = quell("inspect " + file("a.zip", as_bytes("PK\x03\x04 and so on")));
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.out, HasSubstr("ZIP archive"));
  EXPECT_THAT(outcome.out, HasSubstr("unpack"));
}

TEST_F(Commands, InspectKeepsTerminalCommandsOfFileNamesToItself) {
  const Outcome outcome = quell("inspect '" + file("a\x1B[31mb.rom", dump_) + "'");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1B")));
}

TEST_F(Commands, InspectLooksIntoWrappedImages) {
  specimen::Canvas header(0x800 + dump_.size(), std::byte{0x42});
  const Buffer wrapped = header.put(0x800, dump_).bytes();
  const std::string plain = quell("inspect " + file("dump.rom", dump_)).out;
  const Outcome outcome = quell("inspect " + file("update.bin", wrapped));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, HasSubstr("it begins at 0x800"));
  EXPECT_THAT(outcome.out, HasSubstr("fd"));
  EXPECT_THAT(outcome.out, HasSubstr("0x00000800-0x000017ff"));
  const auto title = plain.find("Intel ME 8.");
  EXPECT_THAT(outcome.out, HasSubstr(plain.substr(title, plain.find('\n', title) - title)));
}

TEST_F(Commands, CheckPassesASoundDump) {
  const Outcome outcome = quell("check " + file("dump.rom", dump_));
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr(": sound"));
  EXPECT_THAT(outcome.out, HasSubstr("signatures hold (2 signatures)"));
}

TEST_F(Commands, CheckNamesWhatIsWrong) {
  Buffer bad = dump_;
  const auto table = ByteView(bad).find(as_bytes("$FPT"));
  ASSERT_TRUE(table.has_value());
  bad[*table + 0x0C] ^= std::byte{1};  // the table's checksum covers it
  const Outcome outcome = quell("check " + file("bad.rom", bad));
  EXPECT_EQ(outcome.status, 1) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("FAIL    checksums are right"));
  EXPECT_THAT(outcome.out, HasSubstr("not sound"));
}

TEST_F(Commands, CheckSeesAFlippedBitInSignedCode) {
  Buffer bad = dump_;
  const auto manifest = ByteView(bad).find(as_bytes("$MN2"));
  ASSERT_TRUE(manifest.has_value());
  bad[*manifest + 0x10] ^= std::byte{4};
  const Outcome outcome = quell("check " + file("bad.rom", bad));
  EXPECT_EQ(outcome.status, 1) << outcome.out;
}

TEST_F(Commands, CheckSaysWhetherReadsAgree) {
  const std::string first = file("1.rom", dump_);
  EXPECT_EQ(quell("check -q " + first + " " + file("2.rom", dump_)).status, 0);
  Buffer other = dump_;
  other[other.size() - 0x100] ^= std::byte{1};
  const Outcome outcome = quell("check " + first + " " + file("3.rom", other));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("differ in 1 byte"));
  EXPECT_THAT(outcome.out, HasSubstr("bios"));
}

TEST_F(Commands, CheckOfABlankChipIsNotRecognised) {
  const Outcome outcome = quell("check " + file("blank.rom", Buffer(0x100000, std::byte{0xFF})));
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.out, HasSubstr("0xff"));
}

TEST_F(Commands, DiffTellsTheCleansPlanBack) {
  const std::string dump = file("dump.rom", dump_);
  const std::string clean = (folder_ / "clean.rom").string();
  EXPECT_EQ(quell("diff " + dump + " " + dump).status, 0);
  const Outcome cleaned =
      quell("clean --soft --accept-descriptor-alone --strip --accept-boot-guard " + dump + " -o " + clean);
  ASSERT_EQ(cleaned.status, 0) << cleaned.out;
  const Outcome outcome = quell("diff " + dump + " " + clean);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("AltMeDisable set"));
  EXPECT_THAT(outcome.out, HasSubstr("me / NFTP"));
  EXPECT_THAT(outcome.out, HasSubstr("erased (0xFF)"));
  EXPECT_THAT(outcome.out, HasSubstr("removed (was"));
}

TEST_F(Commands, DiffTakesAnyTwoFiles) {
  const std::string dump = file("dump.rom", dump_);
  EXPECT_EQ(quell("diff " + dump + " " + file("text", as_bytes("some text that no parser knows\n"))).status, 1);
  EXPECT_EQ(quell("diff " + dump + " " + (folder_ / "none").string()).status, 5);
  EXPECT_EQ(quell("diff " + dump).status, 2);
}

TEST_F(Commands, ReadStandardInput) {
  EXPECT_THAT(quell("inspect -q - < " + file("dump.rom", dump_)).out, HasSubstr("full flash dump"));
}

}  // namespace
}  // namespace quell
