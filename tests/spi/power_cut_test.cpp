// SPDX-License-Identifier: GPL-2.0-or-later
// The power goes at random bytes, of the programmer or of the whole machine; nothing is ever lost.
// QUELL_CUTS=WRITES,READS,RECOVERIES sets how many; a few by default.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "spi/chip_fixture.h"
#include "spi/job.h"

namespace quell::test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned threads = 4;

struct Counts {
  unsigned writes = 24, reads = 8, recoveries = 8;
};

Counts counts() {
  Counts wanted;
  if (const char* text = std::getenv("QUELL_CUTS"))
    std::sscanf(text, "%u,%u,%u", &wanted.writes, &wanted.reads, &wanted.recoveries);
  return wanted;
}

// One machine with a power cut in its near future; used by one thread.
class Victim : public ChipBench {
 public:
  Victim() {
    EXPECT_EQ(backup().status, 0);
    EXPECT_EQ(flash().status, 0);
    job_bytes_ = chip().bytes_written;
  }

  // Runs a command that the cut ends; with `host` the computer dies too.
  Outcome cut_short(const std::vector<std::string>& arguments, bool host) {
    Started program;
    server_->on_cut = [&] {
      if (host) program.send(SIGKILL);
    };
    RunOptions options;
    options.started = program.note();
    const Outcome outcome = quell(arguments, options);
    server_->on_cut = {};
    chip().power_up();
    return outcome;
  }

  void during_write(std::mt19937_64& random) {
    reset();
    chip().faults.cut_after = chip().bytes_written + random() % job_bytes_;
    const Outcome cut = cut_short(flash_command(), random() % 2 == 0);
    ASSERT_NE(cut.status, 0) << "the cut was never reached";
    const auto vault = spi::Vault::open_existing(folder_ / "vault");
    ASSERT_TRUE(vault.has_value());
    EXPECT_TRUE(vault->has_backup(name_));
    EXPECT_EQ(vault->load(name_).value_or(Buffer{}), original_);
    const auto jobs = spi::unfinished_jobs(*vault);
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_FALSE(jobs[0].journal.damaged);
    EXPECT_EQ(jobs[0].file.base, name_);
    EXPECT_TRUE(jobs[0].journal.has("unit-begin"));
    const Buffer wreck = chip().memory;
    fs::copy(folder_ / "vault", folder_ / "wreck", fs::copy_options::recursive);

    const Outcome back = restore();
    EXPECT_EQ(back.status, 0) << back.errors;
    EXPECT_EQ(chip().memory, original_);
    EXPECT_TRUE(spi::unfinished_jobs(*vault).empty());

    chip().memory = wreck;
    fs::remove_all(folder_ / "vault");
    fs::rename(folder_ / "wreck", folder_ / "vault");
    const Outcome again = quell(flash_command());
    EXPECT_EQ(again.status, 0) << again.errors;
    EXPECT_EQ(chip().memory, target_);
  }

  // The power goes again while the first cut is being mended, in either direction; then once more each way.
  void during_recovery(std::mt19937_64& random) {
    reset();
    chip().faults.cut_after = chip().bytes_written + job_bytes_ / 4 + random() % (job_bytes_ / 2);
    ASSERT_NE(cut_short(flash_command(), random() % 2 == 0).status, 0) << "the cut was never reached";
    const bool back_first = random() % 2 == 0;
    chip().faults.cut_after = chip().bytes_written + random() % (job_bytes_ / 4);
    const std::vector<std::string> recovery =
        back_first ? std::vector<std::string>{"restore", "--yes", "--allow-untested", "--patience", "5"}
                   : flash_command();
    static_cast<void>(cut_short(recovery, random() % 2 == 0));
    chip().faults.cut_after = {};
    const Outcome back = restore();
    EXPECT_EQ(back.status, 0) << back.errors;
    EXPECT_EQ(chip().memory, original_);
    const auto vault = spi::Vault::open_existing(folder_ / "vault");
    ASSERT_TRUE(vault.has_value());
    EXPECT_TRUE(spi::unfinished_jobs(*vault).empty());
    const Outcome again = quell(flash_command());
    EXPECT_EQ(again.status, 0) << again.errors;
    EXPECT_EQ(chip().memory, target_);
  }

  // Two reads of the chip are a backup; the cut falls somewhere in them.
  void during_backup(std::mt19937_64& random) {
    reset();
    fs::remove_all(folder_ / "vault");
    chip().faults.cut_after_read = chip().bytes_read + random() % (2 * small_size - 4096);
    const Outcome cut = cut_short({"backup", "--patience", "5"}, random() % 2 == 0);
    EXPECT_NE(cut.status, 0);
    EXPECT_TRUE(objects().empty()) << "half a backup was kept";
    EXPECT_EQ(chip().pages, pages_before_);
    const Outcome again = backup();
    EXPECT_EQ(again.status, 0) << again.errors;
    EXPECT_EQ(objects(), std::set<std::string>{name_});
  }

 private:
  [[nodiscard]] std::vector<std::string> flash_command() const {
    return {"flash", folder_ / "target.rom", "--yes", "--allow", "all", "--allow-untested", "--accept",
            "all",   "--patience",           "5"};
  }
  void reset() {
    chip().memory = original_;
    pages_before_ = chip().pages;
    fs::remove_all(folder_ / "vault/jobs");
    fs::create_directories(folder_ / "vault/jobs");
  }
  std::string name_ = to_hex(sha256(original_));
  std::uint64_t pages_before_ = 0;
  std::uint64_t job_bytes_ = 0;  // erased and programmed by the whole job
};

void campaign(unsigned cuts, void (Victim::*trial)(std::mt19937_64&)) {
  std::atomic<unsigned> next{0};
  std::vector<std::thread> workers;
  for (unsigned t = 0; t < std::min(threads, cuts); ++t) {
    workers.emplace_back([&] {
      Victim victim;
      for (unsigned i = next++; i < cuts && !::testing::Test::HasFailure(); i = next++) {
        std::mt19937_64 random(i + 1);
        (victim.*trial)(random);
        if (::testing::Test::HasFailure()) std::fprintf(stderr, "failed at cut %u\n", i);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  std::fprintf(stderr, "%u of %u cuts survived\n", ::testing::Test::HasFailure() ? 0 : cuts, cuts);
}

TEST(PowerCut, DuringAWriteLosesNothing) { campaign(counts().writes, &Victim::during_write); }
TEST(PowerCut, AgainDuringTheRecoveryLosesNothing) { campaign(counts().recoveries, &Victim::during_recovery); }
TEST(PowerCut, DuringABackupLeavesNoHalfBackup) { campaign(counts().reads, &Victim::during_backup); }

}  // namespace
}  // namespace quell::test
