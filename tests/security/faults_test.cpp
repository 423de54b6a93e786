// SPDX-License-Identifier: GPL-2.0-or-later
// Every call to the system fails once: opening, reading, writing, flushing, renaming, linking, folders, maps, memory,
// processes, threads. After each: the original whole, no half output, no leftovers, the right status, one message.
#include <algorithm>
#include <fstream>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "specimen/intel.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell::test {
namespace {

namespace fs = std::filesystem;

// QUELL_FAULTS=all tries every call; otherwise a fixed tenth of them, at least some of each kind.
bool all() {
  const char* wanted = std::getenv("QUELL_FAULTS");
  return wanted != nullptr && std::string_view(wanted) == "all";
}

// Clang 14 with the library of GCC 12 loses the stack where the copy of a std::variant throws, in three lines of code.
#ifdef __clang__
constexpr bool exceptions_work = false;
#else
constexpr bool exceptions_work = true;
#endif

// Of memory only where all is tried.
std::vector<long> chosen(const std::string& kind, long count, std::size_t fewest = 3) {
  std::vector<long> out;
  if (kind == "alloc" && !(all() && exceptions_work)) return out;
  for (long n = 1; n <= count; ++n) out.push_back(n);
  // A program allocates thousands of times: these are spread.
  const std::size_t most_allocations = fewest > 1 ? 2000 : 100;
  const std::size_t least = kind == "alloc" ? 3 * fewest : fewest;
  std::size_t keep = out.size();
  if (kind == "alloc") keep = std::min(keep, most_allocations);
  if (!all()) keep = std::min(out.size(), std::max(least, std::min(keep / 10, fewest > 1 ? 2 * least : least)));
  std::mt19937 random(18);
  std::ranges::shuffle(out, random);
  out.resize(keep);
  return out;
}

// The files below a folder, with their content.
using Content = std::map<std::string, std::string>;
Content content_of(const fs::path& folder) {
  Content out;
  if (!fs::exists(folder)) return out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = fs::relative(entry.path(), folder);
    out[name] = entry.is_regular_file() ? file_text(entry.path()) : "folder";
  }
  return out;
}

class Faulty : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder_ / "work");
    ASSERT_TRUE(write_file(work() / "dump.rom", specimen::intel_small_dump(specimen::IntelFlavour::me8)));
  }
  [[nodiscard]] fs::path work() const { return folder_ / "work"; }
  [[nodiscard]] virtual fs::path record() const { return folder_ / "record"; }

  Outcome run(const std::vector<std::string>& arguments, const std::string& fault) {
    fs::remove(record());
    return run_program(QUELL_PROGRAM, arguments,
                       {"LD_PRELOAD=" QUELL_FAULTS_LIBRARY, "QUELL_FAULT=" + fault,
                        "QUELL_FAULT_RECORD=" + record().string(), "QUELL_VAULT=" + (work() / "vault").string()});
  }
  Outcome run(const std::vector<std::string>& arguments) {
    return run_program(QUELL_PROGRAM, arguments, {"QUELL_VAULT=" + (work() / "vault").string()});
  }
  [[nodiscard]] bool injected() const { return file_text(record()).starts_with("injected"); }

  // How many calls of each kind a run makes that nothing befalls; of many workers the busiest.
  std::map<std::string, long> counts(const std::vector<std::string>& arguments, const std::string& program = "quell") {
    const Outcome outcome = run(arguments, program + ":none:0");
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    std::map<std::string, long> out;
    std::ifstream lines(record());
    long count = 0;
    for (std::string kind; lines >> kind >> count;) out[kind] = std::max(out[kind], count);
    EXPECT_GT(out["open"] + out["read"] + out["alloc"], 0);
    return out;
  }

  TemporaryFolder folder_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

struct Command {
  const char* name;
  std::vector<std::string> arguments;  // IN and OUT stand for paths
  int status = 5;                      // of a run that cannot go on
};

class FaultyFiles : public Faulty, public testing::WithParamInterface<Command> {};

// A fault that no result depends on may pass unseen: then everything is there.
TEST_P(FaultyFiles, LeaveAllOrNothingAndSaySo) {
  std::vector<std::string> arguments = GetParam().arguments;
  for (std::string& word : arguments) {
    if (word == "IN") word = work() / "dump.rom";
    if (word == "OUT") word = work() / "out";
  }
  const Content before = content_of(work());
  const auto calls = counts(arguments);
  const Content after = content_of(work());
  ASSERT_GT(after.size(), before.size());
  int tried = 0;
  for (const auto& [kind, count] : calls) {
    for (const long n : chosen(kind, count)) {
      fs::remove_all(work() / "out");
      const std::string fault = "quell:" + kind + ":" + std::to_string(n);
      const Outcome outcome = run(arguments, fault);
      if (!injected()) continue;
      ++tried;
      const Content now = content_of(work());
      if (outcome.status == 0) {
        EXPECT_TRUE(now == after) << fault << " half an output";
        continue;
      }
      // Where memory ends no front end is asked.
      EXPECT_EQ(outcome.status, kind == "alloc" ? 5 : GetParam().status) << fault << outcome.error;
      // What prints its result may have made it before the pipe broke.
      EXPECT_TRUE(now == before || now == after) << fault << " left something: " << outcome.error;
      EXPECT_LE(std::ranges::count(outcome.error, '\n'), 1) << fault << outcome.error;
      EXPECT_TRUE(outcome.error.starts_with("quell") || (outcome.error.empty() && kind == "write"))
          << fault << outcome.error;
    }
  }
  RecordProperty("faults", tried);
  EXPECT_GT(tried, 5);
}

