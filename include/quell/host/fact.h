// SPDX-License-Identifier: GPL-2.0-or-later
// What a source of the live machine gave, or why it gave nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/component.h"
#include "quell/host/root.h"

namespace quell::host {

// The host firmware status registers HFSTS1 to HFSTS6 of an Intel engine; those that were not readable are empty.
// The first one is at index 0.
using Registers = std::array<std::optional<std::uint32_t>, 6>;

// How near a fact is to the present state. live: read just now. snapshot: as it was when the firmware or a capture
// recorded it. log: printed by a driver some time ago. inferred: concluded from other facts.
enum class Freshness { live, snapshot, log, inferred };
std::string_view to_string(Freshness freshness) noexcept;

// One thing known about the machine, with where it comes from.
struct Fact {
  std::string key{};    // "firmware_version"
  std::string label{};  // "firmware"
  Value value{};
  Show show = Show::decimal;
  std::string source{};     // the path it was read from, or what was concluded from what
  std::string privilege{};  // what reading that path takes: "none", "root", "group tss"
  Freshness freshness = Freshness::live;
  bool certain = true;  // false: only one weak source for the meaning; shown as "probably"
};

// A source that was looked at and gave nothing.
struct Attempt {
  std::string source{};
  Reach reach = Reach::absent;
  std::string reason{};
};

// Something beside the engines: TPM, Secure Boot, Boot Guard register, lockdown.
struct Section {
  std::string key{};
  std::string title{};
  std::string summary{};
  std::vector<Fact> facts{};
  std::vector<Attempt> attempts{};
};

// A fact about a source.
Fact fact(std::string_view key, std::string_view label, Value value, std::string_view source,
          std::string_view privilege = "none", Freshness freshness = Freshness::live);
// Notes a source that gave nothing; absent ones are kept too.
void attempted(std::vector<Attempt>& attempts, std::string_view source, const Reading& reading);

}  // namespace quell::host
