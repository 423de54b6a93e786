// SPDX-License-Identifier: GPL-2.0-or-later
// The built program where things go wrong around it: one clear message, the right exit status, nothing left behind.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "quell/digest.h"
#include "specimen/intel.h"
#include "support/program.h"

namespace quell::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Program : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quell-e2e-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    ASSERT_TRUE(write_file(dump(), specimen::intel_small_dump(specimen::IntelFlavour::me8)));
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  [[nodiscard]] fs::path in(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] fs::path dump() const { return in("dump.rom"); }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder_)) out.push_back(entry.path().filename());
    std::ranges::sort(out);
    return out;
  }
  static Outcome quell(const std::vector<std::string>& arguments) { return run_program(QUELL_PROGRAM, arguments); }
  // The same without root's right to pass over permissions.
  static Outcome quell_as_user(const std::vector<std::string>& arguments) {
    if (::geteuid() != 0) return quell(arguments);
    std::vector<std::string> line{"--bounding-set=-dac_override,-dac_read_search", QUELL_PROGRAM};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return run_program("/usr/bin/setpriv", line);
  }
  // One line that begins with the program's name.
  static void expect_one_message(const Outcome& outcome) {
    EXPECT_TRUE(outcome.error.starts_with("quell")) << outcome.error;
    EXPECT_EQ(std::ranges::count(outcome.error, '\n'), 1) << outcome.error;
  }

  fs::path folder_;
};

class EveryCommand : public Program, public testing::WithParamInterface<std::string> {
 protected:
  // The command line that makes this command read this file.
  [[nodiscard]] std::vector<std::string> line(const fs::path& file) const {
    if (GetParam() == "clean") return {"clean", file, "-o", in("out.rom")};
    if (GetParam() == "diff") return {"diff", file, dump()};
    return {GetParam(), file};
  }
};

TEST_P(EveryCommand, RefusesAnEmptyFile) {
  std::ofstream(in("empty.rom")).close();
  const Outcome outcome = quell(line(in("empty.rom")));
  EXPECT_THAT(outcome.status, testing::AnyOf(3, 5)) << outcome.error;
  expect_one_message(outcome);
  EXPECT_THAT(outcome.error, HasSubstr("empty"));
  EXPECT_FALSE(fs::exists(in("out.rom")));
}

TEST_P(EveryCommand, RefusesADirectory) {
  const Outcome outcome = quell(line(folder_));
  EXPECT_EQ(outcome.status, 5);
  expect_one_message(outcome);
  EXPECT_THAT(outcome.error, HasSubstr("directory"));
}

TEST_P(EveryCommand, SaysThatAFileIsMissing) {
  const Outcome outcome = quell(line(in("nowhere.rom")));
  EXPECT_EQ(outcome.status, 5);
  expect_one_message(outcome);
  EXPECT_THAT(outcome.error, HasSubstr("nowhere.rom"));
}

TEST_P(EveryCommand, SaysThatAFileMayNotBeRead) {
  ::chmod(dump().c_str(), 0);
  const Outcome outcome = quell_as_user(line(dump()));
  EXPECT_EQ(outcome.status, 5);
  expect_one_message(outcome);
}

TEST_P(EveryCommand, DoesNotReadADeviceWithoutEndForEver) {
  const Outcome outcome = quell(line("/dev/zero"));
  EXPECT_EQ(outcome.status, 5) << outcome.error;
  EXPECT_THAT(outcome.error, HasSubstr("more than 512 MiB"));
  expect_one_message(outcome);
}

INSTANTIATE_TEST_SUITE_P(All, EveryCommand, testing::Values("inspect", "check", "clean", "diff"),
                         [](const auto& command) { return command.param; });

TEST_F(Program, DoesNotTakeATextFileForFirmware) {
  std::ofstream(in("letter.txt")) << std::string(5000, 'x');
  for (const std::string command : {"inspect", "check"}) {
    const Outcome outcome = quell({command, in("letter.txt")});
    EXPECT_EQ(outcome.status, 3) << command;
    expect_one_message(outcome);
  }
  const Outcome cleaned = quell({"clean", in("letter.txt"), "-o", in("out.rom")});
  EXPECT_EQ(cleaned.status, 3);
  EXPECT_FALSE(fs::exists(in("out.rom")));
}

TEST_F(Program, NeverWritesOverItsInput) {
  const auto before = file_text(dump());
  ASSERT_EQ(::link(dump().c_str(), in("same.rom").c_str()), 0);
  for (const fs::path& output : {dump(), in("same.rom"), folder_ / "." / "dump.rom"}) {
    const Outcome outcome = quell({"clean", dump(), "-o", output});
    EXPECT_EQ(outcome.status, 2) << output;
    expect_one_message(outcome);
    EXPECT_EQ(file_text(dump()), before);
  }
}

