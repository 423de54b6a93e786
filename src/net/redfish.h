// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a Redfish service (a management controller's web interface for programs) stands at an address.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace quell::net {

struct Redfish {
  bool found = false;
  unsigned status = 0;    // of the HTTP response; 0 when there was none
  std::string server{};   // its Server header
  bool told = true;       // false: not asked, or what listens there sent no answer that can be read
  std::string problem{};  // why nothing can be said
};

// Reads the head of the answer to a GET of /redfish/v1/. Every Redfish service sends OData-Version there (DMTF
// DSP0266).
Redfish read_redfish(std::string_view head);

// One GET over HTTPS of a numeric address; the certificate is not judged, nothing secret is sent.
Redfish ask_redfish(const std::string& address, std::uint16_t port, std::chrono::milliseconds timeout);

}  // namespace quell::net
