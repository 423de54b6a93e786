// SPDX-License-Identifier: GPL-2.0-or-later
// The head of the answer to a GET of /redfish/v1/: the host that was named, or anybody on the way, sends it.
#include "net/redfish.h"
#include "quell/byte_view.h"

using namespace quell;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> input(data, size);
  std::string head;
  for (const std::byte byte : std::as_bytes(input)) head.push_back(static_cast<char>(byte));
  const net::Redfish answer = net::read_redfish(head);
  if (answer.found && !head.starts_with("HTTP/")) __builtin_trap();
  if (answer.server.size() > head.size()) __builtin_trap();
  return 0;
}
