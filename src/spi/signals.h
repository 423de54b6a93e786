// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <csignal>

namespace quell::spi {

// What the user has asked for with Ctrl-C while a job runs.
struct StopRequest {
  volatile std::sig_atomic_t stop = 0;  // end at the next safe place
  volatile std::sig_atomic_t kill = 0;  // end now
};

// While it lives, SIGINT and SIGTERM only set `request()` (the second one `kill`), and SIGHUP is ignored: a job must
// not end because a terminal went away. Restores the former handlers. An inner one begins
// with no request.
class JobSignals {
 public:
  JobSignals();
  JobSignals(const JobSignals&) = delete;
  JobSignals& operator=(const JobSignals&) = delete;
  ~JobSignals();
  [[nodiscard]] static const StopRequest& request() noexcept;

 private:
  struct sigaction interrupt_ {};
  struct sigaction terminate_ {};
  struct sigaction hangup_ {};
};

}  // namespace quell::spi
