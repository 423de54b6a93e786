// SPDX-License-Identifier: GPL-2.0-or-later
// What every report says first of an engine: five questions, each with an answer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quell {

// The questions, in the order in which they are answered.
enum class Asked { starts_before, runs_beside, network, reachable, switch_off };
// "starts-before-os", "runs-beside-os", "network-stack", "reachable", "switch-off".
std::string_view to_string(Asked asked) noexcept;

// Whether it is so. partly: under a condition that the text names. unknown: cannot be told.
enum class Holds { yes, no, partly, unknown };
// "yes", "no", "partly", "unknown".
std::string_view to_string(Holds holds) noexcept;

// What the answer rests on: on what is known of every engine of this kind, or on what was seen here.
enum class Basis { general, observed };
// "general", "observed".
std::string_view to_string(Basis basis) noexcept;

struct ShortAnswer {
  Asked asked = Asked::starts_before;
  Holds holds = Holds::unknown;
  Basis basis = Basis::general;
  std::string text{};  // one sentence, without a full stop
};

// Whether an engine's firmware can be reached over the network without the operating system, as far as an image or a
// machine shows it: for Intel AMT and its smaller editions.
struct Manageability {
  enum class Stack { not_told, none, present };
  enum class SetUp { not_told, no, under_way, yes };
  Stack stack = Stack::not_told;
  SetUp set_up = SetUp::not_told;
  std::string reason{};  // the evidence, or why it cannot be told
};

}  // namespace quell
