// SPDX-License-Identifier: GPL-2.0-or-later
#include "campaign/workers.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <ctime>
#include <span>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace quell::campaign {
namespace {

constexpr std::uint64_t idle = ~std::uint64_t{0};

// What a child tells its parent, in memory that both see.
struct Slot {
  std::atomic<std::uint64_t> current{idle};
  std::atomic<double> started{0};  // processor time of the child when the current trial began
  std::atomic<std::uint64_t> done{0};
  std::atomic<double> slowest{0};
  std::atomic<std::uint64_t> slowest_number{0};
  std::atomic<bool> failed{false};  // `message` is about `current`; the parent clears it
  std::array<char, 512> message{};
};

struct Board {
  std::atomic<std::uint64_t> next{0};
  std::array<Slot, 64> slots{};
};

double processor_time(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Supervisor {
 public:
  Supervisor(const Trials& trials, std::size_t most_failures) : trials_(trials), most_failures_(most_failures) {
    void* memory = ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
    board_ = new (memory) Board;
    board_->next = trials.first;
    children_.resize(std::min<std::size_t>(std::max(1U, trials.processes), board_->slots.size()), -1);
  }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor() { ::munmap(board_, sizeof(Board)); }

  Outcome run() {
    for (std::size_t i = 0; i < children_.size(); ++i) start(i);
    while (std::ranges::any_of(children_, [](pid_t child) { return child > 0; })) {
      for (std::size_t i = 0; i < children_.size(); ++i) watch(i);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    for (const Slot& slot : board_->slots) {
      outcome_.done += slot.done;
      if (slot.slowest > outcome_.slowest) {
        outcome_.slowest = slot.slowest;
        outcome_.slowest_number = slot.slowest_number;
      }
    }
    return std::move(outcome_);
  }

 private:
  [[nodiscard]] bool over() const {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin_;
    return board_->next >= trials_.first + trials_.count || outcome_.failures.size() >= most_failures_ ||
           (trials_.seconds > 0 && elapsed.count() > trials_.seconds);
  }

  void start(std::size_t index) {
    children_[index] = -1;
    if (over()) return;
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("cannot start a process");
    if (child == 0) work(board_->slots.at(index));
    children_[index] = child;
  }

  [[noreturn]] void work(Slot& slot) {
    while (!over()) {
      const std::uint64_t number = board_->next++;
      if (number >= trials_.first + trials_.count) break;
      const double started = processor_time(CLOCK_PROCESS_CPUTIME_ID);
      slot.started = started;
      slot.current = number;
      std::optional<std::string> wrong;
      try {
        wrong = trials_.trial(number);
      } catch (const std::exception& error) {
        wrong = fmt::format("exception: {}", error.what());
      }
      const double took = processor_time(CLOCK_PROCESS_CPUTIME_ID) - started;
      if (took > slot.slowest) {
        slot.slowest = took;
        slot.slowest_number = number;
      }
      if (wrong) tell(slot, *wrong);
      ++slot.done;
      slot.current = idle;
    }
    ::_exit(0);
  }

  static void tell(Slot& slot, const std::string& wrong) {
    const std::size_t length = std::min(wrong.size(), slot.message.size() - 1);
    std::memcpy(slot.message.data(), wrong.data(), length);
    slot.message.at(length) = '\0';
    slot.failed = true;
    while (slot.failed) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  void watch(std::size_t index) {
    const pid_t child = children_[index];
    if (child <= 0) return;
    Slot& slot = board_->slots.at(index);
    if (slot.failed) {
      outcome_.failures.push_back({slot.current, slot.message.data()});
      slot.failed = false;
    }
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child) {
      if (slot.current != idle) lost(slot, WIFSIGNALED(status) ? ::strsignal(WTERMSIG(status)) : "exit");
      start(index);
      return;
    }
    clockid_t clock{};
    if (slot.current == idle || ::clock_getcpuclockid(child, &clock) != 0) return;
    if (processor_time(clock) - slot.started < trials_.slowest_allowed) return;
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    lost(slot, fmt::format("hang: more than {} s of processor time", trials_.slowest_allowed));
    start(index);
  }

  void lost(Slot& slot, const std::string& why) {
    outcome_.failures.push_back({slot.current, "crash or hang: " + why});
    slot.current = idle;
    ++slot.done;
  }

  const Trials& trials_;
  std::size_t most_failures_;
  Board* board_ = nullptr;
  std::vector<pid_t> children_{};
  Outcome outcome_{};
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

Outcome run_trials(const Trials& trials, std::size_t most_failures) { return Supervisor(trials, most_failures).run(); }

}  // namespace quell::campaign
