// SPDX-License-Identifier: GPL-2.0-or-later
// Small files that claim to be large inside. The promise: 0.5 s and 2 s per 16 MiB of a processor's time, and 64 MiB
// and four times the size of memory.
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "host/tar.h"
#include "quell/host/root.h"
#include "specimen/intel_parts.h"
#include "specimen/specimen.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell::test {
namespace {

constexpr std::size_t usual_modules = 64;
constexpr std::size_t most_modules = 255;

// The stream declares 16 MiB and ends 128 KiB short of that, so it is unpacked in vain.
Buffer broken_stream() {
  constexpr std::size_t declared = std::size_t{16} << 20U;
  Buffer stream = specimen::intel_lzma(Buffer(declared - 0x20000), true);
  for (unsigned i = 0; i < 8; ++i) stream[5 + i] = static_cast<std::byte>(declared >> (8 * i) & 0xFFU);
  return stream;
}

// Partitions whose directories all lead to the same broken streams.
Buffer shared_streams(std::size_t partitions, std::size_t modules_each = usual_modules) {
  const Buffer stream = broken_stream();
  constexpr std::uint64_t directories = 0x4000;
  constexpr std::uint64_t directory_size = 0x2000;
  const std::uint64_t area = directories + partitions * directory_size;
  const std::uint64_t end = area + modules_each * stream.size();
  specimen::Canvas out(end + 0x1000);
  out.put(0x10, as_bytes("$FPT")).u32(0x14, static_cast<std::uint32_t>(partitions)).u32(0x18, 0x00201020);
  for (std::uint64_t p = 0; p < partitions; ++p) {
    const std::uint64_t start = directories + p * directory_size;
    const std::string name = p == 0 ? "FTPR" : fmt::format("P{:03}", p);
    const std::uint64_t row = 0x30 + p * 0x20;
    out.put(row, as_bytes(name)).u32(row + 8, static_cast<std::uint32_t>(start));
    out.u32(row + 12, static_cast<std::uint32_t>(end - start));
    for (const std::uint64_t zero : {16U, 20U, 24U, 28U}) out.u32(row + zero, 0);
    out.put(start, as_bytes("$CPD"))
        .u32(start + 4, static_cast<std::uint32_t>(modules_each))
        .u32(start + 8, 0x00100101)
        .put(start + 12, as_bytes(name));
    for (std::uint64_t m = 0; m < modules_each; ++m) {
      const std::uint64_t at = start + 16 + m * 24;
      out.put(at, Buffer(12)).put(at, as_bytes(fmt::format("m{}", m)));
      out.u32(at + 12, static_cast<std::uint32_t>(area - start + m * stream.size())).u32(at + 16, 1).u32(at + 20, 0);
    }
  }
  for (std::uint64_t m = 0; m < modules_each; ++m) out.put(area + m * stream.size(), stream);
  return std::move(out).take();
}

struct Cost {
  double seconds;
  std::uint64_t memory;
};

// What one run of the program takes of a processor and of memory.
Cost cost_of(const std::vector<std::string>& arguments) {
  const std::string wrapper =
      "import os,resource,sys\n"
      "pid=os.posix_spawn(sys.argv[1],sys.argv[1:],os.environ,file_actions=[(os.POSIX_SPAWN_OPEN,1,'/dev/null',1,0)])\n"
      "_,_,u=os.wait4(pid,0)\nprint(u.ru_utime+u.ru_stime,u.ru_maxrss)\n";
  std::vector<std::string> line{"-c", wrapper, QUELL_PROGRAM};
  line.insert(line.end(), arguments.begin(), arguments.end());
  const Outcome outcome = run_program("/usr/bin/python3", line);
  std::istringstream numbers(outcome.out);
  Cost cost{};
  numbers >> cost.seconds >> cost.memory;
  EXPECT_TRUE(numbers) << outcome.out << outcome.error;
  cost.memory *= 1024;
  return cost;
}

// Sanitizers take their own time and memory.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool measured = false;
#elif defined(__has_feature)
constexpr bool measured = !__has_feature(address_sanitizer);
#else
constexpr bool measured = true;
#endif

void expect_bounded(const std::filesystem::path& file, const std::vector<std::string>& arguments) {
  const Cost cost = cost_of(arguments);
  if (!measured) return;
  const auto size = std::filesystem::file_size(file);
  EXPECT_LT(cost.seconds, 0.5 + 2.0 * static_cast<double>(size) / (16 << 20)) << arguments[0];
  EXPECT_LT(cost.memory, (std::uint64_t{64} << 20U) + 4 * size) << arguments[0];
}

TEST(Bombs, StreamsThatPartitionsShareAndThatFail) {
  const TemporaryFolder folder;
  for (const std::size_t partitions : {2U, 8U}) {
    const auto file = folder / "bomb.bin";
    ASSERT_TRUE(write_file(file, shared_streams(partitions)));
    expect_bounded(file, {"check", file});
    expect_bounded(file, {"inspect", file});
    expect_bounded(file, {"extract", file, "-d", folder / std::to_string(partitions)});
  }
}

TEST(Bombs, ADirectoryThatClaimsMorePiecesThanAFolderShouldHold) {
  const TemporaryFolder folder;
  const auto file = folder / "bomb.bin";
  ASSERT_TRUE(write_file(file, shared_streams(100)));
  const Outcome outcome = run_program(QUELL_PROGRAM, {"extract", file, "-d", folder / "parts"});
  EXPECT_EQ(outcome.status, 4);
  EXPECT_THAT(outcome.error, testing::HasSubstr("pieces"));
  EXPECT_FALSE(std::filesystem::exists(folder / "parts"));
}

TEST(Bombs, DirectoriesThatLeadToTheSamePlacesAreCheckedInTime) {
  const TemporaryFolder folder;
  {
    const auto file = folder / "bomb.bin";
    ASSERT_TRUE(write_file(file, shared_streams(100)));
    expect_bounded(file, {"check", file});
    expect_bounded(file, {"inspect", file});
  }
}

// 51,000 names in 2 MiB took 126 MiB, whatever they lead to.
TEST(Bombs, DirectoriesThatListMoreThanAnImageHolds) {
  const TemporaryFolder folder;
  const auto file = folder / "bomb.bin";
  ASSERT_TRUE(write_file(file, shared_streams(200, most_modules)));
  expect_bounded(file, {"check", file});
  expect_bounded(file, {"inspect", file});
  const Outcome outcome = run_program(QUELL_PROGRAM, {"check", file, "--json"});
  EXPECT_THAT(outcome.out, testing::HasSubstr("intel.cse.implausible"));
}

TEST(Bombs, FailedUnpackingIsChargedAndSaid) {
  const TemporaryFolder folder;
  const auto file = folder / "bomb.bin";
  ASSERT_TRUE(write_file(file, shared_streams(2)));
  const Outcome outcome = run_program(QUELL_PROGRAM, {"check", file, "--json"});
  EXPECT_THAT(outcome.out, testing::HasSubstr("intel.cse.implausible"));
}

// 72 KB of one path with 32,000 parts took 988 MiB; many paths of 4 KiB are as bad.
TEST(Bombs, PathsInACapturedTree) {
  const TemporaryFolder folder;
  std::string one;
  for (int i = 0; i < 32000; ++i) one += "/a";
  std::string many;
  for (int i = 0; many.size() < (std::size_t{1} << 20U); ++i) {
    many += fmt::format("/{}", i);
    for (int part = 0; part < 2000; ++part) many += "/b";
    many += "\tdenied\n";
  }
  int number = 0;
  for (const std::string& denied : {one + "\tx\n", many}) {
    const auto file = folder / fmt::format("{}.tar", number++);
    const auto tar = host::write_tar({{"/quell/denied", {host::Entry::Kind::file, denied}}});
    ASSERT_TRUE(tar.has_value());
    ASSERT_TRUE(write_file(file, *tar));
    expect_bounded(file, {"status", "--root", file});
  }
}

TEST(Bombs, AFileThatNoChipHoldsIsRefusedByItsSize) {
  const TemporaryFolder folder;
  const auto file = folder / "big";
  std::ofstream(file).close();
  std::filesystem::resize_file(file, std::uint64_t{4} << 30U);
  for (const std::string command : {"inspect", "check"}) {
    EXPECT_EQ(run_program(QUELL_PROGRAM, {command, file}).status, 5);
    EXPECT_LT(cost_of({command, file}).memory, std::uint64_t{64} << 20U);
  }
}

}  // namespace
}  // namespace quell::test
