// SPDX-License-Identifier: GPL-2.0-or-later
// What was verified in an image: the only thing that `check` counts.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "quell/range.h"

namespace quell {

// What a careful engineer asks of a dump. Every check and every finding answers exactly one.
enum class Question {
  size,        // is the file as long as the chip, and does its content look like firmware at all
  blank,       // is anything blank that should hold something
  repeated,    // does an area repeat
  regions,     // do regions lie inside the file and not overlap
  descriptor,  // is the flash descriptor sane
  signatures,  // do signatures hold
  checksums,   // are checksums right
  digests,     // do digests match what they cover
  structure,   // are the structures whole
  access,      // who may read and write what
};

// "size", "blank", ...: stable, part of the JSON interface.
std::string_view to_string(Question question) noexcept;
// Every question, in the order of reports.
std::span<const Question> questions() noexcept;
// The question of that name; nothing for any other text.
std::optional<Question> parse_question(std::string_view name) noexcept;

// How much work is done: structure and signatures, or every digest down to the last module.
enum class Depth { structure, everything };

// What came of looking. held: computed and right. failed: computed and wrong; a finding says so too. absent: there
// is nothing to verify (an unsigned part, a field left empty on purpose). not_checked: there is something, but it was
// not or could not be verified (no key, encrypted, an algorithm that is not known).
enum class CheckState { held, failed, absent, not_checked };

// "held", "failed", "absent", "not-checked": part of the JSON interface.
std::string_view to_string(CheckState state) noexcept;

// One thing that was looked at, and what came of it.
struct Check {
  Question question = Question::structure;
  CheckState state = CheckState::not_checked;
  std::string node{};       // names leading to the component it belongs to, as in the tree: "ME/FTPR/pm"
  std::string subject{};    // what was verified: "manifest signature", "header checksum"
  Range range{};            // the bytes it covers, in image offsets; empty where they have no place in the image
  std::string reason{};     // of failed, absent and not_checked, in words
  std::string algorithm{};  // "RSA-2048 PKCS#1 v1.5 SHA-256", "sum of bytes"; empty where it says nothing
  std::string stored{};     // the stored value, as hex; empty where there is none
};

// held for true, failed for false.
constexpr CheckState check_state(bool right) noexcept { return right ? CheckState::held : CheckState::failed; }

}  // namespace quell
