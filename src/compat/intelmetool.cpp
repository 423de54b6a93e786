// SPDX-License-Identifier: GPL-2.0-or-later
// `quell intelmetool`: the options of that tool on the sources of `quell status`.
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <getopt.h>

#include "base/printable.h"
#include "cli/command.h"
#include "compat/intelmetool_report.h"
#include "host/pci.h"
#include "intel/live/mei_pci.h"
#include "quell/survey/status.h"
#include "quell/version.h"
#include "report/text.h"

namespace quell::compat {
namespace {

constexpr std::string_view help =
    "usage: intelmetool [-vhdsmb?] [--root DIR]\n\n"
    "   -v | --version     print the version\n"
    "   -h | --help        print this help\n"
    "   -d | --debug       say where each value was read\n"
    "   -s | --show        dump all ME information on the console (the same as -m)\n"
    "   -m | --me          dump all ME information on the console\n"
    "   -b | --bootguard   dump the Boot Guard state of the platform\n"
    "   --root DIR         read a captured tree instead of this machine (not in the original)\n\n"
    "Decoding errors of the original are put right: phases are named by generation, values beyond its tables are\n"
    "printed as numbers, and versions are major.minor.hotfix.build. Nothing is ever unhidden or written.\n";

struct Options {
  bool show = false;
  bool boot_guard = false;
  bool debug = false;
  std::string root{};
};

void show_fact(const EngineStatus& engine, std::string_view key, std::string_view label) {
  for (const host::Fact& fact : engine.facts) {
    if (fact.key == key) {
      cli::print(fmt::format("ME: {:<24}: {}\n", label,
                             report::printable(report::value_text({fact.key, fact.value, fact.show}))));
    }
  }
}

intel::live::Generation generation_of(const EngineStatus& engine, const host::PciFunction* function) {
  intel::live::Generation out;
  if (function != nullptr) {
    if (const auto id = intel::live::identify_mei(function->vendor, function->device))
      out = {id->kind.value_or(intel::Product::me), id->major_from, id->major_to, false};
  }
  return engine.readings.empty() ? out : intel::live::refine(out, engine.readings.front().registers);
}

int show_engine(const host::Root& root, const EngineStatus& engine, const Options& options) {
  const auto functions = host::pci_functions(root);
  const auto found = std::find_if(functions.begin(), functions.end(),
                                  [&engine](const host::PciFunction& one) { return one.address == engine.name; });
  const host::PciFunction* function = found == functions.end() ? nullptr : &*found;
  if (function != nullptr) cli::print(fmt::format("MEI found: [{}] {}\n\n", function->id(), engine.title));
  if (engine.readings.empty()) {
    const char* what = engine.needs_privilege ? "the status registers are not readable: run as root"
                                              : "the status registers are not readable here";
    return cli::complain({Errc::io, what, std::nullopt}, "intelmetool") == 0 ? 0 : 1;
  }
  const RegisterReading& best = engine.readings.front();
  if (options.debug) cli::print(fmt::format("source: {}\n", best.source));
  if (best.registers[0]) cli::print(fmt::format("ME Status   : {:#010x}\n", *best.registers[0]));
  if (best.registers[1]) cli::print(fmt::format("ME Status 2 : {:#010x}\n", *best.registers[1]));
  cli::print("\n" + intelmetool_report(best.registers, generation_of(engine, function)) + "\n");
  if (function != nullptr) {
    const host::Reading config = host::pci_config(root, *function);
    if (config.ok()) cli::print(extend_line(ByteView(config.bytes())));
  }
  show_fact(engine, "firmware_version", "Firmware Version");
  show_fact(engine, "capabilities", "Capabilities");
  show_fact(engine, "features_on", "Features on");
  return 0;
}

int show(const host::Root& root, const Options& options) {
  StatusOptions collect;
  const HostStatus status = collect_status(root, collect);
  int result = 1;
  for (const EngineStatus& engine : status.engines) {
    if (engine.engine == "intel-me") result = show_engine(root, engine, options);
  }
  if (result == 1 && std::none_of(status.engines.begin(), status.engines.end(),
                                  [](const EngineStatus& one) { return one.engine == "intel-me"; }))
    cli::print("No MEI device found: hidden by the firmware, or no Intel engine here. `quell status` says more.\n");
  return result;
}

int show_boot_guard(const host::Root& root) {
  const HostStatus status = collect_status(root, {});
  for (const host::Section& section : status.sections) {
    if (section.key != "boot_guard_msr") continue;
    cli::print(fmt::format("Boot Guard MSR: {}\n", section.summary));
    for (const host::Fact& fact : section.facts)
      cli::print(fmt::format("  {:<34}: {}\n", fact.label, report::value_text({fact.key, fact.value, fact.show})));
  }
  for (const EngineStatus& engine : status.engines) show_fact(engine, "boot_guard", "Boot Guard (HFSTS6)");
  return 0;
}

constexpr std::array<option, 7> long_options{{{"version", no_argument, nullptr, 'v'},
                                              {"help", no_argument, nullptr, 'h'},
                                              {"debug", no_argument, nullptr, 'd'},
                                              {"show", no_argument, nullptr, 's'},
                                              {"me", no_argument, nullptr, 'm'},
                                              {"bootguard", no_argument, nullptr, 'b'},
                                              {nullptr, 0, nullptr, 0}}};

// Takes `--root DIR`, which is not the tool's own, out of the words. False where the folder is missing.
bool take_root(std::vector<char*>& words, Options& options) {
  const auto root = std::ranges::find_if(words, [](std::string_view word) { return word == "--root"; });
  if (root == words.end()) return true;
  if (root + 1 == words.end()) return false;
  options.root = *(root + 1);
  words.erase(root, root + 2);
  return true;
}

// The options; a number ends the program with that status.
std::optional<int> parse(std::span<char* const> arguments, Options& options) {
  std::vector<char*> words(arguments.begin(), arguments.end());
  std::string name = "intelmetool";
  // getopt prints an option that it does not know as it is.
  for (const std::string_view word : arguments) {
    if (word.starts_with('-') && printable(word) != word) {
      cli::say(fmt::format("intelmetool: unknown option {}\n{}", printable(word), help));
      return 1;
    }
  }
  if (!words.empty()) words.front() = name.data();
  if (!take_root(words, options)) return cli::complain({Errc::usage, "--root needs a folder"}, name) == 0 ? 0 : 1;
  const int count = static_cast<int>(words.size());
  words.push_back(nullptr);
  ::optind = 0;
  for (;;) {
    switch (::getopt_long(count, words.data(), "vhdsmb?", long_options.data(), nullptr)) {
      case -1: return std::nullopt;
      case 'v': cli::print(fmt::format("intelmetool (quell {})\n", version)); return 0;
      case 'h': cli::print(help); return 0;
      case 's':
      case 'm': options.show = true; break;
      case 'b': options.boot_guard = true; break;
      case 'd': options.debug = true; break;
      default:
        // A question mark of the user's own, or an option that getopt has complained of.
        if (::optopt == '?' || ::optopt == 0) cli::print(help);
        return ::optopt == '?' ? 0 : 1;
    }
  }
}

}  // namespace

int intelmetool(std::span<char* const> arguments) {
  Options options;
  if (const auto ended = parse(arguments, options)) return *ended;
  std::unique_ptr<host::Root> root = host::live_root();
  if (!options.root.empty()) {
    auto opened = host::open_root(options.root);
    if (!opened) return cli::complain(opened.error(), options.root);
    root = *std::move(opened);
  }
  int status = 0;
  if (options.show || !options.boot_guard) status = show(*root, options);
  if (options.boot_guard) status = std::max(status, show_boot_guard(*root));
  return status;
}

}  // namespace quell::compat
