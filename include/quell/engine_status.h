// SPDX-License-Identifier: GPL-2.0-or-later
// What an engine says of the live machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quell/finding.h"
#include "quell/host/fact.h"
#include "quell/host/registers.h"

namespace quell {

// One decoded field.
struct Field {
  std::string key{};    // "working_state"
  std::string title{};  // "Current working state"
  unsigned number = 1;  // the register: 1 to 6
  unsigned high = 0;
  unsigned low = 0;
  std::uint32_t value = 0;
  std::string name{};   // stable word for the value, empty when it has none
  std::string text{};   // the value for people: its title, or the number
  bool certain = true;  // false: sources disagree, or only one knows
};

// The registers an engine's verdict rests on, and all readings of them.
struct RegisterReading {
  std::string source{};
  host::Freshness freshness = host::Freshness::live;
  host::Registers registers{};
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
  std::vector<host::Fact> facts{};
  std::vector<Finding> findings{};
  std::vector<host::Attempt> attempts{};
  std::vector<std::string> options{};  // what its firmware offers to quiet it; never done from here
  bool needs_privilege = false;        // the best source was refused
};

struct StatusOptions {
  bool ask_engine = true;  // exchanges over /dev/mei (queries only)
  bool deep = false;       // reads of physical memory: function disable register, TXT space
  bool unsure = false;     // also fields only one source knows
};

// Puts the words of a verdict (data/host-verdicts.csv) into an engine.
void set_verdict(EngineStatus& engine, std::string_view id, std::string_view certainty);

// What the engine does, with the word for it, and how far that goes as proof (data/host-verdicts.csv).
struct Verdict {
  std::string id{};     // "disabled-hap"
  std::string title{};  // "disabled by HAP"
  std::string meaning{};
  std::string evidence{};
  std::string advice{};
  std::string counts_as_disabled{};  // "yes", "yes-until-re-enabled", "after-watch", "only-if-intended", "no", ...
};

// The verdict with this id; that of "unknown" for an id that is in no row.
const Verdict& verdict(std::string_view id);
// Every verdict there is.
const std::vector<Verdict>& verdicts();

}  // namespace quell
