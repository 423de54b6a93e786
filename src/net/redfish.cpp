// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/redfish.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/number.h"
#include "net/get.h"

namespace quell::net {

Redfish read_redfish(std::string_view head) {
  Redfish out;
  if (!head.starts_with("HTTP/")) return {.told = false, .problem = "not an HTTP response"};
  const auto blank = std::min(head.find(' '), head.size());
  const std::string_view code = head.substr(std::min(blank + 1, head.size()), 3);
  out.status = static_cast<unsigned>(parse_decimal(code).value_or(0));
  bool odata = false;
  while (!head.empty()) {
    const auto end = std::min(head.find('\n'), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 1, head.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = trimmed(line.substr(0, colon));
    odata = odata || same_letters(name, "OData-Version");
    if (same_letters(name, "Server")) out.server = std::string(trimmed(line.substr(colon + 1)));
  }
  out.found = odata && (out.status == 200 || out.status == 401);
  if (!out.found) out.problem = "answers HTTPS, but not as a Redfish service";
  return out;
}

Redfish ask_redfish(const std::string& address, std::uint16_t port, std::chrono::milliseconds timeout) {
  const bool six = address.find(':') != std::string::npos;
  const auto head =
      get_head(fmt::format("https://{}{}{}:{}/redfish/v1/", six ? "[" : "", address, six ? "]" : "", port), timeout);
  if (head) return read_redfish(*head);
  return {.told = head.error().code == Errc::io, .problem = head.error().message};
}

}  // namespace quell::net
