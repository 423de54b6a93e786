// SPDX-License-Identifier: GPL-2.0-or-later
// What an intruder could do in each command once it looks at what others made: a library loaded before the program's
// own tries it right after the sandbox was entered.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/sandbox.h"
#include "specimen/intel.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell::test {
namespace {

namespace fs = std::filesystem;
using Set = std::set<std::string>;

// Reading is open to what asks the machine. What talks to a chip starts worker after worker, and nothing else.
const Set nothing{};
const Set live{"read"};
const Set chip{"read", "fork"};

struct Confined {
  const char* name;
  std::vector<std::string> arguments;  // IN, OUT, ROOT stand for paths
  const Set& allowed;
};

class Sandbox : public testing::Test {
 protected:
  void SetUp() override {
    const SandboxLayers layers = available_sandbox();
    if (!layers.complete()) GTEST_SKIP() << "this kernel or build has only: " << to_string(layers);
    ASSERT_TRUE(write_file(folder_ / "dump.rom", specimen::intel_small_dump(specimen::IntelFlavour::me8)));
    for (const char* name : {"work", "root", "forbidden"}) fs::create_directory(folder_ / name);
    fs::create_directories(folder_ / "root/sys/bus/pci/devices");
    std::ofstream(folder_ / "forbidden/secret") << "s";
  }

  // What was allowed, by program.
  std::map<std::string, Set> attempts(std::vector<std::string> arguments) {
    for (std::string& word : arguments) {
      for (const auto& [stands, path] : {std::pair{"IN", folder_ / "dump.rom"}, std::pair{"OUT", folder_ / "work/out"},
                                         std::pair{"ROOT", folder_ / "root"}}) {
        if (word == stands) word = path.string();
      }
    }
    // Where every command that writes may write, the emulated chip too.
    const fs::path record = folder_ / "work/attempts";
    fs::remove(record);
    last_ = run_program(
        QUELL_PROGRAM, arguments,
        {"LD_PRELOAD=" QUELL_ATTEMPTS_LIBRARY, "QUELL_ATTEMPTS=" + record.string(),
         "QUELL_FORBIDDEN=" + (folder_ / "forbidden").string(), "QUELL_VAULT=" + (folder_ / "work/vault").string()});
    EXPECT_EQ(file_text(folder_ / "forbidden/secret"), "s");
    std::map<std::string, Set> out;
    std::map<std::string, std::size_t> tries;
    std::ifstream lines(record);
    for (std::string program, what, result; lines >> program >> what >> result;) {
      ++tries[program];
      out[program];
      if (result == "allowed") out[program].insert(what);
    }
    for (const auto& [program, count] : tries) EXPECT_EQ(count % 6, 0U) << program << ": a try was never ended";
    return out;
  }

