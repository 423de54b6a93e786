// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "store/query.h"

namespace quell::cli {

enum class RowFormat { table, csv, json };

// What was asked, for the head of a JSON document: the name of the question, else its SQL.
struct Asked {
  std::string question{};
  std::string sql{};
};

// Prints rows as they come. What they hold is of foreign origin and steers no terminal; CSV is that of RFC 4180,
// without a value nothing stands between the commas.
class RowPrinter {
 public:
  virtual ~RowPrinter() = default;
  virtual void begin(const Asked& asked, const std::vector<std::string>& columns) = 0;
  virtual void row(const std::vector<store::Value>& cells) = 0;
  virtual void end() = 0;
};

std::unique_ptr<RowPrinter> make_row_printer(RowFormat format, const Session& session);

// The questions that have a name.
void print_questions(RowFormat format, const Session& session);

}  // namespace quell::cli
