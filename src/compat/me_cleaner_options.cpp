// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/me_cleaner_options.h"

#include <array>
#include <vector>

#include <fmt/format.h>

#include "cli/command.h"
#include "compat/python_arguments.h"
#include "quell/version.h"

namespace quell::compat {
namespace {

constexpr int usage_error = 2;
constexpr int conflict = 1;

constexpr std::string_view help = R"(usage: quell me_cleaner [-h] [-v] [-O FILE] [-S | -s] [-r] [-k] [-w A,B | -b A,B]
                        [-d] [-t] [-c] [-D FILE] [-M FILE] IMAGE

Removes what Intel ME, TXE and SPS firmware can do without, with the options, the bytes and the exit statuses of
me_cleaner. New scripts may prefer `quell clean`, which never works in place and explains itself.

  -h, --help                     this text
  -v, --version                  version of quell
  -O, --output FILE              write the result to FILE; without it IMAGE itself is replaced
  -S, --soft-disable             also set the disable bit (full dumps only)
  -s, --soft-disable-only        set the disable bit and change nothing else (full dumps only)
  -r, --relocate                 move the FTPR partition to the lowest possible offset
  -t, --truncate                 cut the empty part of the region (on full dumps: only of -M and -D)
  -k, --keep-modules             keep the modules inside FTPR
  -w, --whitelist A,B            partitions to keep besides FTPR
  -b, --blacklist A,B            partitions to remove; all others stay
  -d, --descriptor               take the ME's access to other regions away (full dumps only)
  -D, --extract-descriptor FILE  write the descriptor, with -t with moved region borders
  -M, --extract-me FILE          write the ME region, with -t cut to its smallest size
  -c, --check                    verify the image and change nothing

Example:
  quell me_cleaner -S -O cleaned.rom dump.rom
)";

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> out;
  if (list.empty()) return out;
  for (std::size_t begin = 0;;) {
    const auto comma = list.find(',', begin);
    out.emplace_back(list.substr(begin, comma - begin));
    if (comma == std::string_view::npos) return out;
    begin = comma + 1;
  }
}

int wrong(int status, std::string_view message) {
  cli::say(fmt::format("quell me_cleaner: {}\n", message));
  return status;
}

constexpr std::array<PythonOption, 14> known_options{{{'h', "help"},
                                                      {'v', "version"},
                                                      {'O', "output", true},
                                                      {'S', "soft-disable"},
                                                      {'s', "soft-disable-only"},
                                                      {'r', "relocate"},
                                                      {'t', "truncate"},
                                                      {'k', "keep-modules"},
                                                      {'w', "whitelist", true},
                                                      {'b', "blacklist", true},
                                                      {'d', "descriptor"},
                                                      {'D', "extract-descriptor", true},
                                                      {'M', "extract-me", true},
                                                      {'c', "check"}}};

// Both given, whatever their values.
struct Seen {
  bool whitelist = false;
  bool blacklist = false;
};

// Takes one option; a status ends the run.
std::optional<int> take(char letter, const std::string& value, MeCleanerOptions& options, Seen& seen) {
  switch (letter) {
    case 'h': cli::print(help); return 0;
    case 'v': cli::print(fmt::format("quell {} (options and results of me_cleaner 1.2)\n", version)); return 0;
    case 'O': options.output = value; break;
    case 'D': options.descriptor_output = value; break;
    case 'M': options.me_output = value; break;
    case 'S': options.clean.soft_disable = true; break;
    case 's': options.soft_disable_only = true; break;
    case 'r': options.clean.relocate = true; break;
    case 't': options.clean.truncate = true; break;
    case 'k': options.clean.keep_modules = true; break;
    case 'd': options.clean.lock_out = true; break;
    case 'c': options.check_only = true; break;
    case 'w':
      options.clean.keep = split(value);
      seen.whitelist = true;
      break;
    case 'b':
      options.clean.drop = split(value);
      seen.blacklist = true;
      break;
    default: return usage_error;
  }
  return std::nullopt;
}

std::optional<int> conflicts(const MeCleanerOptions& options, Seen seen) {
  const auto& clean = options.clean;
  if (clean.soft_disable && options.soft_disable_only) return wrong(usage_error, "-S and -s exclude each other");
  if (seen.whitelist && seen.blacklist) return wrong(usage_error, "-w and -b exclude each other");
  const bool changes =
      clean.soft_disable || options.soft_disable_only || clean.relocate || clean.lock_out || clean.truncate;
  if (options.check_only && (changes || options.output)) {
    return wrong(conflict, "-c changes nothing: it cannot be combined with -S, -s, -r, -d, -t or -O");
  }
  if (options.soft_disable_only && (clean.relocate || clean.truncate)) {
    return wrong(conflict, "-s changes the disable bit only: it cannot be combined with -r or -t");
  }
  if (clean.relocate && !(clean.keep.empty() && clean.drop.empty())) {
    return wrong(conflict, "-r cannot be combined with -w or -b");
  }
  return std::nullopt;
}

}  // namespace

std::variant<MeCleanerOptions, int> parse_me_cleaner(std::span<char* const> arguments) {
  if (arguments.empty()) return usage_error;
  MeCleanerOptions options;
  options.clean.like_me_cleaner = true;
  options.clean.accepted = {Override::overlaps, Override::boot_guard};
  Seen seen;
  std::vector<std::string> images;
  for (const PythonWord& word : parse_python_arguments(arguments.subspan(1), known_options)) {
    if (word.letter == '?') return wrong(usage_error, word.value);
    if (word.letter == 0) {
      images.push_back(word.value);
    } else if (const auto status = take(word.letter, word.value, options, seen)) {
      return *status;
    }
  }
  if (images.size() != 1) return wrong(usage_error, "name exactly one image (see --help)");
  options.input = images.front();
  if (const auto status = conflicts(options, seen)) return *status;
  if (options.soft_disable_only) {
    options.clean.strip = false;
    options.clean.soft_disable = true;
  }
  return options;
}

}  // namespace quell::compat
