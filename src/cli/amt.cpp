// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include "cli/command.h"
#include "intel/amt/probe.h"
#include "report/amt.h"

namespace quell::cli {
namespace {

struct AmtCommand {
  intel::amt::Options probe;
  double seconds = 5;
};

int run(AmtCommand& options, const Session& session) {
  options.probe.timeout = std::chrono::milliseconds(static_cast<std::int64_t>(options.seconds * 1000));
  const auto exposure = intel::amt::probe(options.probe);
  if (!exposure) return complain(exposure.error(), options.probe.host);
  print(session.json ? report::to_json(*exposure)
                     : report::to_text(*exposure, {session.use_color(), session.width(), session.verbosity}));
  if (exposure->verdict == intel::amt::Reachability::reachable) return verdict_bad;
  // Something listens where AMT would, and does not say what it is: that is no "no".
  return exposure->verdict == intel::amt::Reachability::ports_open ? not_recognised : done;
}

}  // namespace

void add_amt(const Command& app, Session& session) {
  auto options = std::make_shared<AmtCommand>();
  const Command command = add_command(
      app, session, "amt", "is Intel AMT reachable on one host, which version, which advisories",
      "quell amt                this machine (through the local service lms)\n"
      "  quell amt 192.0.2.7      one other host, named by you\n\n"
      "Makes one plain connection to each port and one GET where HTTP answers: no login,\n"
      "no second request, no redirect followed, no other host.\n"
      "Exit status: 0 AMT does not answer, 1 it does, 3 a port is open but what listens there cannot be told,\n"
      "5 the host has no address.");
  command.option("HOST", options->probe.host, "name or address; this machine when left out").shows_default();
  command.option("--timeout", options->seconds, "seconds for everything together").between(0.1, 120.0).shows_default();
  command.option("--http-port", options->probe.http_port, "where AMT's HTTP is (a tunnel, say)").shows_default();
  command.option("--https-port", options->probe.https_port, "where AMT's HTTPS is").shows_default();
  command.callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
