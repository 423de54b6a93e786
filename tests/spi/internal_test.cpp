// SPDX-License-Identifier: GPL-2.0-or-later
// A machine that flashes itself: the emulated programmer refuses what the machine's controller would refuse.
#include "spi/internal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/flash_controller.h"
#include "quell/digest.h"
#include "quell/survey/check.h"
#include "quell/survey/recognise.h"
#include "spi/backup_job.h"
#include "spi/chip_fixture.h"
#include "spi/flash_job.h"
#include "survey/host_access.h"

namespace quell::spi {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr std::uint64_t size = test::small_size;
constexpr Range me{0x1000, 0x7F000};
constexpr Range bios{0x80000, 0x80000};

class Listener final : public Watcher {
 public:
  void notice(std::string_view text) override { notices.emplace_back(text); }
  void log(int /*level*/, std::string_view /*line*/) override {}
  void progress(std::string_view /*stage*/, std::uint64_t /*done*/, std::uint64_t /*total*/) override {}
  bool ask(std::string_view /*question*/) override { return true; }
  bool confirm(std::string_view /*question*/, std::string_view /*expected*/) override { return true; }
  std::vector<std::string> notices{};
};

// The host may read and write the BIOS region and read the descriptor; the ME region is closed.
constexpr const char* closed_me =
    "function 0000:00:1f.0\nbios_control 0x1\nhsfs 0xe000\nfrap 0x203\nfreg0 0x0\nfreg1 0xff0080\nfreg2 0x7f0001\n";

class InternalTest : public ::testing::Test, public test::ChipBench {
 protected:
  InternalTest() {
    registers(closed_me);
    chip().faults.hidden = {me};
    auto vault = Vault::open(folder_.path() / "vault");
    if (vault) vault_.emplace(*std::move(vault));
  }
  void registers(std::string text) {
    entries_[std::string(host::flash_controller_file)] = {host::Entry::Kind::file, std::move(text)};
  }
  std::unique_ptr<ChipAccess> access() {
    AccessOptions options;
    options.programmer = *Programmer::parse(server_->programmer());
    options.worker.program = std::filesystem::path(QUELL_FAST_PROGRAM).parent_path() / "quell-flash-worker";
    auto out = std::make_unique<ChipAccess>(std::move(options), listener_);
    EXPECT_TRUE(out->prepare().has_value());
    return out;
  }
  Result<flash::HostAccess> look() {
    return look_from_within(*access(),
                            [this](ByteView start) { return host_access(*host::memory_root(entries_), start); });
  }
  static JudgeOptions judging() { return {.judge = judge_content, .title = title_of, .accepted = {"all"}}; }
  Result<BackupResult> back_up(const flash::HostAccess& advice) {
    BackupOptions options{.judging = judging()};
    options.reading.unread = advice.not_readable();
    Wobble wobble;
    return spi::backup(*access(), *vault_, options, wobble);
  }
  FlashOptions options(const flash::HostAccess& advice) {
    FlashOptions out;
    out.reading.unread = advice.not_readable();
    out.judging = judging();
    out.internal = advice;
    out.unit_size = block_size;
    out.yes = true;
    out.allow = {"all"};
    out.accepted.add(Override::untested_chip);
    return out;
  }
  Result<FlashResult> write(Buffer target, const FlashOptions& options) {
    Wobble wobble;
    return spi::flash(*access(), *vault_, std::move(target), options, wobble, [](const BlockPlan&) {});
  }
  // The backup's content with some bytes of the BIOS region changed.
  static Buffer changed(Buffer image, std::uint64_t at = bios.offset + 0x7010) {
    for (std::uint64_t i = 0; i < 32; ++i) image[at + i] ^= std::byte{0x5A};
    return image;
  }
  host::Entries entries_;
  Listener listener_;
  std::optional<Vault> vault_{};
};

TEST_F(InternalTest, ReadsWhatItMayAndSaysWhatItMayNot) {
  const auto advice = look();
  ASSERT_TRUE(advice.has_value()) << advice.error().message;
  const auto result = back_up(*advice);
  ASSERT_TRUE(result.has_value()) << result.error().message;
  ASSERT_THAT(result->manifest.not_read, SizeIs(1));
  EXPECT_EQ(result->manifest.not_read.front().range, me);
  EXPECT_TRUE(ByteView(result->content).clip(me).filled_with(std::byte{0xFF}));
  EXPECT_EQ(sha256(Bytes(result->content).subspan(bios.offset)), sha256(Bytes(original_).subspan(bios.offset)));
  ASSERT_THAT(vault_->not_read(result->manifest.sha256), SizeIs(1)) << "also when it is read from the vault again";
  EXPECT_EQ(vault_->not_read(result->manifest.sha256).front().name, "me");
}

TEST_F(InternalTest, WritesTheBiosAndLeavesTheRestAlone) {
  const auto advice = look();
  ASSERT_TRUE(advice.has_value());
  const auto kept = back_up(*advice);
  ASSERT_TRUE(kept.has_value());
  const Buffer target = changed(kept->content);
  const auto written = write(target, options(*advice));
  ASSERT_TRUE(written.has_value()) << written.error().message;
  EXPECT_EQ(written->outcome, FlashResult::Outcome::written);
  Buffer expected = original_;
  std::ranges::copy(Bytes(target).subspan(bios.offset), std::span(expected).subspan(bios.offset).begin());
  EXPECT_EQ(chip().memory, expected);
  for (const auto& [at, length] : chip().erased) EXPECT_TRUE(bios.contains(Range{at, length})) << at;

  FlashOptions back = options(*advice);
  back.restore = true;
  back.chosen = true;
  back.not_held = vault_->not_read(kept->manifest.sha256);
  const auto restored = write(kept->content, back);
  ASSERT_TRUE(restored.has_value()) << restored.error().message;
  EXPECT_EQ(chip().memory, original_);
  EXPECT_THAT(listener_.notices, Contains(HasSubstr("not restored, because the host could not read it: me (0x1000-")));
}

TEST_F(InternalTest, RefusesAnImageWhosePartsWouldSilentlyBeLeftOut) {
  const auto advice = look();
  ASSERT_TRUE(advice.has_value());
  ASSERT_TRUE(back_up(*advice).has_value());
  const auto result = write(changed(original_), options(*advice));
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::refused);
  EXPECT_THAT(result.error().message, HasSubstr("me (0x1000-0x7ffff)"));
  EXPECT_EQ(chip().memory, original_);
  FlashOptions only_bios = options(*advice);
  only_bios.region = "bios";
  const auto written = write(changed(original_), only_bios);
  ASSERT_TRUE(written.has_value()) << written.error().message;
  EXPECT_EQ(chip().memory, changed(original_));
}

