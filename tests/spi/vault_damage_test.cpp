// SPDX-License-Identifier: GPL-2.0-or-later
// Every changed byte and every deleted file of a vault is named by `vault verify`, and the original comes back whenever
// one copy of it is whole. QUELL_FLIPS says how many of a hundred places are tried: 10 by default, the same ones each
// time.
#include <cstdio>
#include <cstdlib>
#include <random>

#include "spi/chip_fixture.h"
#include "spi/interrupted.h"
#include "spi/vault_check.h"

namespace quell::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Winbond W25X10: 128 KiB.
constexpr std::uint32_t tiny_chip = 0xEF3011;
constexpr std::uint64_t tiny_size = 128 * 1024;

unsigned percent() {
  const char* text = std::getenv("QUELL_FLIPS");
  return text == nullptr ? 10 : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

// Two backups, a job that ended, its restore, and a job that was interrupted.
class VaultDamage : public testing::Test {
 protected:
  VaultDamage() : original_(tiny_size), target_(tiny_size) {
    std::mt19937 random(3);
    for (std::byte& byte : original_) byte = static_cast<std::byte>(random() & 0xFFU);
    target_ = original_;
    for (const std::size_t at : {0x3000U, 0x8000U, 0x9000U, 0x1A000U}) target_[at] ^= std::byte{0x5A};
    server_ = std::make_unique<SerprogServer>(FlashModel(tiny_chip, original_));
    write_bytes(folder_ / "target.rom", target_);
  }
  Outcome quell(std::vector<std::string> arguments) {
    RunOptions options;
    options.program = QUELL_FAST_PROGRAM;
    arguments.insert(arguments.end(), {"-p", server_->programmer(), "--vault", vault().string(), "--no-descriptor",
                                       "--accept", "all", "--patience", "5"});
    return run(arguments, options);
  }
  Outcome flash() { return quell({"flash", folder_ / "target.rom", "--yes", "--allow", "all", "--allow-untested"}); }
  Outcome restore() { return quell({"restore", "--yes", "--allow-untested"}); }
  [[nodiscard]] fs::path vault() const { return folder_.path() / "vault"; }
  FlashModel& chip() { return server_->chip(); }

  void prepare() {
    ASSERT_EQ(quell({"backup"}).status, 0);
    ASSERT_EQ(flash().status, 0);
    ASSERT_EQ(restore().status, 0);
    ASSERT_EQ(quell({"backup", "--reads", "3"}).status, 0);
    const std::uint64_t written = chip().bytes_written;
    chip().faults.cut_after = written + 3 * 4096 + 900;
    ASSERT_NE(flash().status, 0);
    chip().power_up();
    wreck_ = chip().memory;
    ASSERT_NE(wreck_, original_);
    const auto opened = spi::Vault::open_existing(vault());
    ASSERT_TRUE(opened.has_value());
    const auto report = spi::check_vault(*opened);
    ASSERT_TRUE(report.sound()) << testing::PrintToString(report.problems);
    fs::copy(vault(), folder_.path() / "whole", fs::copy_options::recursive);
    for (const auto& file : fs::recursive_directory_iterator(vault())) {
      if (file.is_regular_file() && file.path().filename() != "lock")
        files_.push_back(fs::relative(file.path(), vault()));
    }
    std::ranges::sort(files_);
  }
  void put_back(const fs::path& file) {
    fs::remove(vault() / file);
    fs::create_directories((vault() / file).parent_path());
    fs::copy_file(folder_.path() / "whole" / file, vault() / file);
  }

  // What the program says of the damaged vault, and what it would write back.
  void judge(const fs::path& file) {
    ++trials_;
    const auto opened = spi::Vault::open_existing(vault());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    const auto report = spi::check_vault(*opened);
    ASSERT_FALSE(report.sound()) << "not noticed";
    const std::string all = testing::PrintToString(report.problems);
    const std::string name = file.stem().string();
    EXPECT_TRUE(all.find(file.string()) != std::string::npos || all.find(name) != std::string::npos) << all;
    const auto chosen = spi::choose_backup(*opened, "ef3011");
    ASSERT_TRUE(chosen.has_value()) << chosen.error().message;
    EXPECT_EQ(opened->load(*chosen).value_or(Buffer()), original_);
  }
  // The same through the program, to the last byte of the chip.
  void bring_back() {
    ++restored_;
    chip().memory = wreck_;
    const Outcome verified = run({"vault", "verify", "--vault", vault().string()}, {.program = QUELL_FAST_PROGRAM});
    EXPECT_EQ(verified.status, 1) << verified.output;
    const Outcome back = restore();
    EXPECT_EQ(back.status, 0) << back.errors;
    EXPECT_EQ(chip().memory, original_);
    fs::remove_all(vault());
    fs::copy(folder_.path() / "whole", vault(), fs::copy_options::recursive);
  }

  TemporaryFolder folder_;
  Buffer original_, target_, wreck_;
  std::unique_ptr<SerprogServer> server_;
  std::vector<fs::path> files_;
  unsigned trials_ = 0, restored_ = 0;
};

TEST_F(VaultDamage, EveryFlippedByteIsNamedAndTheOriginalComesBack) {
  prepare();
  std::mt19937 random(11);
  for (const fs::path& file : files_) {
    const Buffer content = read_bytes(vault() / file);
    const std::size_t step = file.extension() == ".bin" ? 64 : 1;
    for (std::size_t at = 0; at < content.size() && !HasFailure(); at += step) {
      if (random() % 100 >= percent()) continue;
      SCOPED_TRACE(file.string() + " at " + std::to_string(at));
      Buffer bad = content;
      bad[at] ^= static_cast<std::byte>(1U + random() % 255U);
      fs::remove(vault() / file);
      write_bytes(vault() / file, bad);
      judge(file);
      if (trials_ % 40 == 0) bring_back();
      put_back(file);
    }
  }
  std::fprintf(stderr, "%u flips named, %u of them restored through the program\n", trials_, restored_);
}

TEST_F(VaultDamage, EveryDeletedFileIsNamedAndTheOriginalComesBack) {
  prepare();
  for (const fs::path& file : files_) {
    if (HasFailure()) break;
    SCOPED_TRACE(file.string());
    fs::remove(vault() / file);
    judge(file);
    bring_back();
  }
  std::fprintf(stderr, "%u deletions named, %u restored through the program\n", trials_, restored_);
}

// Both copies of what was to be written are gone: the way back needs the backup alone. The other way round the image
// itself goes on.
TEST_F(VaultDamage, OneContentIsEnoughForItsDirection) {
  prepare();
  const auto lose = [&](const std::string& hash) {
    for (const char* folder : {"objects", "copies"}) fs::remove(spi::copy_path(vault(), folder, hash));
  };
  lose(to_hex(sha256(target_)));
  bring_back();
  lose(to_hex(sha256(original_)));
  chip().memory = wreck_;
  const Outcome on = flash();
  EXPECT_EQ(on.status, 0) << on.errors;
  EXPECT_EQ(chip().memory, target_);
}

TEST_F(VaultDamage, ADamagedJournalIsClosedByWhatFinishesTheJob) {
  prepare();
  const auto job = std::ranges::find_if(files_, [&](const fs::path& file) {
    return file.filename() == "journal" && !fs::exists(vault() / file.parent_path() / "closed");
  });
  ASSERT_NE(job, files_.end());
  Buffer journal = read_bytes(vault() / *job);
  journal[40] ^= std::byte{1};
  write_bytes(vault() / *job, journal);
  ASSERT_EQ(flash().status, 0);
  EXPECT_EQ(chip().memory, target_);
  EXPECT_TRUE(spi::unfinished_jobs(*spi::Vault::open_existing(vault())).empty());
  ASSERT_EQ(restore().status, 0);
  EXPECT_EQ(chip().memory, original_);
  const Outcome repaired = run({"vault", "repair", "--vault", vault().string()}, {.program = QUELL_FAST_PROGRAM});
  EXPECT_THAT(repaired.errors, HasSubstr("lost: the diary of job"));
  EXPECT_EQ(run({"vault", "verify", "--vault", vault().string()}, {.program = QUELL_FAST_PROGRAM}).status, 0);
}

TEST_F(VaultDamage, RepairWritesEveryCopyAgain) {
  prepare();
  for (const fs::path& file : files_) {
    if (HasFailure()) break;
    const bool copy = file.extension() == ".bin" || file == "index" || file == "VERSION";
    if (!copy) continue;
    SCOPED_TRACE(file.string());
    fs::remove(vault() / file);
    auto opened = spi::Vault::open_existing(vault());
    ASSERT_TRUE(opened.has_value());
    ASSERT_TRUE(spi::repair_vault(*opened).has_value());
    const auto report = spi::check_vault(*spi::Vault::open_existing(vault()));
    EXPECT_TRUE(report.sound()) << testing::PrintToString(report.problems);
  }
}

// A job that belongs to another machine's chip of this type stands in nobody's way, and its backup is not written
// there.
TEST_F(VaultDamage, AnotherMachinesChipIsToldApart) {
  prepare();
  std::mt19937 random(77);
  Buffer other(tiny_size);
  for (std::byte& byte : other) byte = static_cast<std::byte>(random() & 0xFFU);
  chip().memory = other;
  const Outcome back = restore();
  EXPECT_EQ(back.status, 4) << back.errors;
  EXPECT_THAT(back.errors, HasSubstr("another machine's"));
  EXPECT_EQ(chip().memory, other);
  ASSERT_EQ(quell({"backup"}).status, 0);
  Buffer changed = other;
  changed[0x5000] ^= std::byte{1};
  write_bytes(folder_ / "target.rom", changed);
  const Outcome written = flash();
  EXPECT_EQ(written.status, 0) << written.errors;
  EXPECT_EQ(chip().memory, changed);
}

// Sizes of a job that was tampered with, seal and all, never reach the chip.
TEST_F(VaultDamage, AJobWhoseSizesDoNotFitIsNotFollowed) {
  prepare();
  const auto jobs = spi::unfinished_jobs(*spi::Vault::open_existing(vault()));
  ASSERT_EQ(jobs.size(), 1U);
  auto opened = spi::Vault::open(vault());
  const auto small = opened->store(Buffer(4096, std::byte{0x11}));
  spi::JobFile tampered = jobs[0].file;
  tampered.base = *small;
  fs::remove(jobs[0].folder / "job.json");
  const std::string json = spi::to_json(tampered);
  write_bytes(jobs[0].folder / "job.json", as_bytes(json));
  const Outcome back = quell({"restore", small->substr(0, 12), "--yes", "--allow-untested"});
  EXPECT_NE(back.status, 0);
  EXPECT_EQ(chip().memory, wreck_);
  tampered.unit_size = 3;
  EXPECT_FALSE(spi::parse_job(spi::to_json(tampered)).has_value());
  tampered.unit_size = 4096;
  tampered.units = {tiny_size};
  EXPECT_FALSE(spi::parse_job(spi::to_json(tampered)).has_value());
}

// From read-only media, and on a disk without room, the way back is open for those who say so.
TEST_F(VaultDamage, RestoreNeedsNoRoomWhereTheUserSaysSo) {
  prepare();
  RunOptions full;
  full.program = QUELL_FAST_PROGRAM;
  full.file_size_limit = 1;
  std::vector<std::string> words{"restore",         "--yes", "--allow-untested", "-p",       server_->programmer(),
                                 "--vault",         vault(), "--no-descriptor",  "--accept", "all",
                                 "--accept-unknown"};
  // A chip whose content no job explains.
  fs::remove_all(vault() / "jobs");
  fs::create_directories(vault() / "jobs");
  const Outcome refused = run(words, full);
  EXPECT_EQ(refused.status, 4) << refused.errors;
  EXPECT_THAT(refused.errors, HasSubstr("--accept-no-room"));
  words.emplace_back("--accept-no-room");
  const Outcome back = run(words, full);
  EXPECT_EQ(back.status, 0) << back.errors;
  EXPECT_EQ(chip().memory, original_);
}

}  // namespace
}  // namespace quell::test
