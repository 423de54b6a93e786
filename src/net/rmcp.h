// SPDX-License-Identifier: GPL-2.0-or-later
// One ASF presence ping over RMCP: who answers speaks ASF or IPMI (a management controller, AMT or DASH).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "quell/byte_view.h"

namespace quell::net {

struct Presence {
  bool answered = false;
  bool ipmi = false;             // the pong says that IPMI is spoken
  bool asf = false;              // the pong says that ASF 1.0 is spoken
  std::uint32_t enterprise = 0;  // IANA number of who made the answer
  std::string problem{};         // why there is no answer
};

// Reads a presence pong to the ping with this tag; nothing for any other datagram.
std::optional<Presence> read_pong(Bytes datagram, std::uint8_t tag);

// Sends one ping to a numeric address and waits for the pong. Never sends a second datagram.
Presence presence_ping(const std::string& address, std::uint16_t port, std::chrono::milliseconds timeout);

}  // namespace quell::net
