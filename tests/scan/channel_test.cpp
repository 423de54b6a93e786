// SPDX-License-Identifier: GPL-2.0-or-later
// What a worker says is taken apart without trust.
#include "scan/channel.h"

#include <array>

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace quell::scan {
namespace {

std::vector<Reply> replies() {
  Digested digested{.stamp = {1, -2, 3}};
  digested.sha256.fill(std::byte{0xAB});
  return {digested, Unread{FileStatus::changed, "why"},
          Looked{ImageStatus::damaged, Severity::error, std::chrono::microseconds(77), "an error", R"("a":1)"},
          Looked{.status = ImageStatus::ok, .members = std::string(100000, 'x')}};
}

TEST(ScanChannel, RepliesComeOutAsTheyWentIn) {
  Buffer received;
  for (const Reply& reply : replies()) {
    const Buffer frame = encode(reply);
    received.insert(received.end(), frame.begin(), frame.end());
  }
  for (const Reply& reply : replies()) {
    const auto taken = take_reply(received);
    ASSERT_TRUE(taken && *taken);
    EXPECT_EQ(encode(**taken), encode(reply));
  }
  EXPECT_TRUE(received.empty());
}

TEST(ScanChannel, WaitsForTheRestOfAFrame) {
  for (const Reply& reply : replies()) {
    const Buffer frame = encode(reply);
    for (std::size_t size = 0; size < std::min<std::size_t>(frame.size(), 200); ++size) {
      Buffer part(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
      const auto taken = take_reply(part);
      ASSERT_TRUE(taken);
      EXPECT_FALSE(*taken);
      EXPECT_EQ(part.size(), size);
    }
  }
}

TEST(ScanChannel, TakesNoNonsense) {
  const auto refused = [](Buffer frame) { return !take_reply(frame).has_value(); };
  EXPECT_TRUE(refused(Buffer(64, std::byte{0xFF})));
  EXPECT_TRUE(refused(encode(Looked{.members = "\"a\":1}}\n{"})));
  EXPECT_TRUE(refused(encode(Looked{.error = "\x1B[2J"})));
  EXPECT_TRUE(refused(encode(Unread{FileStatus::ok, "fine"})));
  EXPECT_TRUE(refused(encode(Looked{.status = static_cast<ImageStatus>(9)})));
  EXPECT_TRUE(refused(encode(Looked{.worst = static_cast<Severity>(9)})));
  Buffer kind = encode(Unread{FileStatus::changed, ""});
  kind.at(4) = std::byte{3};
  EXPECT_TRUE(refused(kind));
}

// One byte of any frame changed: an answer or an error, nothing else.
TEST(ScanChannel, SurvivesEveryChangedByte) {
  for (const Reply& reply : replies()) {
    const Buffer frame = encode(reply);
    for (std::size_t at = 0; at < std::min<std::size_t>(frame.size(), 120); ++at) {
      for (const unsigned value : {0U, 1U, 0x7FU, 0x80U, 0xFFU}) {
        Buffer changed = frame;
        changed.at(at) = static_cast<std::byte>(value);
        static_cast<void>(take_reply(changed));
      }
    }
  }
}

TEST(ScanChannel, HandsOpenFilesOver) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  FileDescriptor parent(ends[0]);
  const FileDescriptor worker(ends[1]);
  EXPECT_TRUE(send_order(parent.get(), Order::read, worker.get()));
  EXPECT_TRUE(send_order(parent.get(), Order::examine));
  const auto first = receive_order(worker.get());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->order, Order::read);
  EXPECT_TRUE(first->file.valid());
  EXPECT_NE(first->file.get(), worker.get());
  const auto second = receive_order(worker.get());
  ASSERT_TRUE(second);
  EXPECT_EQ(second->order, Order::examine);
  EXPECT_FALSE(second->file.valid());
  parent = FileDescriptor();
  EXPECT_FALSE(receive_order(worker.get()));
}

}  // namespace
}  // namespace quell::scan
