// SPDX-License-Identifier: GPL-2.0-or-later
// Reports for people. Everything that comes from an image or a file name is escaped: it may be hostile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "quell/component.h"
#include "quell/override.h"
#include "quell/range.h"
#include "quell/survey/report.h"

namespace quell::report {

// How a text is to look.
struct TextStyle {
  bool color = false;
  unsigned width = 0;  // columns of the terminal; 0: lines may be as long as they like
  int verbosity = 0;   // -1: one line; 0: at a glance; 1: modules too; 2: everything
  // The front end's option for what lifts a refusal, empty where it has none; without this the override's own name.
  std::string_view (*option_of)(Override) noexcept = nullptr;
  bool identifiers = false;  // serial numbers, MAC addresses and UUIDs in full
};

// The text without anything that a terminal could take for a command: control characters, bytes that are not UTF-8
// and characters that change the direction of writing come out as \xNN.
std::string printable(std::string_view text);

// "8 MiB", "1532 KiB", "36 bytes": the largest unit that divides the size.
std::string size_text(std::uint64_t bytes);

// "0x00001000-0x000fffff" (the end is the last byte); "-" when empty.
std::string range_text(Range range);

// An attribute's value as people read it: "yes", "unknown", "0x1c", "4 KiB", "a, b".
std::string value_text(const Attribute& attribute);

// One image's report.
std::string to_text(const Report& report, const TextStyle& style);

}  // namespace quell::report
