// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/marking.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/table.h"
#include "data/spi-markings-1v8.h"

namespace quell::spi {
namespace {

constexpr std::size_t shortest_name = 5;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// The names in a definition, a lone ending ("F" of "MX25U6435E/F") put in place of the last one's.
std::vector<std::string> names_in(std::string_view definition) {
  std::vector<std::string> names;
  for (std::string part : split(definition, '/')) {
    part.resize(std::min(part.find_first_of("-(_"), part.size()));
    if (!names.empty() && part.size() < shortest_name && part.size() < names.back().size())
      part = fmt::format("{}{}", names.back().substr(0, names.back().size() - part.size()), part);
    while (part.ends_with('.')) part.pop_back();
    if (!part.empty()) names.push_back(std::move(part));
  }
  return names;
}

bool same(char pattern, char c) { return pattern == '.' || upper_case(pattern) == upper_case(c); }

// A pattern with '*' for any characters, against the start of a name.
bool matches(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  const std::string_view head = pattern.substr(0, star);
  if (name.size() < head.size() || !std::equal(head.begin(), head.end(), name.begin(), same)) return false;
  if (star == std::string_view::npos) return true;
  const std::string_view rest = pattern.substr(star + 1);
  if (rest.empty()) return true;
  for (std::size_t at = head.size(); at < name.size(); ++at) {
    if (matches(rest, name.substr(at))) return true;
  }
  return false;
}

}  // namespace

std::size_t covers(std::string_view definition, std::string_view marking) {
  // Winbond prints its W elsewhere.
  const std::string with_letter = marking.starts_with("25Q") ? fmt::format("W{}", marking) : std::string(marking);
  marking = with_letter;
  std::size_t best = 0;
  for (const std::string& name : names_in(definition)) {
    if (name.size() >= shortest_name && name.size() <= marking.size() &&
        std::equal(name.begin(), name.end(), marking.begin(), same)) {
      best = std::max(best, name.size());
    }
  }
  return best;
}

std::vector<ChipDefinition> fitting(const std::vector<ChipDefinition>& definitions, std::string_view marking) {
  std::size_t best = 1;
  std::vector<ChipDefinition> found;
  for (const ChipDefinition& definition : definitions) {
    const std::size_t length = covers(definition.name, marking);
    if (length > best) found.clear();
    best = std::max(best, length);
    if (length == best) found.push_back(definition);
  }
  return found;
}

bool marked_as_low_voltage(std::string_view name) {
  const auto names = names_in(name);
  for (const auto row : Table(data::spi_markings_1v8)) {
    const std::string_view cell = row["pattern"];
    for (std::string pattern : split(cell.substr(0, cell.find(" (")), ',')) {
      pattern.erase(0, pattern.find_first_not_of(' '));
      if (std::ranges::any_of(names, [&](const std::string& one) { return matches(pattern, one); })) return true;
    }
  }
  return false;
}

}  // namespace quell::spi
