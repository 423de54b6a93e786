// SPDX-License-Identifier: GPL-2.0-or-later
// A line of a scan (docs/schema/quell-scan-1.schema.json) as rows of the tables.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "quell/result.h"
#include "store/json.h"
#include "store/schema.h"

namespace quell::store {

// The numbers of what many records share, and which of it a record brought already.
class Told {
 public:
  struct Number {
    std::int64_t value;
    bool fresh;  // no record brought it yet
  };
  // Of a run of the program or a list of CVEs; its text names it.
  Number number(TableId table, const std::string& text);
  // The record that asked for fresh ones is good, and brings them; or it is not.
  void keep();
  void forget() { fresh_.clear(); }

 private:
  using Numbers = std::unordered_map<std::string, std::int64_t>;
  struct Fresh {
    Numbers* among;
    std::string text;
    std::int64_t value;
  };
  Numbers runs_{};
  Numbers lists_{};
  std::vector<Fresh> fresh_{};
};

class LineParser {
 public:
  // Errc::damaged says what is wrong with the line; Errc::unsupported that it is of another schema. Members that are
  // not known are passed over: later versions add some. What is shared comes with the first line that names it. The
  // record is good until the next line is parsed.
  Result<Record> parse(std::string_view line);

 private:
  JsonText json_{};
  std::deque<std::string> printed_{};  // facts of the engines
  Told told_{};
};

}  // namespace quell::store
