// SPDX-License-Identifier: GPL-2.0-or-later
// The damaged-input campaign: thousands of damaged images through inspect, check and clean. No crash, no hang, no
// output after a failure, no input changed. The same seed makes the same variants on every machine.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "campaign/descriptor_trial.h"
#include "campaign/program.h"
#include "campaign/trial.h"
#include "campaign/workers.h"

namespace {

using namespace quell;
using namespace quell::campaign;

struct Options {
  std::uint64_t seed = 1;
  std::uint64_t count = ~std::uint64_t{0} >> 1U;
  double seconds = 0;
  bool fields = false;       // every one-field mutation of the specimens
  bool descriptors = false;  // every byte of five descriptors; needs the program
  std::string program{};     // a few hundred variants through this program
  std::string shared{QUELL_SHARED};
  std::string save{};  // with `only`: write that variant here
  std::uint64_t only = ~std::uint64_t{0};
};

int usage() {
  fmt::print(
      stderr,
      "usage: campaign [--seed N] [--count N] [--seconds S] [--fields] [--program QUELL] [--no-shared]\n"
      "                [--only N [--save FILE]]\n"
      "Without --count and --seconds: 20000 variants; with --fields every one, or N of each specimen, evenly spread.\n"
      "campaign --descriptors --program QUELL [--count N]: every byte of five descriptors through four commands,\n"
      "or N of these runs, evenly spread.\n");
  return 2;
}

bool parse(std::span<char*> arguments, Options& options) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string name = arguments[i];
    if (name == "--fields") {
      options.fields = true;
    } else if (name == "--descriptors") {
      options.descriptors = true;
    } else if (name == "--no-shared") {
      options.shared.clear();
    } else if (i + 1 == arguments.size()) {
      return false;
    } else if (name == "--seed") {
      options.seed = std::stoull(arguments[++i]);
    } else if (name == "--count") {
      options.count = std::stoull(arguments[++i]);
    } else if (name == "--seconds") {
      options.seconds = std::stod(arguments[++i]);
    } else if (name == "--only") {
      options.only = std::stoull(arguments[++i]);
    } else if (name == "--program") {
      options.program = arguments[++i];
    } else if (name == "--save") {
      options.save = arguments[++i];
    } else {
      return false;
    }
  }
  return true;
}

// A step that shares no factor with the counts visits every byte, field, value and command in turn.
std::uint64_t spread(std::uint64_t number, std::uint64_t count, std::uint64_t all) {
  constexpr std::uint64_t step = 1'000'003;
  return count == all ? number : number * step % all;
}

struct Part {
  std::string name{};
  Trials trials{};
  std::function<Variant(std::uint64_t)> variant{};
};

// Runs one part and tells how it went; false when anything failed.
bool run(const Part& part) {
  const auto begin = std::chrono::steady_clock::now();
  const Outcome outcome = run_trials(part.trials);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  fmt::print("note: {}: {} variants in {:.0f} s, slowest {:.2f} s (number {}), {} failed\n", part.name, outcome.done,
             took.count(), outcome.slowest, outcome.slowest_number, outcome.failures.size());
  for (const Failure& failure : outcome.failures) {
    fmt::print("FAILED  {} number {}: {}\n        {}\n", part.name, failure.number, failure.what,
               part.variant(failure.number).what);
  }
  std::fflush(stdout);
  return outcome.failures.empty() && outcome.done > 0;
}

bool run_fields(const Options& options, unsigned processes) {
  bool good = true;
  for (const specimen::IntelFlavour flavour : specimen::intel_flavours()) {
    for (const Base& base : {small_dump(flavour), small_region(flavour)}) {
      const std::vector<Field> fields = fields_of(base);
      const std::uint64_t all = field_variant_count(fields);
      const std::uint64_t count = std::min(options.count, all);
      Part part{.name = fmt::format("one field of the {}, {} of {} values", base.name, count, all)};
      part.variant = [&](std::uint64_t number) { return field_variant(base, fields, spread(number, count, all)); };
      part.trials = {.count = count, .processes = processes};
      part.trials.trial = [&](std::uint64_t number) { return try_library(part.variant(number), number); };
      good = run(part) && good;
    }
  }
  return good;
}

bool run_program(const Options& options, const std::vector<Base>& bases, unsigned processes) {
  const auto folder = std::filesystem::temp_directory_path() / fmt::format("quell-campaign-{}", ::getpid());
  std::filesystem::create_directories(folder);
  Part part{.name = "the program"};
  part.variant = [&](std::uint64_t number) { return damaged(bases, options.seed + 1, number); };
  part.trials = {.count = options.count, .seconds = options.seconds, .processes = processes};
  part.trials.trial = [&](std::uint64_t number) {
    return try_program(part.variant(number), options.program, folder.string());
  };
  const bool good = run(part);
  std::filesystem::remove_all(folder);
  return good;
}

bool run_descriptors(const Options& options, unsigned processes) {
  const std::vector<Base> bases = descriptors(options.shared);
  const std::uint64_t all = descriptor_trial_count(bases);
  const std::uint64_t count = std::min(options.count, all);
  const Folder folder(std::filesystem::temp_directory_path() / fmt::format("quell-descriptors-{}", ::getpid()));
  const auto pick = [&](std::uint64_t number) { return spread(number, count, all); };
  Part part{.name = fmt::format("every byte of {} descriptors, {} of {} runs", bases.size(), count, all)};
  part.variant = [&](std::uint64_t number) { return descriptor_variant(bases, pick(number)); };
  part.trials = {.count = count, .seconds = options.seconds, .processes = processes};
  part.trials.trial = [&](std::uint64_t number) {
    return try_descriptor(bases, pick(number), options.program, folder.path.string());
  };
  return run(part);
}

int replay(const Options& options, const std::vector<Base>& bases) {
  const Variant variant = damaged(bases, options.seed, options.only);
  fmt::print("{} ({} bytes)\n", variant.what, variant.bytes.size());
  if (!options.save.empty()) return write_file(options.save, variant.bytes).has_value() ? 0 : 5;
  const auto wrong = try_library(variant, options.only);
  fmt::print("{}\n", wrong.value_or("nothing wrong"));
  return wrong ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Options options;
    if (!parse({argv, static_cast<std::size_t>(argc)}, options)) return usage();
    const unsigned processes = std::max(1U, std::thread::hardware_concurrency());
    if (options.descriptors) return options.program.empty() ? usage() : run_descriptors(options, processes) ? 0 : 1;
    if (options.fields) return run_fields(options, processes) ? 0 : 1;
    if (options.seconds <= 0 && options.count > 1'000'000'000) options.count = options.program.empty() ? 20'000 : 300;

    const std::vector<Base> bases = all_bases(options.shared);
    if (options.only != ~std::uint64_t{0}) return replay(options, bases);
    if (!options.program.empty()) return run_program(options, bases, processes) ? 0 : 1;

    Part part{.name = fmt::format("seed {}, {} images", options.seed, bases.size())};
    part.variant = [&](std::uint64_t number) { return damaged(bases, options.seed, number); };
    part.trials = {.count = options.count, .seconds = options.seconds, .processes = processes};
    part.trials.trial = [&](std::uint64_t number) { return try_library(part.variant(number), number); };
    return run(part) ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "campaign: {}\n", error.what());
    return 5;
  }
}
