// SPDX-License-Identifier: GPL-2.0-or-later
// The worker processes of a scan, as the scan sees them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include <sys/types.h>

#include "base/file_descriptor.h"
#include "scan/channel.h"
#include "scan/worker.h"

namespace quell::scan {

struct PoolOptions {
  unsigned jobs = 1;
  std::chrono::milliseconds timeout{20000};          // for one file, from its arrival on
  std::uint64_t memory = std::uint64_t{512} << 20U;  // for one file, beyond what a worker has
  unsigned files = 1000;                             // after so many a worker is replaced
};

// A worker ended, or was ended, before it had said all of its file.
struct Died {
  enum class Why { signal, ended, timeout, nonsense };
  Why why = Why::signal;
  int signal = 0;
};

// A file that was given to the pool comes back as Unread, as Died, or as Digested; that is to be answered, and where
// the answer is `examine` comes back once more as Looked or Died.
struct Event {
  std::size_t worker = 0;
  std::variant<Digested, Unread, Looked, Died> what{};
};

class Pool {
 public:
  // Starts the processes, while no input is open.
  static Result<Pool> start(const PoolOptions& options, const Examiner& examine);
  Pool(Pool&&) = default;
  Pool& operator=(Pool&&) = delete;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  // Ends them.
  ~Pool();

  // A worker that has nothing to do.
  [[nodiscard]] std::optional<std::size_t> idle() const noexcept;
  [[nodiscard]] bool busy() const noexcept;
  // Gives the open file to an idle worker.
  void read(std::size_t worker, FileDescriptor file);
  // Answers Digested.
  Result<void> answer(std::size_t worker, bool examine);
  // Waits for at most so long and says what happened. Errc::io where a process that ended cannot be replaced.
  Result<std::vector<Event>> wait(std::chrono::milliseconds most);

 private:
  enum class Phase { idle, reading, asking, examining };
  struct Worker {
    pid_t process = -1;
    FileDescriptor socket{};
    Phase phase = Phase::idle;
    std::chrono::steady_clock::time_point deadline{};
    unsigned files = 0;
    Buffer received{};
  };

  Pool(const PoolOptions& options, const Examiner& examine) : options_(options), examine_(&examine) {}
  Result<void> replace(Worker& worker);
  Result<void> rest(Worker& worker);
  Result<void> hear(std::size_t index, std::vector<Event>& events);
  Result<void> take(std::size_t index, Reply reply, std::vector<Event>& events);
  Result<void> bury(std::size_t index, Died::Why why, std::vector<Event>& events);

  PoolOptions options_;
  const Examiner* examine_;
  std::vector<Worker> workers_{};
};

}  // namespace quell::scan
