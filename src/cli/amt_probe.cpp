// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/amt_probe.h"

#include <utility>

#include "cli/confine.h"

namespace quell::cli {

void add_amt_probe_options(const Command& command, AmtProbe& probe) {
  command.option("--timeout", probe.seconds, "seconds for everything together").between(0.1, 120.0).shows_default();
  command.option("--http-port", probe.options.http_port, "where AMT's HTTP is (a tunnel, say)")
      .between(1, 65535)
      .shows_default();
  command.option("--https-port", probe.options.https_port, "where AMT's HTTPS is").between(1, 65535).shows_default();
}

std::chrono::milliseconds whole_time(const AmtProbe& probe) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(probe.seconds * 1000));
}

void confine_probe(AmtProbe& probe, const Session& session, std::vector<std::uint16_t> more) {
  more.insert(more.end(), {probe.options.http_port, probe.options.https_port});
  more.insert(more.end(), probe.options.other_ports.begin(), probe.options.other_ports.end());
  probe.options.before_asking = [verbosity = session.verbosity, ports = std::move(more)] {
    confine_net(verbosity, ports);
  };
}

Status status_of(intel::amt::Reachability verdict) {
  if (verdict == intel::amt::Reachability::reachable) return verdict_bad;
  return verdict == intel::amt::Reachability::ports_open ? not_recognised : done;
}

}  // namespace quell::cli
