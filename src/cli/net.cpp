// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include "cli/amt_probe.h"
#include "report/amt.h"

namespace quell::cli {
namespace {

struct NetCommand {
  AmtProbe amt;
  std::uint16_t ipmi_port = 623;
  std::uint16_t redfish_port = 443;
};

int run(NetCommand& options, const Session& session) {
  const std::chrono::milliseconds whole = whole_time(options.amt);
  options.amt.options.timeout = whole / 2;
  confine_probe(options.amt, session, {options.redfish_port});
  const auto exposure = intel::amt::probe(options.amt.options);
  if (!exposure) return complain(exposure.error(), options.amt.options.host);
  const report::Controller controller{.ipmi = net::presence_ping(exposure->address, options.ipmi_port, whole / 5),
                                      .redfish = net::ask_redfish(exposure->address, options.redfish_port, whole / 4),
                                      .ipmi_port = options.ipmi_port,
                                      .redfish_port = options.redfish_port};
  print(session.json
            ? report::to_json(*exposure, controller)
            : report::to_text(*exposure, controller, {session.use_color(), session.width(), session.verbosity}));
  if (controller.ipmi.ipmi || controller.redfish.found) return verdict_bad;
  const Status of_amt = status_of(exposure->verdict);
  return of_amt == done && !controller.redfish.told ? not_recognised : of_amt;
}

}  // namespace

void add_net(const Command& app, Session& session) {
  auto options = std::make_shared<NetCommand>();
  const Command command = add_command(
      app, session, "net", "does AMT or a management controller (IPMI, Redfish) answer on one host",
      "quell net 192.0.2.7\n\n"
      "What `amt` does, then one ASF presence ping to UDP 623 and one GET of /redfish/v1/ on TCP 443: no login,\n"
      "no second request, no redirect followed, no other host.\n"
      "Exit status: 0 none of them answers, 1 one does, 3 a port of theirs is open but what listens there cannot be\n"
      "told, or Redfish could not be asked, 5 the host has no address.");
  command.option("HOST", options->amt.options.host, "name or address").required();
  add_amt_probe_options(command, options->amt);
  command.option("--ipmi-port", options->ipmi_port, "where RMCP is").between(1, 65535).shows_default();
  command.option("--redfish-port", options->redfish_port, "where Redfish is").between(1, 65535).shows_default();
  command.callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
