// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/descriptor.h"

#include <memory>

#include <fmt/format.h>

#include "cli/overrides.h"
#include "cli/print_plan.h"
#include "intel/boot_guard.h"
#include "quell/survey/recognise.h"

namespace quell::cli {
namespace {

using EditFunction = Result<void> (*)(PlanBuilder&, const flash::FlashDescriptor&, const flash::EditRules&);

Result<void> run_edit(const EditArguments& arguments, const Session& session, EditFunction edit) {
  QUELL_TRY(const auto source, open_descriptor(arguments.input, {.write_files = {arguments.output}}));
  const ByteView bytes = source.image.bytes();
  QUELL_CHECK(flash::require_editable(source.descriptor, bytes, arguments.accepted));
  QUELL_TRY(const auto rules, flash::edit_rules(source.descriptor, bytes));
  PlanBuilder builder(bytes);
  QUELL_CHECK(edit(builder, source.descriptor, rules));
  const Plan plan = std::move(builder).build(source.image.sha256());
  std::vector<Finding> notices;
  if (plan.empty()) {
    notices.push_back({.id = "flash.descriptor.unchanged",
                       .question = Question::descriptor,
                       .title = "the permissions are as wanted already"});
  }
  return finish_edit(arguments, session, source.image, plan, std::move(notices));
}

void add_permission_verb(const Command& parent, Session& session, const std::string& name, const std::string& summary,
                         EditFunction edit) {
  auto arguments = std::make_shared<EditArguments>();
  const Command verb = add_command(parent, session, name, summary,
                                   fmt::format("quell descriptor {} dump.rom -o changed.rom", name), of_change);
  add_edit_options(verb, *arguments);
  on_run(
      verb, session, &arguments->input, [arguments, &session, edit] { return run_edit(*arguments, session, edit); },
      edit_overrides);
}

}  // namespace

Result<DescriptorFile> open_descriptor(const std::string& path, const SandboxNeeds& needs) {
  QUELL_TRY(MappedFile file, MappedFile::copy(path));
  enter_sandbox(needs);
  const ByteView view = file.view();
  Image image(path, view);
  recognise(image);
  auto descriptor = flash::parse_descriptor(view);
  if (!descriptor) {
    if (image.what.recognised && image.what.body.offset != 0) {
      return fail(Errc::unsupported, fmt::format("this is {}; take the image out of it first with quell extract",
                                                 in_sentence(image.what)));
    }
    if (flash::find_descriptor(view)) return tl::unexpected<Error>(std::move(descriptor).error());
    return fail(Errc::unrecognised,
                fmt::format("there is no Intel flash descriptor at its start: this is {}; give the dump of the whole "
                            "first flash chip",
                            image.what.title.empty() ? "nothing known" : in_sentence(image.what)));
  }
  return DescriptorFile{path, std::move(file), std::move(image), *std::move(descriptor)};
}

void add_edit_options(const Command& command, EditArguments& arguments, Overrides offered) {
  command.option("IMAGE", arguments.input, "full flash dump or descriptor; - is standard input").required();
  command.option("-o,--output", arguments.output, "write the result here; never the input itself");
  command.flag("--dry-run", arguments.dry_run, "plan, prove, print, and write nothing");
  add_override_options(command, offered, arguments.accepted);
}

Result<void> finish_edit(const EditArguments& arguments, const Session& session, const Image& image, const Plan& plan,
                         std::vector<Finding> notices, std::vector<Finding> costs) {
  if (arguments.output.empty() && !arguments.dry_run)
    return fail(Errc::usage, "name an output with -o, or look first with --dry-run");
  Outputs outputs;
  outputs.protect_input(arguments.input);
  QUELL_TRY(Buffer output, flash::apply_descriptor_plan(plan, image));
  if (const Edit* edit = intel::protected_edit(plan, image)) {
    notices.push_back({.id = "intel.bootguard.protected-edit",
                       .question = Question::digests,
                       .severity = Severity::warning,
                       .title = "what changes is covered by the firmware interface table or Boot Guard's policy: where "
                                "it is enforced the machine starts only with content that was signed for it",
                       .range = edit->range});
  }
  std::vector<std::string> written;
  if (!arguments.dry_run) {
    QUELL_CHECK(outputs.add(arguments.output, std::move(output)));
    QUELL_CHECK(outputs.write());
    written.push_back(arguments.output);
  }
  const report::PlanReport shown{arguments.input,  image.bytes().size(), &plan, image.bytes(), std::move(notices),
                                 std::move(costs), std::move(written),   {}};
  const bool to_stdout = !arguments.dry_run && arguments.output == "-";
  print_plan("descriptor", shown, to_stdout, session);
  return {};
}

void add_edit_verbs(const Command& parent, Session& session) {
  add_permission_verb(parent, session, "unlock", "let every bus master read and write every region",
                      &flash::plan_unlock);
  add_permission_verb(parent, session, "lock", "give each bus master its own regions only", &flash::plan_lock);
  add_permission_verb(parent, session, "lock-out", "let the ME touch nothing but itself", &flash::plan_lock_out);
}

void add_descriptor(const Command& app, Session& session) {
  const Command command =
      app.subcommand("descriptor", "show, change, take apart and put together the flash descriptor");
  command.listed_under("Change images");
  command.footer(
      "Examples:\n  quell descriptor show dump.rom\n"
      "  quell descriptor set dump.rom disable=on -o quiet.rom\n"
      "  quell descriptor split dump.rom --first 8m.bin --second 4m.bin");
  command.require_subcommand();
  add_show_verbs(command, session);
  add_edit_verbs(command, session);
  add_set_verb(command, session);
  add_part_verbs(command, session);
}

}  // namespace quell::cli
