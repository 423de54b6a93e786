// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "cli/chip_options.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "quell/mapped_file.h"
#include "report/chip/describe.h"
#include "report/text.h"
#include "spi/job.h"
#include "spi/pair.h"
#include "spi/vault_check.h"

namespace quell::cli {
namespace {

struct VaultArguments {
  ChipOptions chip;
  std::vector<std::string> names;
  std::string output;
  std::string close;  // a job's id
};

Result<spi::Vault> existing(const VaultArguments& arguments) {
  return spi::Vault::open_existing(vault_path(arguments.chip));
}

Result<int> list(const VaultArguments& arguments, const Session& session) {
  QUELL_TRY(const spi::Vault vault, existing(arguments));
  confine(session, {}, {vault.path().string()});
  QUELL_TRY(const auto entries, vault.list());
  const auto jobs = spi::all_jobs(vault);
  const std::string place = vault.path().string();
  print(session.json ? report::chip::vault_json(entries, jobs, place) : report::chip::vault_text(entries, jobs, place));
  return done;
}

// What should be there against what is there.
Result<int> verify(const VaultArguments& arguments, const Session& session) {
  QUELL_TRY(const spi::Vault vault, existing(arguments));
  confine(session, {}, {vault.path().string()});
  const spi::VaultReport report = spi::check_vault(vault);
  if (session.json) {
    print(report::chip::check_json(report, vault.path().string()));
    return report.sound() ? done : verdict_bad;
  }
  for (const std::string& problem : report.problems) say(fmt::format("quell: {}\n", report::printable(problem)));
  if (session.verbosity >= 0) {
    for (const std::string& note : report.notes) print(fmt::format("{}\n", report::printable(note)));
  }
  if (!report.sound()) {
    say(fmt::format("quell: {}: {} damaged; `quell vault repair` mends what has a whole copy\n", vault.path().string(),
                    report.problems.size() == 1 ? "1 thing is" : fmt::format("{} things are", report.problems.size())));
    return verdict_bad;
  }
  print(fmt::format("{} objects, {} manifests, {} jobs: all there, all sound\n", report.objects, report.manifests,
                    report.jobs));
  return done;
}

Result<int> repair(const VaultArguments& arguments, const Session& session) {
  QUELL_TRY(spi::Vault vault, existing(arguments));
  confine(session, SandboxNeeds{.write_below = {vault.path()}});
  QUELL_CHECK(vault.lock());
  if (!arguments.close.empty()) {
    QUELL_TRY(const spi::KnownJob job, spi::find_job(vault, arguments.close));
    QUELL_CHECK(spi::close_job(job.folder, job.file.id, "closed by hand"));
    print(fmt::format("Job {} is closed: what its chip holds was not looked at.\n", job.file.id));
  }
  QUELL_TRY(const auto report, spi::repair_vault(vault));
  for (const std::string& lost : report.lost) say(fmt::format("lost: {}\n", report::printable(lost)));
  if (session.verbosity >= 0) {
    for (const std::string& mended : report.mended) print(fmt::format("mended: {}\n", report::printable(mended)));
  }
  if (report.mended.empty() && report.lost.empty()) print("Nothing to mend.\n");
  return report.lost.empty() ? done : verdict_bad;
}

Result<int> export_object(const VaultArguments& arguments, const Session& session) {
  QUELL_TRY(const spi::Vault vault, existing(arguments));
  confine(session, {arguments.output}, {vault.path().string()});
  QUELL_TRY(const std::string name, vault.find(arguments.names.at(0)));
  QUELL_TRY(const Buffer content, vault.load(name));
  QUELL_CHECK(write_file(arguments.output, content));
  if (session.verbosity >= 0 && arguments.output != "-") print(fmt::format("{}: {}\n", arguments.output, name));
  return done;
}

Result<int> join(const VaultArguments& arguments, const Session& session) {
  QUELL_TRY(spi::Vault vault, existing(arguments));
  SandboxNeeds needs{.write_below = {vault.path()}};
  if (!arguments.output.empty() && arguments.output != "-") needs.write_files.emplace_back(arguments.output);
  confine(session, needs);
  QUELL_CHECK(vault.lock());
  QUELL_TRY(const std::string first, vault.find(arguments.names.at(0)));
  QUELL_TRY(const std::string second, vault.find(arguments.names.at(1)));
  QUELL_TRY(const Buffer one, vault.load(first));
  QUELL_TRY(const Buffer two, vault.load(second));
  QUELL_TRY(const Buffer joined, spi::join(one, two));
  QUELL_TRY(const std::string sha256,
            vault.keep(joined, {.role = "joined", .what = title_of(joined), .parts = {first, second}}));
  if (!arguments.output.empty()) QUELL_CHECK(write_file(arguments.output, joined));
  if (arguments.output != "-") print(session.verbosity < 0 ? sha256 + "\n" : fmt::format("joined as {}\n", sha256));
  return done;
}

Result<int> split(const VaultArguments& arguments, const Session& session) {
  QUELL_TRY(const MappedFile file, MappedFile::open(arguments.names.at(0)));
  const std::string& base = arguments.output.empty() ? arguments.names.at(0) : arguments.output;
  confine(session, {base + ".1", base + ".2"});
  for (const unsigned component : {1U, 2U}) {
    QUELL_TRY(const Bytes part, spi::split(file.bytes(), component));
    const std::string path = fmt::format("{}.{}", base, component);
    QUELL_CHECK(write_file(path, part));
    print(fmt::format("{}: chip {}, {} KiB\n", path, component, part.size() / 1024));
  }
  return done;
}

using Verb = Result<int> (*)(const VaultArguments&, const Session&);

Command add_verb(const Command& command, const std::shared_ptr<VaultArguments>& arguments, Session& session,
                 const std::string& name, const std::string& summary, Verb run) {
  const Command verb = command.subcommand(name, summary);
  verb.option("--vault", arguments->chip.vault, "where backups are kept; else $QUELL_VAULT, else your data folder");
  verb.callback([arguments, run, &session] {
    const auto status = run(*arguments, session);
    session.status = status ? *status : complain(status.error());
  });
  return verb;
}

}  // namespace

void add_vault(const Command& app, Session& session) {
  auto arguments = std::make_shared<VaultArguments>();
  const Command command =
      add_command(app, session, "vault", "what is kept: list, verify, repair, export, join and split chip pairs",
                  "quell vault list\n"
                  "  quell vault export 3f2a -o original.rom\n"
                  "  quell vault join 3f2a 77c0 -o both.rom",
                  no_choice);
  command.require_subcommand();
  for (const Command& told :
       {add_verb(command, arguments, session, "list", "every object with what is known of it, and every job", list),
        add_verb(command, arguments, session, "verify", "is everything there that should be, and as it was written",
                 verify)}) {
    told.flag("--json", session.json, "print one JSON document (schema quell/2)");
  }
  Command mend = add_verb(command, arguments, session, "repair",
                          "write damaged copies again from whole ones, and say what is lost", repair);
  mend.option("--close", arguments->close, "also close this unfinished job, whatever its chip holds");
  Command verb = add_verb(command, arguments, session, "export", "copy an object to a file", export_object);
  verb.option("HASH", arguments->names, "the object's hash, or its first digits").required().words(1);
  verb.option("-o,--output", arguments->output, "the file; - is standard output").required();
  verb = add_verb(command, arguments, session, "join", "two backups of a pair of chips as one image", join);
  verb.option("HASH", arguments->names, "component 1 (with the descriptor), then component 2").required().words(2);
  verb.option("-o,--output", arguments->output, "also write it to this file");
  verb = add_verb(command, arguments, session, "split", "the image of a pair of chips as one file a chip", split);
  verb.option("IMAGE", arguments->names, "the joined image").required().words(1);
  verb.option("-o,--output", arguments->output, "name of the files, to which .1 and .2 are added");
}

}  // namespace quell::cli
