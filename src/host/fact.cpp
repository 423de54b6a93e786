// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/host/fact.h"

namespace quell::host {

std::string_view to_string(Freshness freshness) noexcept {
  switch (freshness) {
    case Freshness::live: return "live";
    case Freshness::snapshot: return "boot snapshot";
    case Freshness::log: return "log";
    case Freshness::inferred: return "inferred";
  }
  return "inferred";
}

Fact fact(std::string_view key, std::string_view label, Value value, std::string_view source,
          std::string_view privilege, Freshness freshness) {
  return {std::string(key),    std::string(label),     std::move(value), Show::decimal,
          std::string(source), std::string(privilege), freshness,        true};
}

void attempted(std::vector<Attempt>& attempts, std::string_view source, const Reading& reading) {
  attempts.push_back({std::string(source), reading.reach, reading.reason});
}

}  // namespace quell::host