TEST_F(Program, LeavesNothingInAFolderThatIsFull) {
  const fs::path small = in("small");
  fs::create_directory(small);
  if (::mount("tmpfs", small.c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "needs the right to mount a small file system";
  }
  const Outcome outcome = quell({"clean", dump(), "-o", small / "out.rom"});
  const bool left = !fs::is_empty(small);
  ::umount2(small.c_str(), MNT_DETACH);
  EXPECT_EQ(outcome.status, 5);
  expect_one_message(outcome);
  EXPECT_THAT(outcome.error, HasSubstr("No space left"));
  EXPECT_FALSE(left);
}

TEST_F(Program, SaysThatADeviceIsFull) {
  const Outcome outcome = quell({"clean", dump(), "-o", "/dev/full"});
  EXPECT_EQ(outcome.status, 5);
  expect_one_message(outcome);
}

TEST_F(Program, NoticesThatItsReportCannotBeWritten) {
  const std::string command = std::string(QUELL_PROGRAM) + " inspect " + dump().string() + " >/dev/full";
  const Outcome outcome = run_program("/bin/sh", {"-c", command});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.error, HasSubstr("No space left"));
}

TEST_F(Program, CannotWriteToAFolderThatDoesNotExist) {
  const Outcome outcome = quell({"clean", dump(), "-o", in("nowhere") / "out.rom"});
  EXPECT_EQ(outcome.status, 5);
  expect_one_message(outcome);
  EXPECT_EQ(names(), std::vector<std::string>{"dump.rom"});
}

TEST_F(Program, CannotWriteToAFolderThatIsReadOnly) {
  ::chmod(folder_.c_str(), 0500);
  const Outcome outcome = quell_as_user({"clean", dump(), "-o", in("out.rom")});
  ::chmod(folder_.c_str(), 0700);
  EXPECT_EQ(outcome.status, 5);
  expect_one_message(outcome);
}

TEST_F(Program, LeavesNothingHalfMadeWhenInterrupted) {
  ASSERT_TRUE(write_file(dump(), specimen::intel_dump(specimen::IntelFlavour::me8)));
  ASSERT_EQ(quell({"clean", dump(), "--strip", "-o", in("expected.rom")}).status, 0);
  const Sha256 expected = sha256(as_bytes(file_text(in("expected.rom"))));
  // Ctrl-C at many moments between start and end. In a job of its own: a shell's background child ignores SIGINT.
  for (int milliseconds = 0; milliseconds < 30; milliseconds += 2) {
    const std::string command = "set -m; \"$0\" clean \"$1\" --strip -o \"$2\" >/dev/null & sleep 0.0" +
                                std::string(milliseconds < 10 ? "0" : "") + std::to_string(milliseconds) +
                                "; kill -INT $! 2>/dev/null; wait $!";
    run_program("/bin/bash", {"-c", command, QUELL_PROGRAM, dump(), in("out.rom")});
    if (fs::exists(in("out.rom"))) {
      EXPECT_EQ(sha256(as_bytes(file_text(in("out.rom")))), expected);
      fs::remove(in("out.rom"));
    }
    EXPECT_EQ(names(), (std::vector<std::string>{"dump.rom", "expected.rom"}));
  }
}

TEST_F(Program, CleansAndChecksAndTellsTheDifference) {
  const Outcome cleaned =
      quell({"clean", dump(), "--soft", "--strip", "--accept-descriptor-alone", "-o", in("out.rom")});
  ASSERT_EQ(cleaned.status, 0) << cleaned.error;
  EXPECT_EQ(quell({"check", in("out.rom")}).status, 0);
  EXPECT_EQ(quell({"diff", dump(), in("out.rom")}).status, 1);
  EXPECT_EQ(quell({"diff", dump(), dump()}).status, 0);
  EXPECT_EQ(names(), (std::vector<std::string>{"dump.rom", "out.rom"}));

  // The reference's command line, with the same meaning, gives the same bytes.
  const Outcome reference = quell({"me_cleaner", "-S", "-O", in("reference.rom"), dump()});
  ASSERT_EQ(reference.status, 0) << reference.error;
  EXPECT_EQ(file_text(in("reference.rom")), file_text(in("out.rom")));
}

TEST_F(Program, MeCleanerKeepsItsStatuses) {
  std::ofstream(in("letter.txt")) << std::string(5000, 'x');
  EXPECT_EQ(quell({"me_cleaner", "-O", in("out.rom"), in("letter.txt")}).status, 1);
  EXPECT_EQ(quell({"me_cleaner", "-S", "-s", dump()}).status, 2);
  EXPECT_FALSE(fs::exists(in("out.rom")));
}

TEST_F(Program, DemoShowsEveryStepAndLeavesNothing) {
  const Outcome outcome = run_program(QUELL_PROGRAM, {"demo", "--color", "never"}, {"TMPDIR=" + folder_.string()});
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  for (const std::string step : {"$ quell inspect", "$ quell check", "$ quell clean", "$ quell diff", "AltMeDisable"}) {
    EXPECT_THAT(outcome.out, HasSubstr(step));
  }
  // The second half needs libflashrom; without it the demo says so.
  EXPECT_THAT(outcome.out,
              ::testing::AnyOf(HasSubstr("The steps on the chip are left out"), HasSubstr("Written and verified")));
  EXPECT_EQ(names(), std::vector<std::string>{"dump.rom"});
}

TEST_F(Program, UnknownOptionsAreUsageErrors) {
  for (const std::vector<std::string>& line :
       {std::vector<std::string>{"inspect"}, {"inspect", "--nonsense", dump()}, {"nonsense"}}) {
    EXPECT_EQ(quell(line).status, 2);
  }
}

}  // namespace
}  // namespace quell::test
