// SPDX-License-Identifier: GPL-2.0-or-later
// Every row of the failure table (docs/formats/flashing.md#failures) with the message a user sees. What is refused
// before anything happens is in refusal_test.cpp, GPIO and the supply in gpio_test.cpp.
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

#include "spi/failure_fixture.h"

namespace quell::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The first process that this one started.
pid_t child_of(pid_t process) {
  std::ifstream children("/proc/" + std::to_string(process) + "/task/" + std::to_string(process) + "/children");
  pid_t child = -1;
  children >> child;
  return child;
}

TEST_F(FailureTable, ClipSlipsDuringRead) {
  chip().faults.flips = 1e-5;
  const Outcome outcome = backup();
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("The reads do not agree ("));
  EXPECT_THAT(outcome.errors, HasSubstr("Nothing was written to the chip."));
  EXPECT_THAT(outcome.errors, HasSubstr("Reseat the clip or use a slower clock"));
  EXPECT_THAT(objects(), IsEmpty());
}

TEST_F(FailureTable, ClipMovesInTheMiddleOfARead) {
  on_connection(2, [this] { chip().faults.high_after = chip().bytes_read + small_size / 3; });
  const Outcome outcome = backup({"--max-reads", "3", "--patience", "3"});
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(objects(), IsEmpty());
}

TEST_F(FailureTable, ClipSlipsRepeatableGarbage) {
  for (std::size_t i = 0; i < 4096; ++i) chip().memory[i] = std::byte{0x3C};
  const Outcome outcome = backup();
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.errors,
              HasSubstr("Two identical reads, but there is no valid flash descriptor: this is not a usable backup."));
  EXPECT_THAT(objects(), IsEmpty());
}

TEST_F(FailureTable, AnUnknownBoardIsToldHowToSaySo) {
  std::ranges::fill(std::span(chip().memory).first(4096), std::byte{0x3C});
  const Outcome outcome = backup();
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.errors, HasSubstr("The option is --no-descriptor."));
  EXPECT_EQ(backup({"--no-descriptor", "--accept", "all"}).status, 0);
}

TEST_F(FailureTable, AnAmdBoardIsBackedUpAsWhatItIs) {
  chip().memory = amd_machine(specimen::AmdLayout::levels, small_size);
  const Outcome outcome = backup();
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.output, HasSubstr("AMD firmware image with a Platform Security Processor"));
  EXPECT_THAT(objects(), ::testing::SizeIs(1));
}

// The usual patience is a minute: the worker as it is installed sees that every answer is all ones.
TEST_F(FailureTable, AClipLostForGoodIsNotWaitedFor) {
  ASSERT_EQ(backup().status, 0);
  chip().faults.high_after_pages = 3;
  RunOptions options;
  options.environment.push_back("QUELL_VAULT=" + (folder_ / "vault"));
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = run({"flash", folder_ / "target.rom", "--yes", "--allow", "all", "--allow-untested",
                               "--accept", "all", "-p", server_->programmer()},
                              options);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(40));
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("every answer is all ones"));
  expect_recovery();
}

TEST_F(FailureTable, ClipSlipsDuringWriteDataOutHigh) {
  ASSERT_EQ(backup().status, 0);
  chip().faults.high_after_pages = 3;
  const Outcome outcome = flash({"--patience", "1"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("Contact lost while writing unit 1 of 4"));
  EXPECT_THAT(outcome.errors, HasSubstr("Do not power the computer. Reseat the clip"));
  expect_recovery();
}

TEST_F(FailureTable, ClipSlipsDuringWriteDataOutLow) {
  ASSERT_EQ(backup().status, 0);
  chip().faults.low_after_pages = 3;
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("while writing unit 1 of 4"));
  for (const auto& [offset, size] : chip().erased)
    EXPECT_TRUE((Range{0x20000, 0x10000}.contains(Range{offset, size}))) << offset;
  expect_recovery();
}

