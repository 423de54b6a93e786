// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/signals.h"

namespace quell::spi {
namespace {

StopRequest requested;  // NOLINT(misc-use-internal-linkage): a signal handler can reach nothing else

void on_signal(int /*number*/) {
  if (requested.stop != 0) requested.kill = 1;
  requested.stop = 1;
}

}  // namespace

JobSignals::JobSignals() {
  requested.stop = 0;
  requested.kill = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, &interrupt_);
  sigaction(SIGTERM, &action, &terminate_);
  action.sa_handler = SIG_IGN;
  sigaction(SIGHUP, &action, &hangup_);
}

JobSignals::~JobSignals() {
  sigaction(SIGINT, &interrupt_, nullptr);
  sigaction(SIGTERM, &terminate_, nullptr);
  sigaction(SIGHUP, &hangup_, nullptr);
}

const StopRequest& JobSignals::request() noexcept { return requested; }

}  // namespace quell::spi
