// SPDX-License-Identifier: GPL-2.0-or-later
// quell's side of the conversation with quell-flash-worker. Every wait has a deadline; a worker that misses it is
// killed.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/file_descriptor.h"
#include "quell/byte_view.h"
#include "spi/chip.h"
#include "spi/programmer.h"
#include "spi/protocol.h"
#include "spi/signals.h"

namespace quell::spi {

// Why a conversation ended early.
struct Trouble {
  enum class Kind {
    missing,      // the worker program is not there
    timeout,      // a deadline passed; the worker was killed
    died,         // the worker ended by itself; `detail` says how
    escalation,   // the library wanted to erase more than planned; the worker stopped itself
    device,       // the library reported an error; `code` is its own
    interrupted,  // the user asked to stop
    confused,     // the worker sent what it should not
  };
  Kind kind = Kind::device;
  std::string detail{};
  int code = 0;
};

template <class T>
using Reply = tl::expected<T, Trouble>;

struct WorkerSettings {
  std::filesystem::path program{};
  std::chrono::milliseconds patience{20'000};       // for one short step, and on top of the transfer time of a chunk
  std::chrono::milliseconds unit_patience{60'000};  // for erasing and programming one unit
  std::function<void(int level, std::string_view line)> log{};
  int lock = -1;                      // the programmer's lock: the worker holds it too, for as long as it lives
  bool urgent_only = false;           // heed only the second signal: a unit is being written
  const StopRequest* stop = nullptr;  // null: signals are the caller's affair
};

// Where the worker belongs: beside this program, or in the libexec folder of an installation.
std::filesystem::path worker_program();

class Worker {
 public:
  static Reply<Worker> start(const WorkerSettings& settings);
  Worker(Worker&& other) noexcept;
  Worker& operator=(Worker&& other) noexcept;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  // Kills a worker that was not asked to end.
  ~Worker();

  [[nodiscard]] const std::string& library_version() const noexcept { return version_; }
  // What the library complained about first since the last request; what follows is mostly despair.
  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }

  Reply<void> open(const Programmer& programmer);
  Reply<ChipIdentity> probe(const std::string& definition);
  Reply<Protection> protection();
  Reply<void> set_protection(const Protection& wanted);

  using Progress = std::function<bool(std::uint64_t done)>;  // false: stop here
  // Reads `range` into `into`, which has its size. `whole_call` makes the library read the whole chip in one call.
  Reply<void> read(Range range, std::span<std::byte> into, bool whole_call, const Progress& progress = {});
  // Writes one unit. A stop request is heeded only by its second signal. `then` is what the caller reads next, in this
  // order: the worker goes on with it at once, and `read` takes the answers.
  Reply<void> write(std::uint64_t offset, Bytes unit, const std::vector<Range>& then = {});
  // Ends the conversation in good order; only then a dummy programmer saves its image.
  Reply<void> finish();

  void set_clock(std::uint64_t clock) noexcept { clock_ = clock; }

 private:
  Worker() = default;
  [[nodiscard]] std::chrono::milliseconds transfer_time(std::uint64_t bytes) const;
  Reply<void> send(MessageType type, Bytes payload, Bytes rest = {});
  // Waits for this type of frame, passing log lines on.
  Reply<Buffer> expect(MessageType type, std::chrono::milliseconds patience, bool writing = false);
  Reply<Frame> next(std::chrono::milliseconds patience, bool writing);
  Reply<int> code_of(const Buffer& payload);
  [[nodiscard]] std::chrono::milliseconds read_patience(std::uint64_t size, bool whole_call) const;
  [[nodiscard]] Buffer read_request(Range range, bool whole_call) const;
  Reply<void> take_read(Range range, std::span<std::byte> into, bool whole_call, const Progress& progress);
  // Takes the answers that nobody wanted after all, up to the one for `wanted`.
  Reply<void> drop_answers(const std::optional<Range>& wanted = {});
  void take_log(const Buffer& payload);
  Trouble ended(std::string why);
  void kill() noexcept;

  WorkerSettings settings_{};
  FileDescriptor socket_{};
  pid_t process_ = -1;
  std::string version_{};
  std::string complaint_{};
  std::uint64_t clock_ = 1'000'000;
  std::deque<Range> asked_{};  // reads that the worker was asked for and whose answers are not taken yet
};

}  // namespace quell::spi