struct Forbidden {
  const char* what;
  const char* registers;
  const char* reason;
};

TEST_F(InternalTest, RefusesWithTheReasonBeforeAnythingIsWritten) {
  for (const Forbidden& c :
       {Forbidden{"no right", "bios_control 0x1\nhsfs 0xe000\nfrap 0x3\nfreg0 0x0\nfreg1 0xff0080\nfreg2 0x7f0001\n",
                  "the descriptor gives the host no right to write it"},
        Forbidden{"BIOS lock", "bios_control 0x2\nhsfs 0xe000\nfrap 0x203\nfreg0 0x0\nfreg1 0xff0080\nfreg2 0x7f0001\n",
                  "the BIOS lock is on"},
        Forbidden{"SMM", "bios_control 0x21\nhsfs 0xe000\nfrap 0x203\nfreg0 0x0\nfreg1 0xff0080\nfreg2 0x7f0001\n",
                  "the BIOS lock is on"},
        Forbidden{"protected range",
                  "bios_control 0x1\nhsfs 0xe000\nfrap 0x203\nfreg0 0x0\nfreg1 0xff0080\nfreg2 0x7f0001\nPR2 "
                  "0x80ff0080\n",
                  "a protected range of the controller, locked until the next start"}}) {
    registers(c.registers);
    const auto advice = look();
    ASSERT_TRUE(advice.has_value()) << c.what;
    const auto kept = back_up(*advice);
    ASSERT_TRUE(kept.has_value()) << c.what << kept.error().message;
    const auto result = write(changed(kept->content), options(*advice));
    ASSERT_FALSE(result.has_value()) << c.what;
    EXPECT_THAT(result.error().message, HasSubstr(c.reason)) << c.what;
    EXPECT_THAT(result.error().message, HasSubstr("Nothing was written to the chip.")) << c.what;
    EXPECT_EQ(chip().memory, original_) << c.what;
    EXPECT_EQ(chip().pages, 0U) << c.what;
  }
}

