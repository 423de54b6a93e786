// SPDX-License-Identifier: GPL-2.0-or-later
// The text printer: the one place that knows how a Document looks on a terminal.
#pragma once

#include <string>

#include "model/document.h"
#include "report/text.h"
#include "report/text_writer.h"

namespace quell::report {

// A value as people read it: "yes", "unknown", "0x1c", "4 KiB", "a, b". Not escaped.
std::string words_of(const doc::Value& value, bool identifiers = false);
// A serial number, MAC address or UUID with its letters and digits covered.
std::string masked(std::string_view identifier);
// "lower_snake_case" as words.
std::string words_of_key(std::string_view key);

// What stands before something that stops working.
constexpr std::string_view cost_lead = "what it costs: ";

std::string to_text(const doc::Section& section, const TextStyle& style);

// The rows of a tree. Used by the printer alone.
void write_tree(TextWriter& writer, const doc::Tree& tree);
void write_findings(TextWriter& writer, const doc::Findings& findings);
Ink ink_of(doc::Tone tone) noexcept;

}  // namespace quell::report
