// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include "cli/command.h"
#include "intel/amt/probe.h"
#include "report/amt.h"

namespace quell::cli {
namespace {

struct NetCommand {
  intel::amt::Options probe;
  std::uint16_t ipmi_port = 623;
  std::uint16_t redfish_port = 443;
  double seconds = 5;
};

int run(NetCommand& options, const Session& session) {
  const std::chrono::milliseconds whole(static_cast<std::int64_t>(options.seconds * 1000));
  options.probe.timeout = whole / 2;
  const auto exposure = intel::amt::probe(options.probe);
  if (!exposure) return complain(exposure.error(), options.probe.host);
  const report::Controller controller{.ipmi = net::presence_ping(exposure->address, options.ipmi_port, whole / 5),
                                      .redfish = net::ask_redfish(exposure->address, options.redfish_port, whole / 4)};
  print(session.json
            ? report::to_json(*exposure, controller)
            : report::to_text(*exposure, controller, {session.use_color(), session.width(), session.verbosity}));
  const bool answers =
      exposure->verdict == intel::amt::Reachability::reachable || controller.ipmi.ipmi || controller.redfish.found;
  return answers ? static_cast<int>(verdict_bad) : static_cast<int>(done);
}

}  // namespace

void add_net(const Command& app, Session& session) {
  auto options = std::make_shared<NetCommand>();
  const Command command = add_command(
      app, session, "net", "does AMT or a management controller (IPMI, Redfish) answer on one host",
      "quell net 192.0.2.7\n\n"
      "What `amt` does, then one ASF presence ping to UDP 623 and one GET of /redfish/v1/ on TCP 443: no login,\n"
      "no second request, no redirect followed, no other host.\n"
      "Exit status: 0 none of them answers, 1 one does, 5 the host has no address.");
  command.option("HOST", options->probe.host, "name or address").required();
  command.option("--timeout", options->seconds, "seconds for everything together").between(0.1, 120.0).shows_default();
  command.option("--http-port", options->probe.http_port, "where AMT's HTTP is (a tunnel, say)").shows_default();
  command.option("--https-port", options->probe.https_port, "where AMT's HTTPS is").shows_default();
  command.option("--ipmi-port", options->ipmi_port, "where RMCP is").shows_default();
  command.option("--redfish-port", options->redfish_port, "where Redfish is").shows_default();
  command.callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
