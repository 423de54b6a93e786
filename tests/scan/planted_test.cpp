// SPDX-License-Identifier: GPL-2.0-or-later
// Images that crash a worker, keep it busy, take its memory, cannot be read or are no files: each costs its own line.
// What the planted images do is done by the examiner of this program; the real one has no such thing in it.
#include <csignal>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base64.h"
#include "scan/lines.h"
#include "scan/scan.h"
#include "support/sanitizers.h"
#include "support/temporary_folder.h"

namespace quell::scan {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::file_line;
using test::image_line;
using test::sanitized;

// Whether this worker can still do what the sandbox takes away.
bool is_free() {
  return ::open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || ::socket(AF_INET, SOCK_STREAM, 0) >= 0 || ::fork() >= 0;
}

Looked misbehave(Image& image) {
  const ByteView bytes = image.bytes();
  if (bytes.matches(0, "crash")) ::raise(SIGSEGV);
  if (bytes.matches(0, "leave")) ::_exit(0);
  if (bytes.matches(0, "throw")) throw std::runtime_error("a mistake");
  if (bytes.matches(0, "free?") && !sanitized && is_free()) return {.error = "free"};
  if (bytes.matches(0, "odd text")) return {.error = "two\nlines \x1B[2J"};
  if (bytes.matches(0, "nonsense")) return {.members = "\n"};
  if (bytes.matches(0, "memory")) static_cast<void>(Buffer(std::size_t{1} << 40U));
  for (volatile bool forever = bytes.matches(0, "loop"); forever;) {
  }
  return {.status = ImageStatus::unknown, .members = R"("checks":{},"engines":[],"findings":[],"advisories":[])"};
}

class Planted : public testing::Test {
 protected:
  std::string plant(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name) << content;
    return folder_ / name;
  }

  // The lines of a scan of the folder.
  std::vector<json> scan(unsigned jobs = 2, unsigned files = 1000) {
    Options options;
    walk(folder_.path(), {}, options.paths);
    options.paths.sort();
    options.output = out_ / "out.ndjson";
    options.key = run_key("inspect");
    options.pool = {.jobs = jobs, .timeout = std::chrono::milliseconds(1000), .files = files};
    const auto progress = run(options, misbehave);
    EXPECT_TRUE(progress) << progress.error().message;
    if (!progress) return {};
    EXPECT_EQ(progress->done, options.paths.size());
    std::vector<json> lines = test::lines_of(test::file_text(options.output));
    // Every path has its line, every content its own.
    for (std::size_t i = 0; i < options.paths.size(); ++i) {
      const std::string path(options.paths.at(i));
      const json file = file_line(lines, path);
      EXPECT_TRUE(file.is_object() || path.find('\xFF') != std::string::npos) << path;
      if (file.is_object() && file["status"] == "ok") {
        EXPECT_TRUE(image_line(lines, path).is_object()) << path;
      }
    }
    return lines;
  }

