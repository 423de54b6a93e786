// SPDX-License-Identifier: GPL-2.0-or-later
// Reports of many files as JSON, one after the other: no more than one is in memory.
#pragma once

#include <string>
#include <string_view>

#include "report/json.h"

namespace quell::report {

// The pieces of one document of schema quell/2, to be printed in this order.
class JsonStream {
 public:
  // `option_of`: the command lines of actions, where the front end has options.
  explicit JsonStream(std::string_view command, OptionOf option_of = nullptr)
      : command_(command), option_of_(option_of) {}

  // One more entry of the list `images`, with all that stands before it.
  std::string entry(const InspectedFile& file);
  // What ends the document, with a final newline.
  std::string end();

 private:
  std::string opening();

  std::string command_;
  OptionOf option_of_;
  bool open_ = false;
};

// A document of schema quell/2 with one entry in its list `images`, on one line.
std::string to_line(std::string_view command, const InspectedFile& file, OptionOf option_of = nullptr);

}  // namespace quell::report
