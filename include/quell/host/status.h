// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/component.h"
#include "quell/finding.h"
#include "quell/host/hfsts.h"
#include "quell/host/root.h"

namespace quell::host {

// How near a fact is to the present state. live: read just now. snapshot: as it was when the firmware or a capture
// recorded it. log: printed by a driver some time ago. inferred: concluded from other facts.
enum class Confidence { live, snapshot, log, inferred };
std::string_view to_string(Confidence confidence) noexcept;

// One thing known about the machine, with where it comes from.
struct Fact {
  std::string key{};    // "firmware_version"
  std::string label{};  // "firmware"
  Value value{};
  Show show = Show::decimal;
  std::string source{};     // the path it was read from, or what was concluded from what
  std::string privilege{};  // what reading that path takes: "none", "root", "group tss"
  Confidence confidence = Confidence::live;
  bool certain = true;  // false: only one weak source for the meaning; shown as "probably"
};

// A source that was looked at and gave nothing.
struct Attempt {
  std::string source{};
  Reach reach = Reach::absent;
  std::string reason{};
};

// The registers an engine's verdict rests on, and all readings of them.
struct RegisterReading {
  std::string source{};
  Confidence confidence = Confidence::live;
  Registers registers{};
};

// One engine of the machine.
struct EngineStatus {
  std::string engine{};   // "intel-me", "amd-psp", "arm-tee", "apple-t2", "apple-sep", "videocore"
  std::string name{};     // which one, where there are several: "0000:00:16.0"
  std::string title{};    // "Intel CSME 16.1 (700 Series)"
  std::string verdict{};  // stable word
  std::string verdict_title{};
  std::string meaning{};
  std::string certainty{};  // "high", "medium", "low"
  std::string counts_as_disabled{};
  std::string advice{};
  std::vector<RegisterReading> readings{};  // best one first
  std::vector<Field> fields{};              // of the best reading
  std::vector<Fact> facts{};
  std::vector<Finding> findings{};
  std::vector<Attempt> attempts{};
  std::vector<std::string> options{};  // what its firmware offers to quiet it; never done from here
  bool needs_privilege = false;        // the best source was refused
};

// Something beside the engines: TPM, Secure Boot, Boot Guard register, lockdown.
struct Section {
  std::string key{};
  std::string title{};
  std::string summary{};
  std::vector<Fact> facts{};
  std::vector<Attempt> attempts{};
};

struct HostStatus {
  std::vector<Fact> machine{};
  bool virtual_machine = false;
  bool live = true;
  std::string collected_at{};  // UTC, ISO 8601; empty when a captured tree does not say
  std::vector<EngineStatus> engines{};
  std::vector<Section> sections{};
  std::vector<Finding> findings{};
  std::vector<std::string> notes{};      // what cannot be known from here, and why
  std::vector<std::string> root_adds{};  // what the same command would add when run as root
};

struct StatusOptions {
  bool ask_engine = true;  // exchanges over /dev/mei (queries only)
  bool deep = false;       // reads of physical memory: function disable register, TXT space
  bool unsure = false;     // also fields only one source knows
};

// Looks at every source there is. Never writes, never starts a process, opens no network connection.
HostStatus collect_status(const Root& root, const StatusOptions& options);

// The path of an exchange with a client of the engine (see Root).
std::string mei_path(std::string_view device, std::string_view client, Bytes request);

}  // namespace quell::host
