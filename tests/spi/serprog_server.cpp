// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/serprog_server.h"

#include <array>
#include <chrono>
#include <initializer_list>
#include <stdexcept>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace quell::test {
namespace {

constexpr std::byte ack{0x06}, nak{0x15};
constexpr std::array supported{0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x08, 0x0B,
                               0x0E, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15};

bool receive(int socket, std::span<std::byte> into) {
  while (!into.empty()) {
    const ssize_t got = ::recv(socket, into.data(), into.size(), 0);
    if (got <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

bool send_all(int socket, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

bool answer(int socket, std::initializer_list<int> values) {
  Buffer bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return send_all(socket, bytes);
}

std::uint64_t little(Bytes bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) value |= std::uint64_t{std::to_integer<unsigned>(bytes[i])} << 8 * i;
  return value;
}

}  // namespace

SerprogServer::SerprogServer(FlashModel model) : model_(std::move(model)) {
  listener_ = FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = static_cast<sockaddr*>(static_cast<void*>(&address));
  if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 4) != 0 ||
      ::getsockname(listener_.get(), generic, &size) != 0) {
    throw std::runtime_error("no loopback socket");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

SerprogServer::~SerprogServer() {
  ending_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
  if (const int socket = present_; socket >= 0) ::shutdown(socket, SHUT_RDWR);
  thread_.join();
}

std::string SerprogServer::programmer() const { return fmt::format("serprog:ip=127.0.0.1:{}", port_); }

void SerprogServer::serve() {
  while (!ending_) {
    const FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.valid()) return;
    const int one = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    present_ = socket.get();
    ++connections_;
    if (on_connect) on_connect(connections_);
    converse(socket.get());
    present_ = -1;
  }
}

void SerprogServer::converse(int socket) {
  std::array<std::byte, 1> opcode{};
  while (receive(socket, opcode)) {
    if (!command(socket, std::to_integer<unsigned>(opcode[0]))) return;
  }
}

bool SerprogServer::command(int socket, unsigned opcode) {
  std::array<std::byte, 4> data{};
  switch (opcode) {
    case 0x00: return answer(socket, {0x06});
    case 0x01: return answer(socket, {0x06, 1, 0});
    case 0x02: {
      Buffer reply(33, std::byte{0});
      reply[0] = ack;
      for (const int number : supported)
        reply[1 + static_cast<std::size_t>(number) / 8] |= static_cast<std::byte>(1U << (number % 8));
      return send_all(socket, reply);
    }
    case 0x03: {
      Buffer reply(17, std::byte{0});
      reply[0] = ack;
      reply[1] = std::byte{'q'};
      return send_all(socket, reply);
    }
    case 0x04:
    case 0x07: return answer(socket, {0x06, 0xFF, 0xFF});
    case 0x05: return answer(socket, {0x06, 0x08});
    case 0x08:
    case 0x11: return answer(socket, {0x06, 0, 0, 0});
    case 0x0B:
    case 0x0F: return answer(socket, {0x06});
    case 0x0E: return receive(socket, data) && answer(socket, {0x06});  // waits are skipped
    case 0x10: return answer(socket, {0x15, 0x06});
    case 0x12:
    case 0x15: return receive(socket, std::span(data).first(1)) && answer(socket, {0x06});
    case 0x13: return spi_operation(socket);
    case 0x14: {
      if (!receive(socket, data)) return false;
      const std::scoped_lock guard(mutex_);
      model_.clock_hz = static_cast<std::uint32_t>(little(data));
      return answer(socket, {0x06}) && send_all(socket, data);
    }
    default: return send_all(socket, std::array{nak});
  }
}

bool SerprogServer::spi_operation(int socket) {
  std::array<std::byte, 6> lengths{};
  if (!receive(socket, lengths)) return false;
  Buffer sent(little(Bytes(lengths).first(3)));
  if (!receive(socket, sent)) return false;
  Buffer reply;
  FlashModel::Line line{};
  bool refused = false;
  {
    const std::scoped_lock guard(mutex_);
    reply = model_.transfer(sent, little(Bytes(lengths).subspan(3)));
    line = model_.line();
    refused = model_.refused();
  }
  if (line == FlashModel::Line::stall) {
    pollfd wait{socket, POLLRDHUP, 0};
    while (!ending_ && ::poll(&wait, 1, 100) == 0) {
    }
    return false;
  }
  if (line == FlashModel::Line::cut) {
    // A reset, not an orderly end: the library spins for ever on the latter.
    const linger hard{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    if (on_cut) on_cut();
    return false;
  }
  if (line == FlashModel::Line::close) return false;
  if (refused) return answer(socket, {0x15});
  return answer(socket, {0x06}) && send_all(socket, reply);
}

}  // namespace quell::test
