// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "capi/handles.h"

namespace quell::capi {
namespace {

using Json = nlohmann::json;

tl::unexpected<Error> wrong(std::string_view name, std::string_view wanted) {
  return fail(Errc::usage, fmt::format("option \"{}\" takes {}", name, wanted));
}

// The member of the request that a boolean option sets; nullptr for other options.
bool* flag_named(CleanRequest& request, std::string_view name) {
  if (name == "soft") return &request.soft;
  if (name == "strip") return &request.strip;
  if (name == "relocate") return &request.options.relocate;
  if (name == "truncate") return &request.options.truncate;
  if (name == "keep_modules") return &request.options.keep_modules;
  if (name == "lock_out") return &request.options.lock_out;
  return nullptr;
}

Result<std::vector<std::string>> texts_in(std::string_view name, const Json& value) {
  if (!value.is_array() || !std::ranges::all_of(value, [](const Json& item) { return item.is_string(); })) {
    return wrong(name, "an array of strings");
  }
  return value.get<std::vector<std::string>>();
}

Result<Overrides> overrides_in(const Json& value) {
  QUELL_TRY(const auto names, texts_in("accept", value));
  Overrides accepted;
  for (const std::string& name : names) {
    const auto known = override_named(name);
    if (!known) return fail(Errc::usage, fmt::format("nothing is refused by the name \"{}\"", name));
    accepted.add(*known);
  }
  return accepted;
}

Result<void> set(CleanRequest& request, const std::string& name, const Json& value) {
  if (bool* const flag = flag_named(request, name)) {
    if (!value.is_boolean()) return wrong(name, "true or false");
    *flag = value.get<bool>();
  } else if (name == "keep") {
    QUELL_TRY(request.options.keep, texts_in(name, value));
  } else if (name == "drop") {
    QUELL_TRY(request.options.drop, texts_in(name, value));
  } else if (name == "accept") {
    QUELL_TRY(request.options.accepted, overrides_in(value));
  } else if (name == "disable_bit") {
    if (!value.is_string()) return wrong(name, "a string: OFFSET or OFFSET:BIT");
    QUELL_TRY(request.options.at, intel::parse_location(value.get<std::string>()));
  } else {
    return fail(Errc::usage, fmt::format("there is no option \"{}\"", name));
  }
  return {};
}

}  // namespace

Result<CleanRequest> parse_clean_options(std::string_view json) {
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return fail(Errc::usage, "the options are no JSON object");
  CleanRequest request;
  for (const auto& [name, value] : object.items()) QUELL_CHECK(set(request, name, value));
  return request;
}

Result<Overrides> parse_join_options(std::string_view json) {
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return fail(Errc::usage, "the options are no JSON object");
  Overrides accepted;
  for (const auto& [name, value] : object.items()) {
    if (name != "accept") return fail(Errc::usage, fmt::format("there is no option \"{}\"", name));
    QUELL_TRY(accepted, overrides_in(value));
  }
  return accepted;
}

}  // namespace quell::capi
