// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/survey/status.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/confine.h"
#include "host/pci.h"
#include "quell/mapped_file.h"
#include "report/status.h"

namespace quell::cli {
namespace {

struct StatusCommand {
  std::string root;
  std::string lspci;
  std::string expect;
  StatusOptions collect;
};

Result<std::unique_ptr<host::Root>> root_of(const StatusCommand& options) {
  if (!options.lspci.empty()) {
    QUELL_TRY(const MappedFile file, MappedFile::open(options.lspci));
    QUELL_TRY(auto entries, host::read_lspci_dump(file.view()));
    return host::memory_root(std::move(entries));
  }
  if (!options.root.empty()) return host::open_root(options.root);
  return host::live_root();
}

// 0 when every engine got a verdict, 3 when one is unknown, 4 when it is unknown for lack of privilege.
int status_of_engines(const HostStatus& status) {
  int out = status.machine_known || !status.engines.empty() ? done : not_recognised;
  for (const EngineStatus& engine : status.engines) {
    if (engine.verdict != Verdict::unknown && engine.verdict != Verdict::unreadable) continue;
    out = std::max<int>(out, engine.needs_privilege ? refused : not_recognised);
  }
  return out;
}

// Whether the Intel engines are as expected: 0 yes, 1 no, 3 not to be told.
int status_of_expectation(const HostStatus& status, const std::string& expect) {
  bool seen = false;
  bool unclear = false;
  for (const EngineStatus& engine : status.engines) {
    if (engine.engine != "intel-me") continue;
    seen = true;
    const CountsAsDisabled counts = engine.counts_as_disabled;
    const bool quiet = is_off(counts) || counts == CountsAsDisabled::after_watch;
    unclear = unclear || counts == CountsAsDisabled::inconclusive;
    const bool runs = counts == CountsAsDisabled::no;
    if (expect == "disabled" ? runs : quiet) return verdict_bad;
  }
  return seen && !unclear ? done : not_recognised;
}

int run(const StatusCommand& options, const Session& session) {
  auto root = root_of(options);
  if (!root) return complain(root.error(), options.lspci.empty() ? options.root : options.lspci);
  const bool live = options.root.empty() && options.lspci.empty();
  if (live) {
    confine_live(session);
  } else {
    confine(session, {}, {options.root});
  }
  const HostStatus status = collect_status(**root, options.collect);
  print(session.json ? report::to_json(status)
                     : report::to_text(status, {session.use_color(), session.width(), session.verbosity}));
  return options.expect.empty() ? status_of_engines(status) : status_of_expectation(status, options.expect);
}

}  // namespace

void add_status(const Command& app, Session& session) {
  auto options = std::make_shared<StatusCommand>();
  const Command command =
      add_command(app, session, "status", "the engines below this machine, and whether they are off",
                  "quell status            what can be read without root, and what root would add\n"
                  "  sudo quell status -v    with every register and where it was read\n"
                  "  quell status --root capture.tar --json\n\n"
                  "Reads only: nothing is written, no process is started, no network is used.\n"
                  "Exit status: 0 every engine got a verdict, 3 one is unknown, 4 unknown for lack of privilege.",
                  {.more = Prints::More::twice});
  const Option root = command.option("--root", options->root, "a captured tree: folder, or tar of `quell capture`");
  command
      .option("--lspci", options->lspci,
              "only the PCI devices of an `lspci -xxxx` dump, or of the text of `lspci -nnk`")
      .excludes(root);
  command
      .option("--expect", options->expect,
              "disabled or running: exit status 1 when the Intel engine is not, 3 when that cannot be told")
      .one_of({"disabled", "running"});
  command.flag("--no-questions{false}", options->collect.ask_engine,
               "do not ask the engine or the TPM anything (version, AMT state), only look at registers and files");
  command.flag("--deep", options->collect.deep,
               "as root: also read physical memory (function disable, TXT) and, on AMD, the PSB fuses, which "
               "takes writing the index register of PCI device 00:00.0");
  command.flag("--unsure", options->collect.unsure, "also register fields that only one source knows");
  command.callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
