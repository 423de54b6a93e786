// SPDX-License-Identifier: GPL-2.0-or-later
// Linux Documentation/driver-api/ipmi.rst: a message goes out by IPMICTL_SEND_COMMAND to the system interface of the
// management controller, its answer comes by IPMICTL_RECEIVE_MSG_TRUNC once the descriptor is readable.
#include "host/ipmi_device.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/ipmi.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "base/file_descriptor.h"

namespace quell::host {
namespace {

constexpr int patience_ms = 2000;

Reading failure(int number) {
  const bool refused = number == EACCES || number == EPERM;
  const bool missing = number == ENOENT || number == ENXIO || number == ENODEV;
  const Reach reach = refused ? Reach::denied : missing ? Reach::absent : Reach::failed;
  return {reach, {}, std::generic_category().message(number)};
}

bool allowed(std::uint8_t function, std::uint8_t command) {
  constexpr std::uint8_t application = 0x06;
  constexpr std::uint8_t transport = 0x0C;
  return (function == application && command == 0x01) || (function == transport && command == 0x02);
}

}  // namespace

Reading ipmi_exchange(const std::string& device, std::uint8_t function, std::uint8_t command, Bytes data) {
  if (!allowed(function, command)) return {Reach::absent, {}, "no such question"};
  const FileDescriptor file(::open(fmt::format("/dev/{}", device).c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) return failure(errno);
  ipmi_system_interface_addr controller{};
  controller.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE;
  controller.channel = IPMI_BMC_CHANNEL;
  std::array<unsigned char, 16> body{};
  for (std::size_t i = 0; i < std::min(data.size(), body.size()); ++i)
    body.at(i) = std::to_integer<unsigned char>(data[i]);
  ipmi_req request{};
  void* place = &controller;
  request.addr = static_cast<unsigned char*>(place);
  request.addr_len = sizeof controller;
  request.msgid = 1;
  request.msg.netfn = function;
  request.msg.cmd = command;
  request.msg.data = body.data();
  request.msg.data_len = static_cast<unsigned short>(std::min(data.size(), body.size()));
  if (::ioctl(file.get(), IPMICTL_SEND_COMMAND, &request) != 0) return failure(errno);
  pollfd waiting{file.get(), POLLIN, 0};
  if (::poll(&waiting, 1, patience_ms) <= 0) return failure(ETIMEDOUT);
  ipmi_addr sender{};
  std::array<unsigned char, 64> answer{};
  ipmi_recv received{};
  place = &sender;
  received.addr = static_cast<unsigned char*>(place);
  received.addr_len = sizeof sender;
  received.msg.data = answer.data();
  received.msg.data_len = answer.size();
  if (::ioctl(file.get(), IPMICTL_RECEIVE_MSG_TRUNC, &received) != 0) return failure(errno);
  const std::size_t size = std::min<std::size_t>(received.msg.data_len, answer.size());
  return {Reach::ok, std::string(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(size)), {}};
}

}  // namespace quell::host
