// SPDX-License-Identifier: GPL-2.0-or-later
// What an engine says of the live machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/answers.h"
#include "quell/finding.h"
#include "quell/host/fact.h"

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

// What an engine does.
enum class Verdict {
  running,
  running_debug,
  disabled_hap,
  disabled_soft_temporary,
  halted_image_failure,
  halted_debug_failure,
  watchdog_pending,
  sps_running,
  sps_recovery,
  sps_other,
  override_jumper,
  override_mei,
  enhanced_debug_or_ignition,
  partition_table_bad,
  recovery,
  transient,
  unreadable,
  psp_present_reporting,
  psp_present_silent,
  psp_assumed,
  tee_present,
  secure_monitor_present,
  hypervisor_only,
  none_found,
  t2_present,
  sep_running,
  videocore_running,
  not_visible,
  unknown,
};
// "running", "disabled-hap", ...: stable, part of the JSON interface.
std::string_view to_string(Verdict verdict) noexcept;
// The verdict of that name; nothing for any other text.
std::optional<Verdict> parse_verdict(std::string_view name) noexcept;

// How sure a verdict is.
enum class Certainty { high, medium, low };
// "high", "medium", "low".
std::string_view to_string(Certainty certainty) noexcept;

// How far a verdict goes as proof that the engine is off.
enum class CountsAsDisabled { yes, yes_until_re_enabled, after_watch, only_if_intended, inconclusive, no };
// "yes", "yes-until-re-enabled", "after-watch", "only-if-intended", "inconclusive", "no".
std::string_view to_string(CountsAsDisabled counts) noexcept;
// Whether the engine does nothing at the moment.
constexpr bool is_off(CountsAsDisabled counts) noexcept {
  return counts == CountsAsDisabled::yes || counts == CountsAsDisabled::yes_until_re_enabled;
}

// What a piece of advice would have the user do to the engine. none: it only says what is so.
enum class Quieting { none, soft_disable, strip, setup };
// Whether it is done by writing a changed image to the flash chip.
constexpr bool by_cleaning(Quieting does) noexcept { return does == Quieting::soft_disable || does == Quieting::strip; }

// One thing that the firmware of the machine offers to quiet the engine, or why it offers nothing. Never done from
// here.
struct QuietingOption {
  std::string text{};
  Quieting does = Quieting::none;
};

// One engine of the machine.
struct EngineStatus {
  std::string engine{};  // Engine::id() of its engine, put in by the survey
  std::string name{};    // which one, where there are several: "0000:00:16.0", "T2"
  std::string title{};   // "Intel CSME 16.1 (700 Series)"
  Verdict verdict = Verdict::unknown;
  std::string verdict_title{};
  std::string meaning{};
  Certainty certainty = Certainty::low;
  CountsAsDisabled counts_as_disabled = CountsAsDisabled::inconclusive;
  std::string advice{};
  std::vector<RegisterReading> readings{};  // best one first
  std::vector<Field> fields{};              // of the best reading
  std::vector<host::Fact> facts{};
  std::vector<Finding> findings{};
  std::vector<host::Attempt> attempts{};
  std::vector<QuietingOption> options{};
  bool needs_privilege = false;  // the best source was refused
  Manageability manageability{};
  std::vector<ShortAnswer> answers{};  // one a question, in their order; put in by the survey
};

struct StatusOptions {
  bool ask_engine = true;  // exchanges over /dev/mei (queries only)
  bool deep = false;       // reads of physical memory: function disable register, TXT space
  bool unsure = false;     // also fields only one source knows
};

// The words for a verdict, and what follows from it (data/host-verdicts.csv).
struct VerdictWords {
  Verdict verdict = Verdict::unknown;
  std::string title{};  // "disabled by HAP"
  std::string meaning{};
  std::string evidence{};
  std::string advice{};
  CountsAsDisabled counts_as_disabled = CountsAsDisabled::inconclusive;
  std::vector<Quieting> offers{};  // what may be offered to an engine in this state; none: remarks on its kind
  bool advises_cleaning = false;   // the advice holds only where cleaning is offered
};

const VerdictWords& words_of(Verdict verdict);
// Puts the verdict and its words into an engine.
void set_verdict(EngineStatus& engine, Verdict verdict, Certainty certainty);

}  // namespace quell
