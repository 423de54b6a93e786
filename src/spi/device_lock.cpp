// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/device_lock.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "spi/failure.h"

namespace quell::spi {
namespace {

tl::unexpected<Error> busy(const Programmer& programmer) {
  return failed("programmer-busy", {{"programmer", programmer.text()}});
}

tl::unexpected<Error> no_lock(const std::string& what, int number) {
  return failed("programmer-lock", {{"what", what}, {"detail", std::strerror(number)}});
}

Result<FileDescriptor> lock_node(const Programmer& programmer, const std::string& node) {
  FileDescriptor file(::open(node.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.valid()) return no_lock(node, errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno == EWOULDBLOCK) return busy(programmer);
  return no_lock(node, errno);
}

// An abstract name lives as long as a descriptor of its socket, in one name space for all users.
Result<FileDescriptor> lock_name(const Programmer& programmer) {
  const std::string name = fmt::format("quell/programmer/{}", programmer.lock_name());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // The first byte stays 0, which makes the name abstract.
  std::ranges::copy(name, std::span(address.sun_path).subspan(1).begin());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return no_lock(name, errno);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the interface of the system
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0) return socket;
  if (errno == EADDRINUSE) return busy(programmer);
  return no_lock(name, errno);
}

}  // namespace

Result<FileDescriptor> lock_device(const Programmer& programmer) {
  const std::string node = programmer.node();
  QUELL_TRY(const FileDescriptor lock, node.empty() ? lock_name(programmer) : lock_node(programmer, node));
  // Out of the way of the numbers that the worker is given its descriptors at.
  constexpr int first_free = 10;
  FileDescriptor moved(::fcntl(lock.get(), F_DUPFD_CLOEXEC, first_free));
  if (!moved.valid()) return no_lock(node, errno);
  return moved;
}

}  // namespace quell::spi
