// SPDX-License-Identifier: GPL-2.0-or-later
// The JSON printer: the one place that knows how a Document looks to programs (schema quell/2, docs/schema).
#pragma once

#include <string>

#include "model/document.h"

namespace quell::report {

enum class Layout { indented, one_line };

// The document, indented by two spaces or in one line, with a final newline. Bytes that are not UTF-8 become U+FFFD;
// identifiers are masked unless `identifiers`.
std::string to_json(const doc::Document& document, bool identifiers = false, Layout layout = Layout::indented);
// What a section is to programs: an object, without a newline at the end. Identifiers are masked.
std::string to_json(const doc::Section& section, Layout layout);

}  // namespace quell::report
