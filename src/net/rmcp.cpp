// SPDX-License-Identifier: GPL-2.0-or-later
// RMCP header: 06 version, 00, FF no acknowledgement, 06 class ASF. ASF message: u32 IANA number of ASF (4542), u8 type
// (80 ping, 40 pong), u8 tag, 00, u8 length of data. Data of a pong, big-endian: u32 enterprise number, u32 of that
// enterprise, u8 supported entities (bit 7 IPMI, low half 1 ASF 1.0), u8 interactions, 6 reserved. (IPMI specification
// 2.0, chapter 13.2; DMTF DSP0136)
#include "net/rmcp.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/file_descriptor.h"

namespace quell::net {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t header_size = 12;
constexpr std::size_t pong_data_size = 16;
constexpr std::uint8_t ping_tag = 0x51;
constexpr std::array<std::uint8_t, header_size> ping{0x06, 0x00, 0xFF, 0x06,     0x00, 0x00,
                                                     0x11, 0xBE, 0x80, ping_tag, 0x00, 0x00};
constexpr unsigned most_datagrams = 32;

std::uint32_t big_endian(Bytes bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (const std::byte byte : bytes.subspan(at, 4)) out = out << 8U | std::to_integer<std::uint32_t>(byte);
  return out;
}

// A datagram socket that only hears from this address; empty when there is none.
FileDescriptor connected(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &list) != 0) return FileDescriptor(-1);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(list, &::freeaddrinfo);
  FileDescriptor socket(::socket(found->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.valid() && ::connect(socket.get(), found->ai_addr, found->ai_addrlen) != 0) return FileDescriptor(-1);
  return socket;
}

}  // namespace

std::optional<Presence> read_pong(Bytes datagram, std::uint8_t tag) {
  if (datagram.size() < header_size + pong_data_size) return std::nullopt;
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint8_t>(datagram[i]); };
  const bool asf_message = at(0) == 0x06 && (at(3) & 0x1FU) == 0x06 && big_endian(datagram, 4) == 4542;
  if (!asf_message || at(8) != 0x40 || at(9) != tag || at(11) < pong_data_size) return std::nullopt;
  const std::uint8_t entities = at(header_size + 8);
  return Presence{.answered = true,
                  .ipmi = (entities & 0x80U) != 0,
                  .asf = (entities & 0x0FU) == 1,
                  .enterprise = big_endian(datagram, header_size)};
}

Presence presence_ping(const std::string& address, std::uint16_t port, std::chrono::milliseconds timeout) {
  const auto end = Clock::now() + timeout;
  const FileDescriptor socket = connected(address, port);
  if (!socket.valid() || ::send(socket.get(), ping.data(), ping.size(), MSG_NOSIGNAL) < 0)
    return {.problem = std::generic_category().message(errno)};
  for (unsigned seen = 0; seen < most_datagrams; ++seen) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd waiting{socket.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0)
      return {.problem = "no answer in time"};
    std::array<std::byte, 256> buffer{};
    const auto count = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (count < 0) return {.problem = std::generic_category().message(errno)};
    if (auto pong = read_pong(Bytes(buffer).first(static_cast<std::size_t>(count)), ping_tag)) return *pong;
  }
  return {.problem = "answers that are no presence pong"};
}

}  // namespace quell::net
