// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/protocol.h"

#include <array>
#include <chrono>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file_descriptor.h"

namespace quell::spi {
namespace {

struct SocketPair {
  SocketPair() {
    std::array<int, 2> pair{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
    mine = FileDescriptor(pair[0]);
    theirs = FileDescriptor(pair[1]);
  }
  FileDescriptor mine{}, theirs{};
};

auto soon() { return std::chrono::steady_clock::now() + std::chrono::milliseconds(50); }

TEST(Protocol, CarriesAnIdentityThereAndBack) {
  ChipIdentity identity;
  identity.definition = ChipDefinition{"Winbond", "W25Q128.V", 16 << 20, true, false};
  identity.candidates = {{"Macronix", "MX25L6405", 8 << 20, true, true},
                         {"Macronix", "MX25L6405D", 8 << 20, true, true}};
  identity.jedec_id = "ef4018";
  identity.status_register = 0x1C;
  const auto back = unpack_identity(pack(identity, 3));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->definition->name, "W25Q128.V");
  EXPECT_FALSE(back->definition->tested_write);
  ASSERT_EQ(back->candidates.size(), 2U);
  EXPECT_EQ(back->candidates[1].name, "MX25L6405D");
  EXPECT_EQ(back->status_register, 0x1C);
}

TEST(Protocol, RefusesEveryCutOffIdentity) {
  const Buffer whole =
      pack(ChipIdentity{ChipDefinition{"V", "N", 1, true, true}, {{"V", "M", 2}}, "ef4018", 1, "SPI"}, 0);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(unpack_identity(Bytes(whole).first(size)).has_value()) << size;
  }
}

TEST(Protocol, RefusesMoreCandidatesThanAnyLibraryHas) {
  Packer packer;
  packer.u32(0).text("").text("").u8(0).u8(0).u8(0).u32(0xFFFFFFFF);
  EXPECT_FALSE(unpack_identity(packer.take()).has_value());
}

TEST(Protocol, RefusesUnknownProtectionModes) {
  Buffer bytes = pack(Protection{});
  ASSERT_TRUE(unpack_protection(bytes).has_value());
  bytes[1] = std::byte{4};
  EXPECT_FALSE(unpack_protection(bytes).has_value());
}

TEST(Protocol, RefusesForeignHeaders) {
  const Buffer good = frame_header(MessageType::chunk, 10);
  ASSERT_TRUE(parse_frame_header(good).has_value());
  const auto with = [&](std::size_t offset, std::byte value) {
    Buffer bad = good;
    bad[offset] = value;
    return parse_frame_header(bad).has_value();
  };
  EXPECT_FALSE(with(0, std::byte{0})) << "magic";
  EXPECT_FALSE(with(4, std::byte{9})) << "type";
  EXPECT_FALSE(with(6, std::byte{2})) << "version";
  EXPECT_FALSE(with(11, std::byte{1})) << "length";
  EXPECT_FALSE(parse_frame_header(Bytes(good).first(11)).has_value());
}

TEST(Protocol, SendsAndReceives) {
  const SocketPair pair;
  const std::array payload{std::byte{1}, std::byte{2}};
  const std::array rest{std::byte{3}};
  ASSERT_TRUE(send_frame(pair.mine.get(), MessageType::chunk, payload, rest).has_value());
  const auto frame = receive_frame(pair.theirs.get(), soon());
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->type, MessageType::chunk);
  EXPECT_EQ(frame->payload, (Buffer{std::byte{1}, std::byte{2}, std::byte{3}}));
}

TEST(Protocol, TellsTimeoutInterruptionAndEndApart) {
  SocketPair pair;
  EXPECT_EQ(receive_frame(pair.theirs.get(), soon()).error().message, "timeout");
  const volatile int stop = 1;
  EXPECT_EQ(receive_frame(pair.theirs.get(), std::nullopt, &stop).error().message, "interrupted");
  pair.mine = FileDescriptor(::dup(pair.theirs.get()));
  SocketPair other;
  ::shutdown(other.mine.get(), SHUT_RDWR);
  EXPECT_EQ(receive_frame(other.theirs.get(), soon()).error().message, "closed");
}

TEST(Protocol, APartOfAFrameIsATimeoutAndNotAFrame) {
  const SocketPair pair;
  const Buffer head = frame_header(MessageType::chunk, 100);
  ASSERT_EQ(::send(pair.mine.get(), head.data(), head.size(), 0), static_cast<ssize_t>(head.size()));
  EXPECT_EQ(receive_frame(pair.theirs.get(), soon()).error().message, "timeout");
}

}  // namespace
}  // namespace quell::spi
