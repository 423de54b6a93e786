// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/json_values.h"

#include "base/printable.h"
#include "quell/version.h"

namespace quell::report {

std::string dump(const Json& document) {
  return printable_json(document.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

Json document(std::string_view command) {
  Json out;
  out["schema"] = "quell/2";
  out["program"] = {{"name", "quell"}, {"version", version}};
  out["command"] = command;
  return out;
}

}  // namespace quell::report
