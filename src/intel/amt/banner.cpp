// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/number.h"
#include "intel/amt/probe.h"

namespace quell::intel::amt {
namespace {

constexpr std::size_t longest_value = 512;

// "Intel(R) Active Management Technology 15.0.23.1706": the product's name and its version.
void take_server(std::string_view value, Banner& banner) {
  banner.server = value.substr(0, longest_value);
  constexpr std::string_view maker = "Intel(R) ";
  constexpr std::array<std::string_view, 3> products = {"Active Management Technology", "Standard Manageability",
                                                        "Small Business Technology"};
  if (!value.starts_with(maker)) return;
  value.remove_prefix(maker.size());
  for (const std::string_view product : products) {
    if (!value.starts_with(product)) continue;
    banner.product = product;
    banner.version = parse_version(trimmed(value.substr(product.size())));
  }
}

// Digest realm="Digest:A4070000000000000000000000000000", ...
void take_challenge(std::string_view value, Banner& banner) {
  constexpr std::string_view opening = "realm=\"Digest:";
  const auto at = value.find(opening);
  if (at == std::string_view::npos) return;
  const std::string_view realm = value.substr(at + opening.size());
  const auto digits = realm.find_first_not_of("0123456789abcdefABCDEF");
  banner.digest_realm = digits == 32 && realm[digits] == '"';
}

void take_header(std::string_view line, Banner& banner) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = trimmed(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (same_letters(name, "Server")) take_server(value, banner);
  if (same_letters(name, "WWW-Authenticate")) take_challenge(value, banner);
  if (same_letters(name, "Location")) banner.location = value.substr(0, longest_value);
}

}  // namespace

Banner read_banner(std::string_view head) {
  Banner banner;
  bool first = true;
  while (!head.empty()) {
    const auto end = std::min(head.find('\n'), head.size());
    const std::string_view line = trimmed(head.substr(0, end));
    head.remove_prefix(std::min(end + 1, head.size()));
    if (first) {
      // HTTP/1.1 401 Unauthorized
      if (!line.starts_with("HTTP/")) return banner;
      const auto blank = line.find(' ');
      if (blank != std::string_view::npos)
        banner.status = static_cast<unsigned>(parse_decimal(line.substr(blank + 1, 3)).value_or(0));
      first = false;
    } else if (line.empty()) {
      break;
    } else {
      take_header(line, banner);
    }
  }
  return banner;
}

std::string_view to_string(Reachability verdict) noexcept {
  switch (verdict) {
    case Reachability::reachable: return "reachable";
    case Reachability::ports_open: return "ports-open";
    case Reachability::nothing_answers: return "nothing-answers";
  }
  return "nothing-answers";
}

std::string_view to_string(PortState state) noexcept {
  switch (state) {
    case PortState::open: return "open";
    case PortState::refused: return "refused";
    case PortState::silent: return "silent";
    case PortState::failed: return "failed";
  }
  return "failed";
}

}  // namespace quell::intel::amt
