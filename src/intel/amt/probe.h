// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intel/advisories.h"
#include "quell/finding.h"
#include "quell/result.h"

namespace quell::intel::amt {

// What the head of an HTTP response says about who sent it.
struct Banner {
  unsigned status = 0;    // 200, 401, ...; 0 when there was no status line
  std::string server{};   // the Server header, as sent
  std::string product{};  // "Active Management Technology", "Standard Manageability"; empty when it is neither
  std::optional<Version> version{};
  bool digest_realm = false;  // the realm of AMT's login: "Digest:" and 32 hex digits
  std::string location{};     // where a redirect points to; never followed

  // Whether this is AMT or one of its siblings.
  [[nodiscard]] bool is_amt() const noexcept { return !product.empty() || digest_realm; }
};

// Reads the head of an HTTP response. Never fails: what is not there stays empty. Header names in any case; text that
// is no HTTP gives status 0.
Banner read_banner(std::string_view head);

enum class PortState { open, refused, silent, failed };
// "open", "refused", "silent" (no answer in time), "failed".
std::string_view to_string(PortState state) noexcept;

struct Port {
  std::uint16_t number = 0;
  std::string purpose{};
  PortState state = PortState::silent;
  std::string reason{};
};

// One GET on an open port.
struct Answer {
  std::uint16_t port = 0;
  bool tls = false;
  Banner banner{};
  std::string problem{};  // why there is no banner: no answer in time, no TLS, no HTTP, a head too long
};

struct Options {
  std::string host = "127.0.0.1";
  std::chrono::milliseconds timeout{5000};  // for everything together
  std::uint16_t http_port = 16992;
  std::uint16_t https_port = 16993;
  std::vector<std::uint16_t> other_ports = {16994, 16995, 623, 664, 5900};
  // Runs once the name is looked up and what speaks HTTP is loaded: nothing but connections to the host follows.
  std::function<void()> before_asking{};
};

// reachable: AMT answers. ports_open: something listens, and nothing says that it is AMT.
enum class Reachability { reachable, ports_open, nothing_answers };
// "reachable", "ports-open", "nothing-answers": stable, part of the JSON interface.
std::string_view to_string(Reachability verdict) noexcept;

struct Exposure {
  std::string host{};
  std::string address{};  // the one address that was tried
  std::vector<Port> ports{};
  std::vector<Answer> answers{};
  Reachability verdict = Reachability::nothing_answers;
  std::vector<Finding> findings{};
  std::vector<std::string> notes{};
};

// Tries one host: a plain TCP connection to each port, then one GET where HTTP may be. No login, no second request,
// no redirect followed. Ends within the timeout. Errc::io when the name has no address.
Result<Exposure> probe(const Options& options);

}  // namespace quell::intel::amt