TEST_F(FailureTable, ProgrammerUnpluggedWhileWriting) {
  ASSERT_EQ(backup().status, 0);
  chip().faults.cut_after = chip().bytes_written + 5000;
  const Outcome outcome = flash({"--patience", "2"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("while writing unit 1 of 4 through serprog:"));
  expect_recovery();
}

TEST_F(FailureTable, ProgrammerUnpluggedWhileReading) {
  chip().faults.close_after_commands = 20;
  const Outcome outcome = backup({"--patience", "1"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("Contact lost while reading"));
  EXPECT_THAT(outcome.errors, HasSubstr("Nothing was written to the chip."));
}

TEST_F(FailureTable, ProgrammerStopsAnswering) {
  chip().faults.stall_after_commands = 5;
  const Outcome outcome = backup({"--patience", "1"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("no answer within 1.0 s"));
}

TEST_F(FailureTable, PowerCutOfTheHost) {
  ASSERT_EQ(backup().status, 0);
  Started program;
  server_->on_cut = [&] { program.send(SIGKILL); };
  chip().faults.cut_after = chip().bytes_written + 9000;
  RunOptions options;
  options.started = program.note();
  EXPECT_EQ(flash({}, options).status, 128 + SIGKILL);
  chip().power_up();

  Buffer other = target_;
  other[0x60000] ^= std::byte{1};
  write_bytes(folder_ / "other.rom", other);
  const Outcome refused = quell({"flash", folder_ / "other.rom", "--yes"});
  EXPECT_EQ(refused.status, 4);
  EXPECT_THAT(refused.errors, HasSubstr("An interrupted job exists ("));
  EXPECT_THAT(refused.errors, HasSubstr("of 4 units done"));
  expect_recovery();
}

TEST_F(FailureTable, WrongDefinitionErasesMoreThanItSays) {
  ASSERT_EQ(backup().status, 0);
  chip().faults.small_erase = 64 * 1024;
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("The chip does not behave like W25Q80"));
  EXPECT_THAT(outcome.errors, HasSubstr("bytes outside the erased block changed"));
  EXPECT_THAT(chip().erased, ::testing::SizeIs(1)) << "it went on";
}

TEST_F(FailureTable, ChipSmallerThanItsDefinition) {
  chip().faults.array_size = small_size / 2;
  const Outcome outcome = backup();
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.errors, HasSubstr("the content repeats: 2 copies of the first 512 KiB"));
}

TEST_F(FailureTable, AnotherChipUnderTheClip) {
  on_connection(2, [this] { chip().jedec = 0xEF4013; });
  const Outcome outcome = backup();
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(objects(), IsEmpty());
}

TEST_F(FailureTable, AnotherContentThanTheBackup) {
  ASSERT_EQ(backup().status, 0);
  chip().memory[0x80000] ^= std::byte{1};
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.errors, HasSubstr("There is no verified backup of exactly what the chip holds now"));
  EXPECT_EQ(chip().pages, 0U);
}

TEST_F(FailureTable, LowVoltageChip) {
  chip().jedec = 0xC22535;
  const Outcome outcome = backup();
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.errors, HasSubstr("This is a 1.8 V part"));
  EXPECT_THAT(outcome.errors, HasSubstr("Remove the clip now; use a level adapter."));
}

// A chip whose protection the library can describe.
class ProtectedChip : public FailureTable {
 protected:
  ProtectedChip() {
    original_ = machine(16 << 20);
    target_ = original_;
    change(0x20010);
    server_ = std::make_unique<SerprogServer>(FlashModel(0xEF4018, original_));
    write_bytes(folder_ / "target.rom", target_);
    chip().status = 0x04;  // BP0: the topmost 256 KiB
  }
};

TEST_F(ProtectedChip, LeftOpenByAKilledWorkerIsProtectedAgain) {
  ASSERT_EQ(backup({"--allow-register-write"}).status, 0);
  ASSERT_EQ(chip().status, 0x04);
  chip().faults.high_after_pages = chip().pages + 1;
  const Outcome lost = flash({"--allow-register-write", "--patience", "2"});
  EXPECT_EQ(lost.status, 5);
  EXPECT_EQ(chip().status, 0) << "the protection was never lifted";
  chip().power_up();
  const Outcome again = flash({"--allow-register-write"});
  EXPECT_EQ(again.status, 0) << again.errors;
  EXPECT_THAT(again.errors, HasSubstr("Restored the protection setting."));
  EXPECT_EQ(chip().status, 0x04);
  EXPECT_EQ(chip().memory, target_);
}

TEST_F(FailureTable, VerificationFindsADifferenceTwice) {
  ASSERT_EQ(backup().status, 0);
  // Connections: 1-2 the backup, 3 the read, 4 the writing, 5-6 verification, 7 the repair, 8-9 verification again.
  server_->on_connect = [this](unsigned connection) {
    if (connection == 5 || connection == 8) chip().memory[0x20010] ^= std::byte{0x40};
  };
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("Verification failed at 0x20010 (1 bytes differ)."));
  EXPECT_THAT(outcome.errors, HasSubstr("Do not start the computer."));
  expect_recovery();
}

TEST_F(FailureTable, VerificationRepairsOnce) {
  ASSERT_EQ(backup().status, 0);
  on_connection(5, [this] { chip().memory[0x90000] ^= std::byte{0x40}; });  // outside of the plan
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(outcome.errors, HasSubstr("some outside of it"));
  EXPECT_EQ(chip().memory, target_);
}

TEST_F(FailureTable, LibraryEscalates) {
  ASSERT_EQ(backup().status, 0);
  chip().faults.refuse_program = true;
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors,
              HasSubstr("The programmer library wanted to erase more than planned; stopped in unit 1 of 4."));
  expect_recovery();
}

TEST_F(FailureTable, AFlippedBitInOneEraseCheckIsRetried) {
  ASSERT_EQ(backup().status, 0);
  on_connection(4, [this] {
    chip().faults.flip_at = 0x20400;
    chip().faults.flip_on_read = 3;  // the unit, the library's own read, then the check of the erase
  });
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(chip().memory, target_);
  for (const auto& [offset, size] : chip().erased) EXPECT_EQ(size, 4096U) << "a larger erase at " << offset;
}