  test::TemporaryFolder folder_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
  test::TemporaryFolder out_;     // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

TEST_F(Planted, ImagesCostTheirOwnLineAndNoOther) {
  for (int i = 0; i < 40; ++i) plant("sound-" + std::to_string(i), "sound " + std::to_string(i / 2));
  const std::string crash = plant("crash", "crash");
  const std::string again = plant("crash-again", "crash");
  const std::string leave = plant("leave", "leave");
  const std::string loop = plant("loop", "loop");
  const std::string nonsense = plant("nonsense", "nonsense");
  const std::string thrown = plant("thrown", "throw");
  const std::string odd = plant("odd", "odd text");
  const auto lines = scan();
  EXPECT_EQ(image_line(lines, odd)["error"], "two\\x0alines \\x1b[2J");
  EXPECT_EQ(image_line(lines, crash)["status"], "crash");
  // A sanitizer turns the fault into an exit of its own.
  if (!sanitized) {
    EXPECT_EQ(image_line(lines, crash)["signal"], SIGSEGV);
  }
  EXPECT_EQ(file_line(lines, again)["status"], "ok");
  EXPECT_EQ(image_line(lines, leave)["status"], "crash");
  EXPECT_EQ(image_line(lines, nonsense)["status"], "crash");
  EXPECT_EQ(image_line(lines, loop)["status"], "timeout");
  EXPECT_GE(image_line(lines, loop)["ms"], 900);
  EXPECT_EQ(image_line(lines, thrown)["error"], "a mistake");
  int sound = 0;
  for (const json& line : lines) sound += line.contains("image") && line["image"]["status"] == "unknown" ? 1 : 0;
  EXPECT_EQ(sound, 20);
}

TEST_F(Planted, TooMuchMemoryIsALineAndTheNextImageHasItAll) {
  if (sanitized) GTEST_SKIP() << "sanitizers set no limit of memory";
  const std::string memory = plant("a-memory", "memory");
  const std::string after = plant("b-after", "sound");
  const std::string whole = plant("c-whole", "");
  fs::resize_file(whole, (std::uint64_t{512} << 20U) - 1);
  const auto lines = scan(1);
  EXPECT_EQ(image_line(lines, memory)["status"], "memory");
  EXPECT_EQ(image_line(lines, after)["status"], "unknown");
  EXPECT_EQ(file_line(lines, whole)["status"], "memory");
}

TEST_F(Planted, WhatIsNoFileIsSaidAndNeverOpened) {
  const std::string sound = plant("sound", "sound");
  const std::string closed = plant("closed", "secret");
  ASSERT_EQ(::chmod(closed.c_str(), 0), 0);
  const std::string fifo = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const std::string loop = folder_ / "loop";
  fs::create_symlink("loop", loop);
  const std::string device = folder_ / "device";
  fs::create_symlink("/dev/zero", device);
  const std::string large = plant("large", "");
  fs::resize_file(large, (std::uint64_t{512} << 20U) + 1);
  const std::string lines_end = plant("line\nend", "other");
  std::ofstream(folder_ / "odd\xFFname") << "third";
  const auto lines = scan();
  EXPECT_EQ(file_line(lines, fifo)["status"], "not-a-file");
  EXPECT_EQ(file_line(lines, device)["status"], "not-a-file");
  EXPECT_EQ(file_line(lines, loop)["status"], "unreadable");
  EXPECT_EQ(file_line(lines, large)["status"], "too-large");
  EXPECT_EQ(file_line(lines, closed)["status"], ::getuid() == 0 ? "ok" : "unreadable");
  EXPECT_EQ(file_line(lines, sound)["status"], "ok");
  EXPECT_EQ(file_line(lines, lines_end)["status"], "ok");
  const json odd = file_line(lines, folder_.path().string() + "/odd\xEF\xBF\xBDname");
  EXPECT_EQ(odd["path_base64"], base64(as_bytes(folder_.path().string() + "/odd\xFFname")));
}

TEST_F(Planted, WorkersAreInTheSandbox) {
  if (sanitized) GTEST_SKIP() << "sanitizers need what the sandbox takes away";
  const std::string question = plant("question", "free?");
  EXPECT_FALSE(image_line(scan(), question).contains("error"));
}

TEST_F(Planted, WorkersAreReplacedAfterSoManyFiles) {
  for (int i = 0; i < 50; ++i) plant(std::to_string(i), "sound " + std::to_string(i));
  EXPECT_EQ(scan(2, 3).size(), 100U);
}

TEST_F(Planted, AVanishedFileHasALine) {
  Options options;
  options.paths.add((folder_ / "gone").native());
  options.output = out_ / "out.ndjson";
  options.key = run_key("inspect");
  ASSERT_TRUE(run(options, misbehave));
  EXPECT_EQ(test::lines_of(test::file_text(options.output))[0]["file"]["status"], "unreadable");
}

// A file that another program writes to all the time: what is told of it is told of one content, or it was changed.
TEST_F(Planted, AFileThatChangesWhileItIsReadIsToldApart) {
  const std::string path = plant("changing", std::string(std::size_t{8} << 20U, 'x'));
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (unsigned round = 0; !stop; ++round) {
      const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
      const auto byte = static_cast<char>('a' + round % 26);
      if (::pwrite(file.get(), &byte, 1, static_cast<off_t>(round) % (8 << 20)) != 1) break;
      if (round % 64 == 0) fs::resize_file(path, (8U << 20U) - round % 1024);
    }
  });
  const auto lines = scan();
  stop = true;
  writer.join();
  const json status = file_line(lines, path)["status"];
  EXPECT_TRUE(status == "changed" || status == "ok") << status;
}

TEST_F(Planted, NoWorkerIsLeftBehind) {
  plant("loop", "loop");
  plant("sound", "sound");
  scan();
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is there still";
}

// The parent keeps the paths, a digest an image, and little else.
TEST_F(Planted, AHundredThousandPathsTakeLittleMemory) {
  if (sanitized) GTEST_SKIP() << "sanitizers take memory of their own";
  // One process of its own, so that its peak is its own.
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Options options;
    const std::string path = plant("one", "one");
    constexpr int files = 100000;
    for (int i = 0; i < files; ++i)
      options.paths.add(folder_.path().string() + "/a-folder-of-dumps/" + std::to_string(i) + ".rom");
    options.paths.sort();
    options.output = out_ / "many.ndjson";
    options.key = run_key("inspect");
    const bool complete = run(options, misbehave)->done == files;
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    ::_exit(complete && usage.ru_maxrss < 64 * 1024 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace quell::scan
