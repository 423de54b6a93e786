// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "quell/host/root.h"

namespace quell::host {

// How long an exchange may take.
struct MeiLimits {
  std::chrono::milliseconds write{5000};
  std::chrono::milliseconds read{5000};
  int attempts = 2;
};
// One exchange over a character device: open, connect, one write, one read. Only queries are ever passed here.
// Absent: no such device or client. Denied: no permission. Failed: busy, link down, no answer in time.
Reading mei_converse(const std::string& path, std::string_view client, Bytes request, const MeiLimits& limits);

// The path of an exchange with a client of the engine (see Root).
std::string mei_path(std::string_view device, std::string_view client, Bytes request);

// A GUID in text form as the 16 bytes on the wire (first three fields byte-swapped).
Result<Buffer> guid_bytes(std::string_view text);

}  // namespace quell::host
