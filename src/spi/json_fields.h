// SPDX-License-Identifier: GPL-2.0-or-later
// Reading the JSON files of the vault: a field that is missing or of another type is empty. For the files of spi/ only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace quell::spi {

using Json = nlohmann::ordered_json;

inline std::string text_field(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_string() ? value->get<std::string>() : std::string();
}

inline std::uint64_t number_field(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

inline bool true_field(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_boolean() && value->get<bool>();
}

inline std::vector<std::string> text_fields(const Json& object, const char* key) {
  std::vector<std::string> list;
  const auto value = object.find(key);
  if (value == object.end() || !value->is_array()) return list;
  for (const Json& item : *value) {
    if (item.is_string()) list.push_back(item.get<std::string>());
  }
  return list;
}

inline std::vector<std::uint64_t> number_fields(const Json& object, const char* key) {
  std::vector<std::uint64_t> list;
  const auto value = object.find(key);
  if (value == object.end() || !value->is_array()) return list;
  for (const Json& item : *value) {
    if (item.is_number_unsigned()) list.push_back(item.get<std::uint64_t>());
  }
  return list;
}

inline Json object_field(const Json& object, const char* key) {
  const auto value = object.find(key);
  return value != object.end() && value->is_object() ? *value : Json::object();
}

// The document, or an empty object for anything else than a JSON object.
inline Json parse_object(std::string_view json) {
  Json document = Json::parse(json, nullptr, false);
  return document.is_object() ? document : Json::object();
}

inline std::string to_text(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace quell::spi
