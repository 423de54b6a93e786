// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/programmer_list.h"

#include <algorithm>

#include "spi/failure.h"
#include "spi/worker_client.h"

namespace quell::spi {
namespace {

void add_names(std::string_view line, std::vector<std::string>& names) {
  constexpr std::string_view separators = " ,\t\n\r";
  for (;;) {
    const auto start = line.find_first_not_of(separators);
    if (start == std::string_view::npos) return;
    line.remove_prefix(start);
    const auto end = std::min(line.find_first_of(separators), line.size());
    std::string name(line.substr(0, end));
    while (name.ends_with('.')) name.pop_back();
    names.push_back(std::move(name));
    line.remove_prefix(end);
  }
}

}  // namespace

// The library tells its programmers only to those who ask for one that does not exist.
Result<std::vector<std::string>> library_programmers(const std::filesystem::path& worker) {
  std::vector<std::string> names;
  WorkerSettings settings;
  settings.program = worker;
  settings.log = [&](int level, std::string_view line) {
    constexpr int information = 2;
    if (level == information && line.find(':') == std::string_view::npos) add_names(line, names);
  };
  auto started = Worker::start(settings);
  if (!started) return failed("worker-missing", {{"where", started.error().detail}});
  QUELL_TRY(const Programmer nobody, Programmer::parse("?"));
  static_cast<void>(started->open(nobody));
  std::ranges::sort(names);
  return names;
}

}  // namespace quell::spi
