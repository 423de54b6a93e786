// SPDX-License-Identifier: GPL-2.0-or-later
// A scan that is killed at any moment and gone on with ends as one that was left alone.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "base/file_descriptor.h"
#include "scan/lines.h"
#include "scan/zstd_frames.h"
#include "specimen/intel.h"
#include "support/program.h"
#include "support/sanitizers.h"
#include "support/shared.h"
#include "support/temporary_folder.h"

namespace quell::test {
namespace {

namespace fs = std::filesystem;

struct KillCase {
  const char* what;
  const char* output;
  int rounds;
  bool real = false;  // all real firmware that is there
};

class Killed : public testing::TestWithParam<KillCase> {
 protected:
  void SetUp() override {
    if (GetParam().real) {
      if (sanitized) GTEST_SKIP() << "sanitizers make it long; the synthetic images are enough for them";
      images_ = shared("corpus");
      if (!fs::is_directory(images_)) GTEST_SKIP() << "needs " << images_;
      return;
    }
    images_ = folder_ / "in";
    fs::create_directory(images_);
    Buffer region = specimen::intel_small_me_region(specimen::IntelFlavour::me11);
    for (unsigned i = 0; i < 60; ++i) {
      // Every third file has the content of the one before.
      if (i % 3 != 0) region.back() = static_cast<std::byte>(i);
      ASSERT_TRUE(write_file(folder_ / ("in/" + std::to_string(i) + ".bin"), region));
    }
  }

  [[nodiscard]] std::vector<std::string> words(const std::string& output) const {
    return {"scan", images_, "--jobs", "2", "--progress", "none", "--resume", "-o", folder_ / output};
  }

  // The lines as text, whatever the form.
  [[nodiscard]] std::string text(const std::string& name) const {
    if (!name.ends_with(".zst")) return file_text(folder_ / name);
    const FileDescriptor file(::open((folder_ / name).c_str(), O_RDONLY | O_CLOEXEC));
    std::string content;
    EXPECT_TRUE(scan::for_each_frame(file.get(), [&](std::string_view frame) {
      content += frame;
      return true;
    }));
    return content;
  }

  // Starts the scan and kills it after so long. True: it was running still.
  [[nodiscard]] bool kill_after(const std::string& output, std::chrono::microseconds time) const {
    std::vector<std::string> arguments = words(output);
    arguments.insert(arguments.begin(), QUELL_PROGRAM);
    std::vector<char*> argv;
    for (std::string& word : arguments) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t child = -1;
    EXPECT_EQ(::posix_spawn(&child, QUELL_PROGRAM, nullptr, nullptr, argv.data(), ::environ), 0);
    std::this_thread::sleep_for(time);
    ::kill(child, SIGKILL);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFSIGNALED(status);
  }

  TemporaryFolder folder_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  fs::path images_;         // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

TEST_P(Killed, AtAnyMomentAndResumedItEndsTheSame) {
  const std::string name = GetParam().output;
  if (name.ends_with(".zst") && !scan::has_compression()) GTEST_SKIP() << "this build has no zstd";
  const Outcome alone = run_program(QUELL_PROGRAM, words("alone-" + name));
  ASSERT_EQ(alone.status, 0) << alone.error;
  const auto expected = comparable(text("alone-" + name));
  if (!GetParam().real) {
    ASSERT_EQ(expected.size(), 60U + 41U);
  }
  std::mt19937 random(15);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same moments each time
  // The first run may have had to wait for the disk: the kills would come when the others have ended.
  const Outcome again = run_program(QUELL_PROGRAM, words("again-" + name));
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(std::min(alone.time, again.time)).count();
  std::uniform_int_distribution<std::int64_t> moment(0, std::max<std::int64_t>(whole, 1000));
  const int rounds = GetParam().rounds;
  int killed = 0;
  for (int round = 0; round < rounds; ++round) {
    // Twice, so that what was gone on with is torn too.
    for (int i = 0; i < 2; ++i) killed += kill_after(name, std::chrono::microseconds(moment(random))) ? 1 : 0;
    const Outcome resumed = run_program(QUELL_PROGRAM, words(name));
    ASSERT_EQ(resumed.status, 0) << resumed.error;
    ASSERT_EQ(comparable(text(name)), expected) << "round " << round;
    fs::remove(folder_ / name);
  }
  EXPECT_GT(killed, rounds / 2);
}

INSTANTIATE_TEST_SUITE_P(Scan, Killed,
                         testing::Values(KillCase{"Plain", "out.ndjson", 50}, KillCase{"Packed", "out.ndjson.zst", 6},
                                         KillCase{"RealFirmware", "out.ndjson", 10, true}),
                         [](const auto& one) { return one.param.what; });

}  // namespace
}  // namespace quell::test
