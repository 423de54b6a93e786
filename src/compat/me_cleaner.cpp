// SPDX-License-Identifier: GPL-2.0-or-later
// The front end with the options, bytes and exit statuses of me_cleaner 1.2. Unlike it, nothing is written unless
// everything has been checked.
#include <span>

#include <fmt/format.h>

#include "base/printable.h"
#include "base/sandbox.h"
#include "cli/command.h"
#include "cli/outputs.h"
#include "compat/me_cleaner_options.h"
#include "compat/me_cleaner_report.h"
#include "intel/boot_guard.h"
#include "quell/flash/descriptor.h"
#include "quell/mapped_file.h"
#include "quell/survey/recognise.h"
#include "report/document_text.h"

namespace quell::compat {
namespace {

constexpr int success = 0;
constexpr int failure = 1;
constexpr int usage_error = 2;

int complain(const Error& error, const std::string& subject) {
  const std::string where = error.offset ? fmt::format(" (at {:#x})", *error.offset) : "";
  const std::string prefix = error.message.starts_with(subject) ? "" : subject + ": ";
  cli::say(printable(fmt::format("quell me_cleaner: {}{}{}", prefix, error.message, where)) + "\n");
  return failure;
}

// A refusal with this front end's own option, where it has one: strip nothing, set the bit alone.
Error worded(Error error, bool dump) {
  if (dump && error.lifted_by.has(Override::me12_strip)) error.message += "; -s does only that";
  return error;
}

// Neither a full dump nor an ME region: says what it is instead.
int unknown_image(const Image& image) {
  const Recognition& what = image.what;
  const std::string title =
      what.recognised ? fmt::format("this is {}, which cannot be cleaned", in_sentence(what)) : "unknown image";
  const std::string next = what.next_step.empty() ? "" : ": " + what.next_step;
  return complain({Errc::unrecognised, title + next}, image.name());
}

std::vector<std::string> split_output_names(const MeCleanerOptions& options) {
  std::vector<std::string> names;
  for (const auto* name : {&options.descriptor_output, &options.me_output, &options.output}) {
    if (*name) names.push_back(**name);
  }
  return names;
}

// Outputs that overwrite the input or each other are a mistake on the command line, found before anything is read.
int check_output_names(const MeCleanerOptions& options) {
  cli::Outputs outputs;
  outputs.protect_input(options.input);
  for (const std::string& name : split_output_names(options)) {
    if (const auto added = outputs.add(name, {}); !added) {
      complain(added.error(), options.input);
      return usage_error;
    }
  }
  return success;
}

int check(const MeCleanerOptions& options, const Image& image, const Firmware& firmware) {
  if (!firmware.me) return complain({Errc::unsupported, "the ME region is not in use"}, options.input);
  const auto& me = *firmware.me;
  if (me.generation != intel::Generation::first && verify_signature(me.manifest) != intel::SignatureState::valid) {
    return complain({Errc::damaged, "the signature of FTPR is invalid", me.manifest.bytes.origin()}, options.input);
  }
  cli::Outputs outputs;
  outputs.protect_input(options.input);
  const auto copy = [](ByteView part) { return Buffer(part.bytes().begin(), part.bytes().end()); };
  if (options.descriptor_output) {
    if (const auto added =
            outputs.add(*options.descriptor_output, copy(image.bytes().clip(firmware.descriptor->region(0)->range)));
        !added) {
      return complain(added.error(), options.input);
    }
  }
  if (options.me_output && me.generation != intel::Generation::first) {
    if (const auto added = outputs.add(*options.me_output, copy(me.bytes)); !added)
      return complain(added.error(), options.input);
  }
  if (const auto written = outputs.write(); !written) return complain(written.error(), options.input);
  if (me.generation != intel::Generation::first) cli::print("Signature of FTPR: valid\n");
  return success;
}

struct Cleaned {
  intel::CleanPlan plan{};
  std::string text{};
};

Result<Cleaned> clean(const MeCleanerOptions& options, const Image& image, const Firmware& firmware) {
  QUELL_TRY(auto plan, intel::plan_clean(image, options.clean));
  QUELL_TRY(Buffer output, intel::apply_clean(plan, image));
  std::string text = result_text(firmware, image.bytes(), ByteView(output), plan, options.clean);
  cli::Outputs outputs;
  outputs.protect_input(options.input);
  if (options.descriptor_output) {
    QUELL_TRY(Buffer descriptor, intel::extracted_descriptor(plan, ByteView(output)));
    QUELL_CHECK(outputs.add(*options.descriptor_output, std::move(descriptor)));
  }
  if (options.me_output && plan.has_me_output) {
    QUELL_TRY(Buffer me, intel::extracted_me(plan, ByteView(output)));
    QUELL_CHECK(outputs.add(*options.me_output, std::move(me)));
  }
  if (!options.output) outputs.allow_in_place();
  QUELL_CHECK(outputs.add(options.output.value_or(options.input), std::move(output)));
  QUELL_CHECK(outputs.write());
  return Cleaned{std::move(plan), std::move(text)};
}

void warn(const MeCleanerOptions& options, const Firmware& firmware, const Image& image, const intel::CleanPlan& plan) {
  const auto boot_guard = intel::boot_guard_evidence(image);
  if (options.clean.strip && boot_guard.forbids_stripping()) {
    cli::say(
        fmt::format("quell me_cleaner: {}: Boot Guard is {} in this image: the machine may not start with the result\n",
                    options.input, to_string(boot_guard.verdict)));
  }
  for (const Finding& notice : plan.notices)
    cli::say(fmt::format("quell me_cleaner: {}: {}\n", options.input, notice.title));
  for (const Finding& cost : plan.costs)
    cli::say(fmt::format("quell me_cleaner: {}: {}{}\n", options.input, report::cost_lead, cost.title));
  if (options.clean.truncate && firmware.dump && !options.me_output && !options.descriptor_output) {
    cli::say(fmt::format("quell me_cleaner: {}: -t changes nothing in a full dump without -M or -D\n", options.input));
  }
}

}  // namespace

int me_cleaner(std::span<char* const> arguments) {
  auto parsed = parse_me_cleaner(arguments);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const auto& options = std::get<MeCleanerOptions>(parsed);
  if (const int status = check_output_names(options); status != success) return status;

  const auto file = MappedFile::copy(options.input);
  if (!file) return complain(file.error(), options.input);
  SandboxNeeds needs;
  for (const std::string& name : split_output_names(options)) needs.write_files.emplace_back(name);
  if (!options.output && !options.check_only) needs.write_files.emplace_back(options.input);
  enter_sandbox(needs);
  Image image(options.input, file->view());
  image.start_hashing();
  recognise(image);
  auto firmware = look(image.bytes());
  // The disable bit alone needs no firmware that can be cleaned: the platform's rule decides.
  const bool bit_only = options.soft_disable_only && flash::find_descriptor(image.bytes());
  if (!firmware && bit_only) firmware = Firmware{.dump = true};
  if (!firmware && firmware.error().code == Errc::unrecognised) return unknown_image(image);
  if (!firmware) return complain(firmware.error(), options.input);
  if (!firmware->dump && (options.descriptor_output || options.me_output)) {
    return complain({Errc::usage, "-D and -M need a full dump, and this is a bare ME region"}, options.input);
  }
  if (firmware->me || !bit_only) cli::print(printable_lines(found_text(*firmware, image.bytes())));
  if (options.check_only) return check(options, image, *firmware);

  const auto cleaned = clean(options, image, *firmware);
  if (!cleaned) return complain(worded(cleaned.error(), firmware->dump), options.input);
  cli::print(printable_lines(cleaned->text));
  warn(options, *firmware, image, cleaned->plan);
  cli::print(printable_lines(fmt::format("Written: {}\n", options.output.value_or(options.input))));
  return success;
}

}  // namespace quell::compat
