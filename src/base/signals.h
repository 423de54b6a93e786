// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <csignal>

namespace quell {

// The signals that end a program from outside, or because it used up what it may use. SIGXFSZ is not among them: it is
// ignored, so that a write past the limit fails like one on a full disk.
inline constexpr std::array ending_signals{SIGINT,  SIGTERM, SIGHUP,    SIGQUIT, SIGXCPU, SIGALRM,
                                           SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF, SIGPOLL};

// While it lives, no ending signal is delivered to this thread; what came meanwhile is delivered at the end.
class SignalsHeld {
 public:
  SignalsHeld() noexcept;
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;
  SignalsHeld(SignalsHeld&&) = delete;
  SignalsHeld& operator=(SignalsHeld&&) = delete;
  ~SignalsHeld();

  // Whether one has come.
  [[nodiscard]] static bool waiting() noexcept;

 private:
  sigset_t before_{};
};

// For programs: installs handlers that unlink unfinished files and then let the signal end the program, with the
// signal's own status. A mapped input that another program cuts short ends it too, with status 5.
void clean_up_on_signals();

// For programs, before anything is opened: makes sure that descriptors 0 to 2 exist, so that no file of ours becomes
// somebody's standard output. What was closed reads and writes as a failure, standard error as nothing.
void ensure_standard_streams() noexcept;

}  // namespace quell