INSTANTIATE_TEST_SUITE_P(All, FaultyFiles,
                         testing::Values(Command{"clean", {"clean", "IN", "--strip", "-o", "OUT"}},
                                         Command{"extract", {"extract", "IN", "-d", "OUT"}},
                                         Command{"descriptor_set",
                                                 {"descriptor", "set", "IN", "disable=on", "--accept-descriptor-alone",
                                                  "-o", "OUT"}},
                                         Command{"me_cleaner", {"me_cleaner", "-O", "OUT", "IN"}, 1}),
                         [](const auto& one) { return one.param.name; });

#ifdef QUELL_CHIP

// An emulated chip of 4 MiB with a backup in the vault, and an image that differs in one sector.
class FaultyChip : public Faulty {
 protected:
  void SetUp() override {
    fs::create_directory(work());
    std::mt19937 random(18);
    Buffer content(std::size_t{4} << 20U);
    std::ranges::generate(content, [&] { return static_cast<std::byte>(random()); });
    ASSERT_TRUE(write_file(chip(), content));
    original_ = file_text(chip());
    content[0x1000] ^= std::byte{1};
    ASSERT_TRUE(write_file(folder_ / "target", content));
    target_ = file_text(folder_ / "target");
  }
  // Where the worker may write.
  [[nodiscard]] fs::path record() const override { return work() / "record"; }
  [[nodiscard]] fs::path chip() const { return work() / "chip.img"; }
  [[nodiscard]] std::vector<std::string> on_chip(std::vector<std::string> words) const {
    words.insert(words.end(), {"-p", "dummy:bus=spi,emulate=SST25VF032B,image=" + chip().string(), "--no-descriptor",
                               "--accept", "all"});
    return words;
  }
  // What is on the chip when it is neither old nor new can be made the old again from the vault.
  void expect_nothing_lost(const std::string& fault) {
    if (file_text(chip()) == original_) return;
    bool kept = false;
    for (const auto& [name, content] : content_of(work() / "vault")) kept = kept || content == original_;
    EXPECT_TRUE(kept) << fault << ": the chip was written and nothing holds its content of before";
  }
  // Every fault in `program`, from the state in which the folder is now; `after` is what the chip holds at the end.
  int attack(const std::vector<std::string>& arguments, const std::string& program, const std::string& after) {
    const fs::path start = folder_ / ("start-" + program);
    fs::copy(work(), start, fs::copy_options::recursive);
    const auto again = [&] {
      fs::remove_all(work());
      fs::copy(start, work(), fs::copy_options::recursive);
    };
    const auto calls = counts(arguments, program);
    int tried = 0;
    for (const auto& [kind, count] : calls) {
      for (const long n : chosen(kind, count, 1)) {
        again();
        const std::string fault = arguments[0] + " " + program + ":" + kind + ":" + std::to_string(n);
        const Outcome outcome = run(arguments, program + ":" + kind + ":" + std::to_string(n));
        if (!injected()) continue;
        ++tried;
        expect_nothing_lost(fault);
        if (outcome.status == 0) {
          EXPECT_EQ(file_text(chip()), after) << fault;
        } else {
          EXPECT_TRUE(outcome.status == 4 || outcome.status == 5) << fault << " " << outcome.status << outcome.error;
          EXPECT_TRUE(outcome.error.starts_with("quell") || kind == "write") << fault << outcome.error;
        }
        const Outcome second = run(arguments);
        EXPECT_EQ(second.status, 0) << fault << ", then again: " << second.error;
        EXPECT_TRUE(file_text(chip()) == after) << fault << outcome.error << second.out;
        for (const auto& [name, content] : content_of(work() / "vault")) {
          EXPECT_FALSE(fs::path(name).filename().string().starts_with(".")) << fault << " left " << name;
        }
        const Outcome verdict = run({"vault", "verify"});
        EXPECT_EQ(verdict.status, 0) << fault << verdict.error;
      }
    }
    again();
    fs::remove_all(start);
    EXPECT_GT(tried, 0) << program;
    return tried;
  }
  void attack_both(const std::vector<std::string>& arguments, const std::string& after) {
    const int own = attack(arguments, "quell", after);
    RecordProperty("faults", own + attack(arguments, "quell-flash-worker", after));
  }

  std::string original_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  std::string target_;    // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

TEST_F(FaultyChip, Backup) { attack_both(on_chip({"backup"}), original_); }

TEST_F(FaultyChip, Flash) {
  ASSERT_EQ(run(on_chip({"backup"})).status, 0);
  attack_both(on_chip({"flash", folder_ / "target", "--yes"}), target_);
}

TEST_F(FaultyChip, Restore) {
  ASSERT_EQ(run(on_chip({"backup"})).status, 0);
  ASSERT_EQ(run(on_chip({"flash", folder_ / "target", "--yes"})).status, 0);
  ASSERT_EQ(file_text(chip()), target_);
  attack_both(on_chip({"restore", "--yes"}), original_);
}

#endif

}  // namespace
}  // namespace quell::test
