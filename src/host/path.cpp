// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/path.h"

#include <algorithm>
#include <utility>

#include "base/split.h"

namespace quell::host {

std::pair<std::string, std::string> split_path(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return {"/", std::string(path)};
  return {slash == 0 ? "/" : std::string(path.substr(0, slash)), std::string(path.substr(slash + 1))};
}

std::string resolve_links(std::string_view path, bool whole, const LinkReader& reader) {
  constexpr int most_links = 40;
  std::string rest(path);
  std::string done;
  int links = 0;
  while (!rest.empty()) {
    if (rest.size() + done.size() > longest_path) return {};
    const auto begin = rest.find_first_not_of('/');
    if (begin == std::string::npos) break;
    const auto end = std::min(rest.find('/', begin), rest.size());
    const std::string part = rest.substr(begin, end - begin);
    rest.erase(0, end);
    if (part == ".") continue;
    if (part == "..") {
      done.erase(std::min(done.rfind('/'), done.size()));
      continue;
    }
    std::string here = done;
    here += '/';
    here += part;
    const bool last = rest.find_first_not_of('/') == std::string::npos;
    const auto target = last && !whole ? std::nullopt : reader(here);
    if (!target) {
      done = std::move(here);
      continue;
    }
    if (++links > most_links) return {};
    if (target->starts_with('/')) done.clear();
    rest.insert(0, *target);
  }
  return done.empty() ? "/" : done;
}

std::map<std::string, std::string, std::less<>> parse_denied(std::string_view text) {
  std::map<std::string, std::string, std::less<>> out;
  for (const std::string_view line : lines_of(text)) {
    const auto tab = std::min(line.find('\t'), line.size());
    if (tab > longest_path) continue;
    out.emplace(line.substr(0, tab), line.substr(std::min(tab + 1, line.size())));
  }
  return out;
}

}  // namespace quell::host
