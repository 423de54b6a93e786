// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/capture.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/atomic_file.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "host/tar.h"

namespace quell::cli {
namespace {

struct CaptureCommand {
  std::string output;
  std::string root;
  CaptureOptions capture;
};

Result<void> run_capture(const CaptureCommand& options, const Session& session) {
  std::unique_ptr<host::Root> root;
  if (options.root.empty()) {
    root = host::live_root();
  } else {
    QUELL_TRY(root, host::open_root(options.root));
  }
  if (options.root.empty()) {
    SandboxNeeds files;
    if (options.output != "-") files.write_files.emplace_back(options.output);
    confine_live(session, std::move(files));
  } else {
    confine(session, {options.output}, {options.root});
  }
  const host::Entries entries = capture(*root, options.capture);
  QUELL_TRY(const Buffer archive, host::write_tar(entries));
  QUELL_CHECK(write_file(options.output, archive));
  std::size_t files = 0;
  for (const auto& [path, entry] : entries) files += entry.kind == host::Entry::Kind::file ? 1 : 0;
  const auto denied = entries.find("/quell/denied");
  if (options.output != "-" && session.verbosity >= 0) {
    print(fmt::format("{}: {} files, {} bytes; read it with `quell status --root {}`\n", options.output, files,
                      archive.size(), options.output));
    if (denied != entries.end())
      print("Not everything could be read:\n" + denied->second.data + "Run as root for more.\n");
    if (!options.capture.identifiers) print("It holds no serial numbers and no addresses.\n");
  }
  return {};
}

}  // namespace

void add_capture(const Command& app, Session& session) {
  auto options = std::make_shared<CaptureCommand>();
  const Command command =
      add_command(app, session, "capture", "the sources `status` reads, as a tar to send to somebody",
                  "sudo quell capture machine.tar\n"
                  "  quell status --root machine.tar",
                  {.json = false, .color = false, .more = Prints::More::lacks});
  command.option("OUTPUT", options->output, "the tar to write; - is standard output").required();
  command.option("--root", options->root, "capture from a captured tree instead of this machine");
  command.flag("--with-identifiers", options->capture.identifiers,
               "keep serial numbers and addresses (the whole SMBIOS table)");
  command.flag("--no-questions{false}", options->capture.status.ask_engine,
               "do not ask the engine or the TPM anything");
  command.flag("--deep", options->capture.status.deep, "also what `status --deep` reads");
  command.callback([options, &session] {
    const auto result = run_capture(*options, session);
    session.status = result ? static_cast<int>(done) : complain(result.error(), options->output);
  });
}

}  // namespace quell::cli
