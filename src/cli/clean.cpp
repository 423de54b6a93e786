// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include "cli/command.h"
#include "cli/confine.h"
#include "cli/machine_tpm.h"
#include "cli/outputs.h"
#include "cli/overrides.h"
#include "cli/print_plan.h"
#include "quell/engine.h"
#include "quell/intel/clean.h"
#include "quell/mapped_file.h"
#include "survey/cleaning.h"

namespace quell::cli {
namespace {

const Overrides clean_overrides{Override::boot_guard,          Override::me12_strip, Override::overlaps,
                                Override::reported_place,      Override::place,      Override::descriptor_alone,
                                Override::verified_descriptor, Override::tpm_loss};

struct CleanArguments {
  std::string input;
  std::string output;
  std::string descriptor_output;
  std::string me_output;
  bool dry_run = false;
  bool soft = false;
  bool strip = false;
  std::string hap_at;
  intel::CleanOptions options;
  MachineChoice machine;
};

Result<void> check_names(const CleanArguments& arguments, Outputs& outputs) {
  outputs.protect_input(arguments.input);
  if (arguments.dry_run || !arguments.output.empty() || !arguments.descriptor_output.empty() ||
      !arguments.me_output.empty()) {
    return {};
  }
  return fail(Errc::usage, "name an output with -o, --descriptor-out or --me-out, or look first with --dry-run");
}

Result<intel::CleanPlan> plan_for(Image& image, const CleanArguments& arguments) {
  intel::CleanOptions options = arguments.options;
  if (!arguments.hap_at.empty()) {
    QUELL_TRY(options.at, intel::parse_location(arguments.hap_at));
  }
  return plan_cleaning(image, {.soft = arguments.soft, .strip = arguments.strip}, std::move(options));
}

// Every file that the command line names, in memory.
Result<void> add_outputs(const CleanArguments& arguments, const intel::CleanPlan& plan, Buffer cleaned,
                         Outputs& outputs) {
  if (!arguments.descriptor_output.empty()) {
    if (plan.descriptor.empty())
      return fail(Errc::usage, "--descriptor-out needs a full dump, and this is a bare ME region");
    QUELL_TRY(Buffer descriptor, intel::extracted_descriptor(plan, ByteView(cleaned)));
    QUELL_CHECK(outputs.add(arguments.descriptor_output, std::move(descriptor)));
  }
  if (!arguments.me_output.empty()) {
    if (!plan.has_me_output) return fail(Errc::usage, "--me-out needs a full dump with an ME region that stays");
    QUELL_TRY(Buffer me, intel::extracted_me(plan, ByteView(cleaned)));
    QUELL_CHECK(outputs.add(arguments.me_output, std::move(me)));
  }
  if (!arguments.output.empty()) QUELL_CHECK(outputs.add(arguments.output, std::move(cleaned)));
  return {};
}

Result<std::vector<std::string>> write(const CleanArguments& arguments, const intel::CleanPlan& plan,
                                       const Image& image, Outputs& outputs) {
  std::vector<std::string> names;
  QUELL_TRY(Buffer cleaned, intel::apply_clean(plan, image));
  if (arguments.dry_run) return names;
  QUELL_CHECK(add_outputs(arguments, plan, std::move(cleaned), outputs));
  QUELL_CHECK(outputs.write());
  for (const auto& name : {arguments.descriptor_output, arguments.me_output, arguments.output}) {
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

void add_notices(const CleanArguments& arguments, intel::CleanPlan& plan) {
  if (plan.left_out) {
    plan.notices.push_back(notice_of(*plan.left_out));
    plan.notices.back().detail += insist_with(plan.left_out->why, clean_overrides);
  }
  const bool dump = !plan.descriptor.empty();
  if (arguments.options.truncate && dump && arguments.me_output.empty() && arguments.descriptor_output.empty()) {
    plan.notices.push_back({.id = "intel.clean.truncate-no-effect",
                            .question = Question::structure,
                            .severity = Severity::warning,
                            .title = "--truncate changes nothing in a full dump without --descriptor-out or --me-out"});
  }
}

Result<void> clean(const CleanArguments& arguments, const Session& session) {
  Outputs outputs;
  QUELL_CHECK(check_names(arguments, outputs));
  QUELL_TRY(const MappedFile file, MappedFile::copy(arguments.input));
  confine(session, {arguments.output, arguments.descriptor_output, arguments.me_output},
          {arguments.input, arguments.machine.root});
  Image image(arguments.input, file.view());
  image.start_hashing();
  QUELL_TRY(auto plan, plan_for(image, arguments));
  add_notices(arguments, plan);
  if (plan.tpm_at_stake) QUELL_CHECK(refuse_tpm_loss(arguments.machine, arguments.options.accepted));
  QUELL_TRY(auto written, write(arguments, plan, image, outputs));

  const report::PlanReport shown{arguments.input, image.bytes().size(), &plan.plan,         image.bytes(),
                                 plan.notices,    plan.costs,           std::move(written), plan.minimum_size};
  const bool to_stdout = arguments.output == "-" || arguments.me_output == "-" || arguments.descriptor_output == "-";
  print_plan("clean", shown, to_stdout, session);
  return {};
}

void add_options(const Command& command, CleanArguments& a) {
  command.option("IMAGE", a.input, "full flash dump or bare ME region; - is standard input").required();
  command.option("-o,--output", a.output, "write the cleaned image here; never the input itself");
  command.flag("--soft", a.soft, "set the disable bit (full dumps); without --strip, only that");
  command.flag("--strip", a.strip, "remove partitions and modules; without --soft, only that");
  command.flag("--relocate", a.options.relocate, "move FTPR to the lowest possible offset");
  command.flag("--truncate", a.options.truncate, "cut the region to its smallest working size");
  command.flag("--keep-modules", a.options.keep_modules, "remove partitions, but no module of FTPR");
  command.option("--keep", a.options.keep, "partitions to keep besides FTPR: A,B").comma_separated();
  command.option("--drop", a.options.drop, "partitions to remove, keeping all others: A,B").comma_separated();
  command.flag("--lock-out", a.options.lock_out, "let the ME access no other region of the flash chip");
  command.option("--descriptor-out", a.descriptor_output,
                 "also write the descriptor; with --truncate, with moved borders");
  command.option("--me-out", a.me_output, "also write the ME region; with --truncate, cut");
  command.option("--hap-at", a.hap_at,
                 "set this bit instead of the platform's: OFFSET[:BIT] from FPSBA; at your own risk");
  command.flag("--dry-run", a.dry_run, "plan, prove, print, and write nothing");
  add_machine_options(command, a.machine);
  add_override_options(command, clean_overrides, a.options.accepted);
}

}  // namespace

void add_clean(const Command& app, Session& session) {
  auto arguments = std::make_shared<CleanArguments>();
  const Command command = add_command(app, session, "clean", "neutralise the Intel ME in an image",
                                      "quell clean dump.rom -o clean.rom\n"
                                      "  quell clean --strip --relocate --truncate me.bin -o small.bin",
                                      of_change);
  add_options(command, *arguments);
  command.callback([arguments, &session] {
    ask_this_machine(arguments->machine);
    const auto result = clean(*arguments, session);
    if (!result) session.status = complain(result.error(), arguments->input, clean_overrides);
  });
}

}  // namespace quell::cli
