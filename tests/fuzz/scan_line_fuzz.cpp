// SPDX-License-Identifier: GPL-2.0-or-later
// A line of a scan that somebody else made, as `merge` takes it: read as the library reads it, then as rows.
#include <nlohmann/json.hpp>

#include "store/line.h"

using namespace quell;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> input(data, size);
  std::string line;
  for (const std::byte byte : std::as_bytes(input)) line.push_back(static_cast<char>(byte));
  static store::LineParser parser;
  static_cast<void>(parser.parse(line));
  // What the library takes for the end, and the limits that are its own.
  if (line.find('\0') != std::string::npos) return 0;
  store::JsonText text;
  const auto value = text.read(line, {});
  if (!value && value.error().message != "is no JSON") return 0;
  if (value.has_value() != nlohmann::json::accept(line)) __builtin_trap();
  std::string printed;
  if (value) value->print(printed);
  if (value && !nlohmann::json::accept(printed)) __builtin_trap();
  return 0;
}
