// SPDX-License-Identifier: GPL-2.0-or-later
// The exchange with /dev/ipmi0, whose open and ioctl this program answers itself.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdarg>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/ioctl.h>
#include <linux/ipmi.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/ipmi_device.h"

namespace {

// What the device does next.
struct Device {
  bool present = true;
  bool answers = true;
  std::string answer{};
  std::string sent{};  // network function, command and data of the last request
};
Device device;

int send(const ipmi_req& request) {
  device.sent = {static_cast<char>(request.msg.netfn), static_cast<char>(request.msg.cmd)};
  for (int i = 0; i < request.msg.data_len; ++i) device.sent += static_cast<char>(request.msg.data[i]);
  return 0;
}

int receive(ipmi_recv& message) {
  const std::size_t size = std::min<std::size_t>(device.answer.size(), message.msg.data_len);
  std::copy_n(device.answer.begin(), size, message.msg.data);
  message.msg.data_len = static_cast<unsigned short>(size);
  return 0;
}

}  // namespace

extern "C" int open(const char* path, int flags, ...) {
  if (std::string_view(path) != "/dev/ipmi0")
    return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, 0600));
  if (device.present) return ::eventfd(device.answers ? 1 : 0, EFD_NONBLOCK);
  errno = ENOENT;
  return -1;
}

extern "C" int ioctl(int descriptor, unsigned long request, ...) noexcept {
  std::va_list list;
  va_start(list, request);
  void* argument = va_arg(list, void*);
  va_end(list);
  if (request == IPMICTL_SEND_COMMAND) return send(*static_cast<ipmi_req*>(argument));
  if (request == IPMICTL_RECEIVE_MSG_TRUNC) return receive(*static_cast<ipmi_recv*>(argument));
  return static_cast<int>(::syscall(SYS_ioctl, descriptor, request, argument));
}

namespace quell::host {
namespace {

TEST(IpmiDevice, SendsOneCommandAndGivesItsAnswer) {
  device = {.answer = std::string("\0\x20\x01", 3)};
  const Buffer data{std::byte{1}, std::byte{5}};
  const Reading reading = ipmi_exchange("ipmi0", 0x0C, 0x02, data);
  EXPECT_TRUE(reading.ok()) << reading.reason;
  EXPECT_EQ(reading.data, device.answer);
  EXPECT_EQ(device.sent, std::string("\x0C\x02\x01\x05", 4));
}

TEST(IpmiDevice, SendsNothingButTheTwoCommandsThatRead) {
  device = {};
  EXPECT_FALSE(ipmi_exchange("ipmi0", 0x00, 0x02, {}).ok());  // Chassis Control
  EXPECT_FALSE(ipmi_exchange("ipmi0", 0x0C, 0x01, {}).ok());  // Set LAN Configuration Parameters
  EXPECT_EQ(device.sent, "");
}

TEST(IpmiDevice, TellsADeviceThatIsNotThereFromOneThatIsSilent) {
  device = {.present = false};
  EXPECT_EQ(ipmi_exchange("ipmi0", 0x06, 0x01, {}).reach, Reach::absent);
  device = {.answers = false};
  EXPECT_EQ(ipmi_exchange("ipmi0", 0x06, 0x01, {}).reach, Reach::failed);
}

TEST(IpmiDevice, TakesNoMoreThanItsBufferHolds) {
  device = {.answer = std::string(500, '\1')};
  EXPECT_EQ(ipmi_exchange("ipmi0", 0x06, 0x01, {}).data.size(), 64U);
}

}  // namespace
}  // namespace quell::host
