// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include "cli/amt_probe.h"
#include "report/amt.h"

namespace quell::cli {
namespace {

int run(AmtProbe& probe, const Session& session) {
  probe.options.timeout = whole_time(probe);
  confine_probe(probe, session);
  const auto exposure = intel::amt::probe(probe.options);
  if (!exposure) return complain(exposure.error(), probe.options.host);
  print(session.json ? report::to_json(*exposure)
                     : report::to_text(*exposure, {session.use_color(), session.width(), session.verbosity}));
  return status_of(exposure->verdict);
}

}  // namespace

void add_amt(const Command& app, Session& session) {
  auto probe = std::make_shared<AmtProbe>();
  const Command command = add_command(
      app, session, "amt", "is Intel AMT reachable on one host, which version, which advisories",
      "quell amt                this machine (through the local service lms)\n"
      "  quell amt 192.0.2.7      one other host, named by you\n\n"
      "Makes one plain connection to each port and one GET where HTTP answers: no login,\n"
      "no second request, no redirect followed, no other host.\n"
      "Exit status: 0 AMT does not answer, 1 it does, 3 a port is open but what listens there cannot be told,\n"
      "5 the host has no address.");
  command.option("HOST", probe->options.host, "name or address; this machine when left out").shows_default();
  add_amt_probe_options(command, *probe);
  command.callback([probe, &session] { session.status = run(*probe, session); });
}

}  // namespace quell::cli
