// SPDX-License-Identifier: GPL-2.0-or-later
// The names that exchanges with a device have in a tree.
#include <fmt/format.h>

#include "host/ipmi_device.h"
#include "host/mei_device.h"

namespace quell::host {

std::string mei_path(std::string_view device, std::string_view client, Bytes request) {
  std::string out = fmt::format("/quell/mei/{}/{}/", device, client);
  for (const std::byte byte : request) out += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return out;
}

std::string ipmi_path(std::string_view device, std::uint8_t function, std::uint8_t command, Bytes data) {
  std::string out = fmt::format("/quell/ipmi/{}/{:02x}{:02x}", device, function, command);
  for (const std::byte byte : data) out += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return out;
}

}  // namespace quell::host
