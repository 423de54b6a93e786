// SPDX-License-Identifier: GPL-2.0-or-later
// The datagram that comes back to an ASF presence ping: anybody on the network can send it.
#include "net/rmcp.h"

using namespace quell;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes datagram = std::as_bytes(std::span<const std::uint8_t>(data, size));
  const auto pong = net::read_pong(datagram, 0x51);
  if (pong && (!pong->answered || size < 28)) __builtin_trap();
  return 0;
}
