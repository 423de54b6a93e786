// SPDX-License-Identifier: GPL-2.0-or-later
// The guide in a terminal of 80 columns and 24 lines, as somebody types at it. Transcripts are compared with
// tests/spi/transcripts, words only: QUELL_WRITE_TRANSCRIPTS=1 writes them.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <regex>
#include <thread>

#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spi/chip_fixture.h"
#include "spi/job.h"
#include "spi/vault_check.h"

namespace quell::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* ctrl_c = "\x03";

struct Session {
  std::string text{};
  int status = -1;
};

class GuideTest : public ChipFixture {
 protected:
  // Each answer is typed when the program waits for one.
  Session type(const std::vector<std::string>& answers, std::vector<std::string> more = {},
               bool with_programmer = true) {
    std::vector<std::string> words{QUELL_FAST_PROGRAM, "guide", "--allow-untested", "--accept-descriptor-alone"};
    if (with_programmer) words.insert(words.end(), {"-p", server_->programmer()});
    words.insert(words.end(), more.begin(), more.end());
    winsize size{24, 80, 0, 0};
    int terminal = -1;
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
    if (child == 0) {
      ::setenv("QUELL_VAULT", (folder_ / "vault").c_str(), 1);
      ::setenv("TERM", "dumb", 1);
      if (room_ != 0) {
        const rlimit limit{room_, RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &limit);
      }
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
    terminal_ = terminal;
    guide_ = child;
    Session session;
    std::size_t next = 0;
    for (;;) {
      const bool open = take(terminal, session.text);
      if (!open) break;
      const bool waits =
          session.text.ends_with("[y/N] ") || session.text.ends_with("? ") || session.text.ends_with("go on: ");
      if (!waits) continue;
      // At the end of the answers the input ends too.
      std::string typed = "\x04";
      if (next < answers.size()) {
        typed = answers[next] == ctrl_c ? answers[next] : answers[next] + "\n";
      } else if (agreeable_) {
        typed = session.text.ends_with("go on: ") ? "W25Q80.V\n" : "y\n";
      }
      ++next;
      if (::write(terminal, typed.data(), typed.size()) < 0) break;
      session.text += '\n';
    }
    terminal_ = -1;
    ::close(terminal);
    int status = 0;
    ::waitpid(child, &status, 0);
    session.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    std::erase(session.text, '\r');
    check_width(session.text);
    return session;
  }

  // Hashes, times, places and progress bars are other ones each time.
  static std::string steady(std::string text) {
    text = std::regex_replace(text, std::regex("\x1b\\[K"), "");
    text = std::regex_replace(text, std::regex("[a-z, 0-9()]*\\[[#.]+\\][^\n]*"), "");
    text = std::regex_replace(text, std::regex("/tmp/[A-Za-z0-9-]+"), "/tmp/FOLDER");
    text = std::regex_replace(text, std::regex("127\\.0\\.0\\.1:[0-9]+"), "127.0.0.1:PORT");
    text = std::regex_replace(text, std::regex("20[0-9]{6}T[0-9]{6}Z-[0-9a-f]{6}"), "JOB");
    text = std::regex_replace(text, std::regex("20[0-9]{2}-[0-9-]+T[0-9:]+Z"), "TIME");
    text = std::regex_replace(text, std::regex("\\b[0-9a-f]{12,64}\\b"), "HASH");
    return text;
  }
  static std::string words_of(const std::string& text) { return std::regex_replace(text, std::regex("\\s+"), " "); }
  static void expect_transcript(const std::string& name, const Session& session) {
    const fs::path file = fs::path(QUELL_SOURCE) / "tests/spi/transcripts" / (name + ".txt");
    const std::string now = steady(session.text);
    if (std::getenv("QUELL_WRITE_TRANSCRIPTS") != nullptr) {
      fs::create_directories(file.parent_path());
      write_bytes(file, as_bytes(now));
    }
    const Buffer golden = read_bytes(file);
    std::string expected(golden.size(), ' ');
    std::ranges::transform(golden, expected.begin(), [](std::byte byte) { return static_cast<char>(byte); });
    EXPECT_EQ(words_of(now), words_of(expected)) << name;
  }
  void expect_untouched() { EXPECT_EQ(chip().memory, original_); }
  // Every question is agreed to.
  Session agree_to_all() {
    agreeable_ = true;
    return type({});
  }
  void press_ctrl_c() {
    if (terminal_ >= 0) {
      EXPECT_EQ(::write(terminal_, ctrl_c, 1), 1);
    }
  }
  static std::string last_line(const Session& session) {
    const std::string words = words_of(session.text);
    const std::size_t stop = words.rfind("Stopped ");
    return stop == std::string::npos ? words : words.substr(stop);
  }
  // What the user is left with after the last step.
  void expect_finished() {
    const auto vault = spi::Vault::open_existing(folder_ / "vault");
    ASSERT_TRUE(vault.has_value());
    EXPECT_TRUE(spi::unfinished_jobs(*vault).empty());
    EXPECT_TRUE(spi::check_vault(*vault).sound());
    EXPECT_NE(chip().memory, original_);
  }

  std::uint64_t room_ = 0;  // bytes that a file may have; 0: any
  bool agreeable_ = false;
  std::atomic<int> terminal_ = -1;
  std::atomic<pid_t> guide_ = -1;

 private:
  static bool take(int terminal, std::string& text) {
    pollfd item{terminal, POLLIN, 0};
    if (::poll(&item, 1, 60'000) <= 0) return false;
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(terminal, buffer.data(), buffer.size());
    if (got <= 0) return false;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
  }
  // A path or a list of numbers without a blank cannot be broken.
  static void check_width(const std::string& text) {
    std::istringstream lines(steady(text));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
};

TEST_F(GuideTest, LeadsFromTheWiresToAVerifiedChip) {
  const Session session = type({"y", "y", "y", "W25Q80.V"});
  EXPECT_EQ(session.status, 0) << session.text;
  EXPECT_THAT(session.text, HasSubstr("Step 8 of 8"));
  EXPECT_THAT(session.text, HasSubstr("Written and verified"));
  EXPECT_THAT(session.text, HasSubstr("quell restore"));
  EXPECT_NE(chip().memory, original_);
  expect_transcript("straight", session);
}

TEST_F(GuideTest, CanBeLeftAtEveryQuestionAndTakenUpAgain) {
  const std::vector<std::vector<std::string>> stops{{"n"}, {"y", "n"}, {"y", "y", "n"}, {"y", "y", "y", ""}};
  for (const auto& answers : stops) {
    const Session session = type(answers);
    expect_untouched();
    EXPECT_THAT(session.text, HasSubstr("`quell guide` goes on")) << session.text;
  }
  const Session session = type({"y", "y", "W25Q80.V"});
  EXPECT_EQ(session.status, 0) << session.text;
  EXPECT_THAT(words_of(session.text), HasSubstr("The chip holds what backup"));
  EXPECT_THAT(session.text, HasSubstr("Prepared already"));
  EXPECT_NE(chip().memory, original_);
  expect_transcript("taken-up-again", session);
}

TEST_F(GuideTest, CtrlCAtEveryQuestionSaysWhatIsSafe) {
  const std::vector<std::vector<std::string>> stops{
      {ctrl_c}, {"y", ctrl_c}, {"y", "y", ctrl_c}, {"y", "y", "y", ctrl_c}};
  for (const auto& answers : stops) {
    const Session session = type(answers);
    expect_untouched();
    EXPECT_THAT(words_of(session.text), HasSubstr("nothing on the chip was changed. `quell guide` goes on"))
        << session.text;
  }
}

TEST_F(GuideTest, AMachineThatRanInBetweenLeadsToANewBackup) {
  ASSERT_THAT(type({"y", "y", "y", ""}).text, HasSubstr("goes on"));
  // The BIOS region keeps its variables there.
  for (std::size_t i = 0; i < 64; ++i) chip().memory[0xC0000 + i] ^= std::byte{0x55};
  const Buffer ran = chip().memory;
  const Session session = type({"y", "y", "y", ""});
  EXPECT_THAT(words_of(session.text), HasSubstr("The chip changed since the last backup"));
  EXPECT_THAT(words_of(session.text), HasSubstr("prepared anew"));
  EXPECT_EQ(chip().memory, ran) << "an old BIOS was written";
  expect_transcript("machine-ran", session);
  const Session end = type({"y", "y", "W25Q80.V"});
  EXPECT_EQ(end.status, 0) << end.text;
  EXPECT_TRUE(std::equal(ran.begin() + 0xC0000, ran.begin() + 0xC0040, chip().memory.begin() + 0xC0000));
}

TEST_F(GuideTest, AnotherMachinesChipIsNamed) {
  ASSERT_THAT(type({"y", "y", "y", ""}).text, HasSubstr("goes on"));
  const Buffer other = machine(small_size, 99);
  chip().memory = other;
  const Session session = type({"y", "y", "n"});
  EXPECT_THAT(words_of(session.text), HasSubstr("another machine's"));
  EXPECT_EQ(chip().memory, other);
  expect_transcript("another-machine", session);
}

TEST_F(GuideTest, AWrongProgrammerIsAskedForAgain) {
  const Session session = type({"ch341b", "internal"}, {}, false);
  EXPECT_THAT(words_of(session.text), HasSubstr("There is no programmer ch341b"));
  EXPECT_EQ(session.status, 4) << session.text;
  const Session forgotten = type({ctrl_c}, {}, false);
  EXPECT_THAT(forgotten.text, HasSubstr("Which one do you have")) << "a wrong name was remembered";
  expect_transcript("wrong-programmer", session);
}

TEST_F(GuideTest, AWrongAnswerIsAskedAgain) {
  const Session session = type({"maybe", "n"});
  EXPECT_THAT(session.text, HasSubstr("Please answer y"));
  expect_untouched();
}

TEST_F(GuideTest, BeginsAnewAndForgets) {
  ASSERT_THAT(type({"y", "n"}).text, HasSubstr("Stopped in step 5 of 8"));
  EXPECT_THAT(type({"n"}).text, HasSubstr("Done before."));
  EXPECT_THAT(type({"n"}, {"--new"}).text, Not(HasSubstr("Done before.")));
  EXPECT_THAT(type({}, {"--forget"}).text, HasSubstr("Forgotten."));
}

TEST_F(GuideTest, AnInterruptedWriteGoesOnFromTheVault) {
  const std::uint64_t written = chip().bytes_written;
  chip().faults.cut_after = written + 30'000;
  const Session cut = type({"y", "y", "y", "W25Q80.V"}, {"--patience", "5"});
  chip().power_up();
  EXPECT_NE(cut.status, 0);
  EXPECT_THAT(words_of(cut.text), HasSubstr("Do not start the machine. `quell guide` goes on"));
  const Session on = type({"y", "W25Q80.V"});
  EXPECT_EQ(on.status, 0) << on.text;
  EXPECT_THAT(words_of(on.text), HasSubstr("A write was interrupted"));
  expect_transcript("interrupted", on);
}

TEST_F(GuideTest, AsksWhetherACh341aDrivesFiveVolts) {
  const Session session = type({"y", "n"}, {"-p", "ch341a"}, false);
  EXPECT_THAT(words_of(session.text), HasSubstr("Does this CH341A drive its signals with 3.3 V?"));
  EXPECT_THAT(session.text, HasSubstr("Stopped in step 3 of 8"));
}

// Another maker's board: backed up, looked at, and an honest end.
TEST_F(GuideTest, AnAmdBoardIsBackedUpAndLeftAlone) {
  const Buffer board = amd_machine(specimen::AmdLayout::levels, small_size);
  chip().memory = board;
  const Session session = agree_to_all();
  EXPECT_EQ(session.status, 0) << session.text;
  EXPECT_THAT(words_of(session.text), HasSubstr("There is no Intel engine in this chip that quell can switch off"));
  EXPECT_THAT(words_of(session.text), HasSubstr("Nothing was written to the chip"));
  EXPECT_THAT(words_of(session.text), HasSubstr("`quell explain`"));
  EXPECT_EQ(chip().memory, board);
  EXPECT_EQ(chip().pages, 0U);
  EXPECT_EQ(objects().size(), 1U);
  expect_transcript("amd-board", session);
}

TEST_F(GuideTest, AFullDiskEndsItBeforeTheChipIsTouched) {
  room_ = 64 * 1024;
  const Session first = agree_to_all();
  EXPECT_EQ(first.status, 5) << first.text;
  EXPECT_THAT(words_of(first.text), HasSubstr("The backup could not be saved"));
  EXPECT_THAT(last_line(first), HasSubstr("step 5 of 8; nothing on the chip was changed. `quell guide` goes on"));
  EXPECT_TRUE(objects().empty());
  expect_untouched();
  expect_transcript("full-disk", first);
  // The backup has room, the image has not.
  room_ = 0;
  agreeable_ = false;
  ASSERT_THAT(type({"y", "y", "n"}).text, HasSubstr("Stopped in step 7 of 8"));
  room_ = 64 * 1024;
  const Session second = agree_to_all();
  EXPECT_EQ(second.status, 5) << second.text;
  EXPECT_THAT(last_line(second), HasSubstr("step 7 of 8; nothing on the chip was changed. `quell guide` goes on"));
  expect_untouched();
  room_ = 0;
  EXPECT_EQ(agree_to_all().status, 0);
  expect_finished();
}

// The disk fills up once writing has begun: the diary cannot say what is written, so nothing more is.
TEST_F(GuideTest, ADiskThatFillsUpWhileWritingStopsIt) {
  server_->on_connect = [this](unsigned connection) {
    const rlimit limit{64, RLIM_INFINITY};
    if (connection == 5) ::prlimit(guide_, RLIMIT_FSIZE, &limit, nullptr);
  };
  const Session session = agree_to_all();
  EXPECT_EQ(session.status, 5) << session.text;
  EXPECT_THAT(words_of(session.text), HasSubstr("The journal cannot be written"));
  EXPECT_THAT(last_line(session), HasSubstr("Do not start the machine. `quell guide` goes on"));
  server_->on_connect = {};
  EXPECT_EQ(agree_to_all().status, 0);
  expect_finished();
}

struct Phase {
  const char* name;
  unsigned connection;  // of the guide to the chip, from 1 on
  bool in_a_unit = false;
  bool written = false;  // whether writing may have begun
};

class GuidePhase : public GuideTest, public ::testing::WithParamInterface<Phase> {};

TEST_P(GuidePhase, CtrlCIsSafeAndTheGuideGoesOn) {
  std::thread patient;
  server_->on_connect = [&](unsigned connection) {
    if (connection != GetParam().connection) return;
    if (!GetParam().in_a_unit) return press_ctrl_c();
    patient = std::thread([this] {
      const auto writing = [this] {
        const std::scoped_lock guard(server_->lock());
        return chip().pages > 0;
      };
      while (!writing()) ::usleep(1'000);
      press_ctrl_c();
    });
  };
  const Session stopped = agree_to_all();
  if (patient.joinable()) patient.join();
  server_->on_connect = {};
  EXPECT_EQ(stopped.status, 5) << stopped.text;
  EXPECT_THAT(last_line(stopped), HasSubstr("`quell guide` goes on")) << stopped.text;
  if (GetParam().written) {
    EXPECT_THAT(last_line(stopped), HasSubstr("Do not start the machine."));
    EXPECT_THAT(last_line(stopped), HasSubstr("goes back"));
  } else {
    EXPECT_THAT(last_line(stopped), HasSubstr("nothing on the chip was changed"));
    expect_untouched();
  }
  const Session on = agree_to_all();
  EXPECT_EQ(on.status, 0) << on.text;
  EXPECT_THAT(on.text, HasSubstr("Written and verified"));
  expect_finished();
}

INSTANTIATE_TEST_SUITE_P(Chip, GuidePhase,
                         ::testing::Values(Phase{"Identifying", 1}, Phase{"FirstRead", 2}, Phase{"SecondRead", 3},
                                           Phase{"ReadBeforeWriting", 4}, Phase{"BeforeAUnit", 5, false, true},
                                           Phase{"InAUnit", 5, true, true}, Phase{"Verifying", 6, false, true}),
                         [](const auto& phase) { return std::string(phase.param.name); });

TEST_F(GuideTest, NeedsSomebodyToAnswer) { EXPECT_EQ(quell({"guide"}).status, 2); }

}  // namespace
}  // namespace quell::test