TEST_F(InternalTest, WritesUnderUnknownLocksOnlyWhenTold) {
  entries_.clear();  // no registers at all: what the descriptor on the chip says is all there is
  chip().faults.hidden.clear();
  const auto advice = look();
  ASSERT_TRUE(advice.has_value()) << advice.error().message;
  const auto kept = back_up(*advice);
  ASSERT_TRUE(kept.has_value()) << kept.error().message;
  FlashOptions asked = options(*advice);
  const auto refused = write(changed(kept->content), asked);
  ASSERT_FALSE(refused.has_value());
  EXPECT_TRUE(refused.error().lifted_by.has(Override::internal)) << refused.error().message;
  EXPECT_EQ(chip().memory, original_);
  asked.accepted.add(Override::internal);
  const auto written = write(changed(kept->content), asked);
  ASSERT_TRUE(written.has_value()) << written.error().message;
  EXPECT_EQ(chip().memory, changed(original_));
}

TEST_F(InternalTest, IsRefusedWhereNothingTellsWhatMayBeRead) {
  entries_.clear();
  chip().faults.hidden = {{0, size}};
  const auto advice = look();
  ASSERT_FALSE(advice.has_value());
  EXPECT_THAT(advice.error().message, HasSubstr("Nothing tells which parts of this chip may be read"));
}

// With a clip the ME region can be read: the backup from within must not blank it.
TEST_F(InternalTest, ABackupFromWithinRestoredWithAClipKeepsTheMe) {
  const auto advice = look();
  ASSERT_TRUE(advice.has_value());
  const auto kept = back_up(*advice);
  ASSERT_TRUE(kept.has_value());
  chip().faults.hidden.clear();
  chip().memory = changed(original_);
  const auto restored = quell({"restore", kept->manifest.sha256, "--yes", "--allow-untested"});
  ASSERT_EQ(restored.status, 0) << restored.errors;
  EXPECT_EQ(chip().memory, original_);
  EXPECT_THAT(restored.errors, HasSubstr("me (0x1000-0x7ffff) stays as it is"));
}

TEST_F(InternalTest, AnInterruptedJobGoesOn) {
  const auto advice = look();
  ASSERT_TRUE(advice.has_value());
  const auto kept = back_up(*advice);
  ASSERT_TRUE(kept.has_value());
  const Buffer target = changed(changed(kept->content), bios.offset + 0x20000);
  chip().faults.cut_after = 5000;
  ASSERT_FALSE(write(target, options(*advice)).has_value());
  chip().faults = {.hidden = {me}};
  chip().power_up();
  const auto resumed = write(target, options(*advice));
  ASSERT_TRUE(resumed.has_value()) << resumed.error().message;
  EXPECT_EQ(resumed->outcome, FlashResult::Outcome::resumed);
  EXPECT_EQ(Bytes(chip().memory).subspan(bios.offset).size(), bios.size);
  EXPECT_TRUE(equal(Bytes(chip().memory).subspan(bios.offset), Bytes(target).subspan(bios.offset)));
}

}  // namespace
}  // namespace quell::spi