  TemporaryFolder folder_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  Outcome last_{};          // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

class EveryCommand : public Sandbox, public testing::WithParamInterface<Confined> {};

TEST_P(EveryCommand, StopsAnIntruder) {
  const auto allowed = attempts(GetParam().arguments);
  ASSERT_TRUE(allowed.contains("quell")) << "the sandbox was never entered: " << last_.error;
  EXPECT_EQ(allowed.at("quell"), GetParam().allowed) << last_.error;
}

INSTANTIATE_TEST_SUITE_P(
    All, EveryCommand,
    testing::Values(Confined{"inspect", {"inspect", "IN"}, nothing}, Confined{"check", {"check", "IN"}, nothing},
                    Confined{"diff", {"diff", "IN", "IN"}, nothing},
                    Confined{"clean", {"clean", "IN", "-o", "OUT"}, nothing},
                    Confined{"clean_for_a_tree", {"clean", "IN", "-o", "OUT", "--root", "ROOT"}, nothing},
                    Confined{"clean_for_this_machine", {"clean", "IN", "-o", "OUT", "--this-machine"}, nothing},
                    Confined{"hide", {"hide", "--root", "ROOT"}, nothing},
                    Confined{"hide_write", {"hide", "--write", "--root", "ROOT"}, nothing},
                    Confined{"hide_remove", {"hide", "--remove", "--root", "ROOT"}, nothing},
                    Confined{"wiring", {"wiring", "-p", "rpi"}, nothing},
                    Confined{"extract", {"extract", "IN", "-d", "OUT"}, nothing},
                    Confined{"descriptor_unlock", {"descriptor", "unlock", "IN", "-o", "OUT"}, nothing},
                    Confined{"descriptor_show", {"descriptor", "show", "IN"}, nothing},
                    Confined{"explain", {"explain", "IN"}, nothing},
                    Confined{"report", {"report", "IN", "--format", "markdown", "-o", "OUT"}, nothing},
                    Confined{"me_cleaner", {"me_cleaner", "-O", "OUT", "IN"}, nothing},
                    Confined{"ifdtool", {"ifdtool", "-d", "IN"}, nothing},
                    Confined{"status_of_a_tree", {"status", "--root", "ROOT"}, nothing},
                    Confined{"capture_of_a_tree", {"capture", "OUT", "--root", "ROOT"}, nothing},
                    Confined{"explain_a_tree", {"explain", "--root", "ROOT"}, nothing},
                    Confined{"status", {"status"}, live}, Confined{"capture", {"capture", "OUT"}, live},
                    Confined{"explain_this_machine", {"explain", "--this-machine"}, live},
                    Confined{"watch", {"watch", "--root", "ROOT", "--state", "OUT"}, live},
                    Confined{"amt", {"amt", "127.0.0.1"}, nothing}, Confined{"net", {"net", "127.0.0.1"}, nothing}),
    [](const auto& one) { return one.param.name; });

#ifdef QUELL_CHIP
TEST_F(Sandbox, OfWhatTalksToAChipAndOfItsWorkersStopsAnIntruder) {
  const std::string programmer = "dummy:bus=spi,emulate=SST25VF032B,image=" + (folder_ / "work/chip.img").string();
  const std::string image = (folder_ / "new.img").string();
  Buffer content(std::size_t{4} << 20U);
  std::mt19937 random(18);
  std::ranges::generate(content, [&] { return static_cast<std::byte>(random()); });
  ASSERT_TRUE(write_file(folder_ / "work/chip.img", content));
  content[0x1000] ^= std::byte{1};
  ASSERT_TRUE(write_file(image, content));
  const std::vector<std::vector<std::string>> lines{{"probe"},
                                                    {"backup", "--no-descriptor", "--accept", "all"},
                                                    {"flash", image, "--yes", "--no-descriptor", "--accept", "all"},
                                                    {"restore", "--yes", "--no-descriptor", "--accept", "all"},
                                                    {"guide", "--answers"}};
  for (std::vector<std::string> line : lines) {
    line.insert(line.end(), {"-p", programmer});
    const auto allowed = attempts(line);
    ASSERT_TRUE(allowed.contains("quell")) << line[0] << last_.error;
    EXPECT_EQ(allowed.at("quell"), chip) << line[0];
    if (line[0] == "guide") continue;  // it is left at its first question
    EXPECT_EQ(last_.status, 0) << line[0] << last_.error;
    ASSERT_TRUE(allowed.contains("quell-flash-worker")) << line[0] << last_.error;
    EXPECT_EQ(allowed.at("quell-flash-worker"), nothing) << line[0];
  }
  for (const std::vector<std::string>& line : {std::vector<std::string>{"vault", "list"}, {"vault", "verify"}}) {
    EXPECT_EQ(attempts(line)["quell"], nothing) << line[1];
    EXPECT_EQ(last_.status, 0) << last_.error;
  }
}
#endif

// Half a millisecond a command on a quiet machine, by the quickest of many times; others may keep this one busy.
TEST_F(Sandbox, CostsLittle) {
  const auto processor_time = [] {
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  };
  for (const bool device : {false, true}) {
    auto quickest = std::chrono::nanoseconds::max();
    for (int i = 0; i < 30; ++i) {
      std::array<int, 2> ends{};
      ASSERT_EQ(::pipe(ends.data()), 0);
      const pid_t child = ::fork();
      if (child == 0) {
        const auto begin = processor_time();
        if (device) {
          enter_device_sandbox({.files = {.read = {"/"}}, .devices = {"/dev", "/sys"}});
        } else {
          enter_sandbox({.write_files = {"/tmp/x"}});
        }
        const auto took = std::chrono::nanoseconds(processor_time() - begin).count();
        static_cast<void>(!::write(ends[1], &took, sizeof took));
        ::_exit(0);
      }
      std::chrono::nanoseconds::rep took = 0;
      ASSERT_EQ(::read(ends[0], &took, sizeof took), static_cast<ssize_t>(sizeof took));
      ::waitpid(child, nullptr, 0);
      for (const int end : ends) ::close(end);
      quickest = std::min(quickest, std::chrono::nanoseconds(took));
    }
    RecordProperty(device ? "device_ns" : "files_ns", std::to_string(quickest.count()));
    EXPECT_LT(quickest, std::chrono::milliseconds(2));
  }
}

}  // namespace
}  // namespace quell::test
