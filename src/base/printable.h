// SPDX-License-Identifier: GPL-2.0-or-later
// Text that comes from outside: names of files and hosts, what firmware, a kernel or a server says of itself.
#pragma once

#include <string>
#include <string_view>

namespace quell {

// For one line of text on a terminal: bytes that are not UTF-8, and characters that steer a terminal, change the
// direction of writing or cannot be seen, come out as \xNN.
std::string printable(std::string_view text);

// The same for text of several lines that is our own but for what was put into it: line ends and tabs stay.
std::string printable_lines(std::string_view text);

// The same, and the sequences that set a colour (ESC [ digits m) stay too: for text whose foreign parts went through
// printable() already.
std::string printable_styled(std::string_view text);

// The same for a finished JSON document: such characters become \uNNNN, so that it means what it meant.
std::string printable_json(std::string_view document);

}  // namespace quell
