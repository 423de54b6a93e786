// SPDX-License-Identifier: GPL-2.0-or-later
// /dev/meiN: one write carries one message, one read returns one; no message is longer than connecting said.
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/mei.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/file_descriptor.h"
#include "base/number.h"
#include "host/mei_device.h"

namespace quell::host {
namespace {

constexpr std::size_t longest_reply = 8192;

Reading failure(int number) {
  switch (number) {
    case ENOENT:
    case ENXIO: return {Reach::absent, {}, "no such device"};
    case ENOTTY: return {Reach::absent, {}, "the firmware has no such client"};
    case EACCES:
    case EPERM: return {Reach::denied, {}, "no permission: run as root"};
    case EBUSY: return {Reach::failed, {}, "another program owns this client of the engine"};
    case ENODEV: return {Reach::failed, {}, "the link to the engine is down"};
    case ETIME:
    case ETIMEDOUT: return {Reach::failed, {}, "the engine did not answer in time"};
    case EMSGSIZE:
    case EFBIG: return {Reach::failed, {}, "the message is longer than the client takes"};
    default: return {Reach::failed, {}, std::strerror(number)};
  }
}

bool wait_for(int device, short events, std::chrono::milliseconds limit) {
  struct pollfd item {};
  item.fd = device;
  item.events = events;
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() < 0) return false;
    const int ready = ::poll(&item, 1, static_cast<int>(left.count()));
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0;
  }
}

Reading converse_once(const std::string& path, Bytes guid, Bytes request, const MeiLimits& limits) {
  const FileDescriptor device(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!device.valid()) return failure(errno);
  struct mei_connect_client_data connection {};
  std::memcpy(&connection.in_client_uuid, guid.data(), sizeof connection.in_client_uuid);
  if (::ioctl(device.get(), IOCTL_MEI_CONNECT_CLIENT, &connection) != 0) return failure(errno);
  if (request.size() > connection.out_client_properties.max_msg_length) return failure(EMSGSIZE);
  if (!wait_for(device.get(), POLLOUT, limits.write)) return failure(ETIME);
  const ssize_t written = ::write(device.get(), request.data(), request.size());
  if (written < 0) return failure(errno == EAGAIN ? ETIME : errno);
  if (static_cast<std::size_t>(written) != request.size()) return {Reach::failed, {}, "the engine took half a message"};
  if (!wait_for(device.get(), POLLIN, limits.read)) return failure(ETIME);
  std::array<char, longest_reply> reply{};
  const ssize_t count = ::read(device.get(), reply.data(), reply.size());
  if (count < 0) return failure(errno == EAGAIN ? ETIME : errno);
  if (count == 0) return {Reach::failed, {}, "the engine closed the connection"};
  return {Reach::ok, std::string(reply.data(), static_cast<std::size_t>(count)), {}};
}

}  // namespace

Result<Buffer> guid_bytes(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != '-') digits.push_back(c);
  }
  if (text.size() != 36 || digits.size() != 32) return fail(Errc::usage, "not a GUID: " + std::string(text));
  // Position on the wire of each byte of the text.
  constexpr std::array<std::size_t, 16> place = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  Buffer out(place.size());
  for (std::size_t i = 0; i < place.size(); ++i) {
    const auto value = parse_number(std::string_view(digits).substr(2 * i, 2), 16);
    if (!value) return fail(Errc::usage, "not a GUID: " + std::string(text));
    out.at(place.at(i)) = static_cast<std::byte>(*value);
  }
  return out;
}

Reading mei_converse(const std::string& path, std::string_view client, Bytes request, const MeiLimits& limits) {
  const auto guid = guid_bytes(client);
  if (!guid) return {Reach::failed, {}, guid.error().message};
  Reading reading;
  for (int attempt = 0; attempt < limits.attempts; ++attempt) {
    reading = converse_once(path, *guid, request, limits);
    // Only a failure may be over the next time; a client that is not there stays away.
    if (reading.reach != Reach::failed) break;
  }
  return reading;
}

}  // namespace quell::host