TEST_F(FailureTable, DiskFullWhileSavingTheBackup) {
  RunOptions options;
  options.file_size_limit = 64 * 1024;
  const Outcome outcome = quell({"backup"}, options);
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("The backup could not be saved ("));
  EXPECT_THAT(outcome.errors, HasSubstr("Writing is disabled until a backup exists."));
  EXPECT_THAT(objects(), IsEmpty()) << "a temporary file stayed";
  EXPECT_EQ(flash().status, 4);
  EXPECT_EQ(chip().pages, 0U);
}

TEST_F(FailureTable, VaultObjectWithOtherBytes) {
  ASSERT_EQ(backup().status, 0);
  const std::string name = spi_original();
  Buffer rotten = original_;
  rotten[0x70000] ^= std::byte{1};
  for (const auto copies : spi::copy_folders) {
    const auto object = spi::copy_path(folder_.path() / "vault", copies, name);
    std::filesystem::permissions(object, std::filesystem::perms::owner_all);
    write_bytes(object, rotten);
  }
  const Outcome outcome = flash();
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("The vault is damaged: no copy of object " + name + " is whole."));
  EXPECT_EQ(chip().pages, 0U) << "written although the way back is gone";
  const Outcome verified = run({"vault", "verify", "--vault", folder_ / "vault"});
  EXPECT_NE(verified.status, 0);
}

TEST_F(FailureTable, JournalCannotBeWritten) {
  ASSERT_EQ(backup().status, 0);
  Started program;
  RunOptions options;
  options.started = program.note();
  on_connection(4, [&] {
    const rlimit limit{64, RLIM_INFINITY};
    ::prlimit(program.process(), RLIMIT_FSIZE, &limit, nullptr);
  });
  const Outcome outcome = flash({}, options);
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("The journal cannot be written ("));
  EXPECT_THAT(outcome.errors, HasSubstr("stopped after unit 0 of 4"));
  EXPECT_EQ(chip().memory, original_) << "a unit was written without its record";
  expect_recovery();
}

class Interrupted : public FailureTable {
 protected:
  RunOptions signalled(unsigned connection, int count, std::function<void()> also = {}) {
    RunOptions options;
    options.started = program_.note();
    on_connection(connection, [this, count, also = std::move(also)] {
      if (also) also();
      for (int i = 0; i < count; ++i) {
        program_.send(SIGINT);
        ::usleep(50'000);
      }
    });
    return options;
  }
  // Ctrl-C once a page was programmed, so many times.
  Outcome stop_once_writing(int count) {
    RunOptions options;
    options.started = program_.note();
    std::atomic<bool> ended = false;
    std::thread impatient([this, count, &ended] {
      const auto writing = [this] {
        const std::scoped_lock guard(server_->lock());
        return chip().pages > 0;
      };
      while (!writing() && !ended) ::usleep(10'000);
      if (ended) return;
      for (int i = 0; i < count; ++i) {
        program_.send(SIGINT);
        ::usleep(200'000);
      }
    });
    Outcome outcome = flash({}, options);
    ended = true;
    impatient.join();
    return outcome;
  }
  Started program_{};
};

TEST_F(Interrupted, CtrlCWhileReading) {
  const Outcome outcome = quell({"backup"}, signalled(1, 1));
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("Stopped. Nothing was written."));
}

TEST_F(Interrupted, CtrlCWhileWriting) {
  ASSERT_EQ(backup().status, 0);
  const Outcome outcome = flash({}, signalled(4, 1));
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("Stopp"));
  EXPECT_THAT(outcome.errors, Not(HasSubstr("half written")));
  expect_recovery();
}

// Every block is the old or the new one: reading the chip twice would tell nothing more.
TEST_F(Interrupted, StoppedBetweenUnitsIsReadOnce) {
  ASSERT_EQ(backup().status, 0);
  const Outcome stopped = stop_once_writing(1);
  EXPECT_THAT(stopped.errors, HasSubstr("Run the same command again, or `quell restore`"));
  ASSERT_NE(chip().memory, original_);
  ASSERT_NE(chip().memory, target_);
  const unsigned before = server_->connections();
  const Outcome again = flash();
  EXPECT_EQ(again.status, 0) << again.errors;
  EXPECT_EQ(server_->connections() - before, 3U) << "the read, the writing, the verification";
  EXPECT_EQ(chip().memory, target_);
}

TEST_F(Interrupted, SecondCtrlCWhileWriting) {
  ASSERT_EQ(backup().status, 0);
  chip().faults.high_after_pages = 1;  // the library polls for ever
  const Outcome outcome = stop_once_writing(2);
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("unit 1 of 4 may be half written"));
  expect_recovery();
}

TEST_F(FailureTable, WorkerCrashes) {
  Started program;
  RunOptions options;
  options.started = program.note();
  on_connection(1, [&] {
    if (const pid_t worker = child_of(program.process()); worker > 0) ::kill(worker, SIGKILL);
  });
  const Outcome outcome = quell({"backup"}, options);
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.errors, HasSubstr("The flash worker ended by itself (signal 9"));
}

}  // namespace
}  // namespace quell::test
