// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/signals.h"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

#include "base/leftovers.h"

namespace quell {
namespace {

extern "C" void clean_up_and_end(int signal) {
  remove_temporaries();
  // Ends the program with the signal's own status, so that a calling shell sees an interruption.
  static_cast<void>(::signal(signal, SIG_DFL));
  static_cast<void>(::raise(signal));
}

extern "C" void report_shrunken_mapping(int /*signal*/) {
  remove_temporaries();
  constexpr std::string_view message =
      "quell: an input file became shorter, or its disk failed, while it was read; nothing was written\n";
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, message.data(), message.size());
  ::_exit(5);
}

}  // namespace

SignalsHeld::SignalsHeld() noexcept {
  sigset_t held{};
  ::sigemptyset(&held);
  for (const int signal : ending_signals) {
    // One that is ignored (nohup) would be waiting all the same.
    struct sigaction action {};
    if (::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) continue;
    ::sigaddset(&held, signal);
  }
  ::pthread_sigmask(SIG_BLOCK, &held, &before_);
}

SignalsHeld::~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

bool SignalsHeld::waiting() noexcept {
  sigset_t come{};
  if (::sigpending(&come) != 0) return false;
  return std::ranges::any_of(ending_signals, [&](int signal) { return ::sigismember(&come, signal) == 1; });
}

void clean_up_on_signals() {
  struct sigaction action {};
  action.sa_handler = clean_up_and_end;
  for (const int signal : ending_signals) {
    // What the caller had ignored (nohup) stays ignored.
    struct sigaction before {};
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN) continue;
    ::sigaction(signal, &action, nullptr);
  }
  action.sa_handler = report_shrunken_mapping;
  ::sigaction(SIGBUS, &action, nullptr);
  static_cast<void>(::signal(SIGXFSZ, SIG_IGN));
  static_cast<void>(::signal(SIGPIPE, SIG_IGN));
}

void ensure_standard_streams() noexcept {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) continue;
    const char* stand_in = descriptor == STDOUT_FILENO ? "/dev/full" : "/dev/null";
    if (::open(stand_in, descriptor == STDIN_FILENO ? O_WRONLY : O_RDWR) < 0) ::open("/", O_PATH);
  }
}

}  // namespace quell
