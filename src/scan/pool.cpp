// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/pool.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace quell::scan {
namespace {

using Clock = std::chrono::steady_clock;

int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// What is left of its memory then is in pieces.
bool ran_out_of_memory(const Reply& reply) {
  const auto* looked = std::get_if<Looked>(&reply);
  const auto* unread = std::get_if<Unread>(&reply);
  return (looked != nullptr && looked->status == ImageStatus::memory) ||
         (unread != nullptr && unread->status == FileStatus::memory);
}

}  // namespace

Result<Pool> Pool::start(const PoolOptions& options, const Examiner& examine) {
  Pool pool(options, examine);
  pool.workers_.resize(options.jobs);
  for (Worker& worker : pool.workers_) QUELL_CHECK(pool.replace(worker));
  return pool;
}

Pool::~Pool() {
  // Later workers hold the sockets of earlier ones: none ends for a closed socket alone while another lives.
  for (const Worker& worker : workers_) {
    if (worker.process > 0) ::kill(worker.process, SIGKILL);
  }
  for (const Worker& worker : workers_) {
    if (worker.process > 0) wait_for(worker.process);
  }
}

Result<void> Pool::replace(Worker& worker) {
  worker = Worker();
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(Errc::io, fmt::format("no socket for a worker process: {}", std::strerror(errno)));
  FileDescriptor own(ends[0]);
  const FileDescriptor other(ends[1]);
  const pid_t process = ::fork();
  if (process < 0) return fail(Errc::io, fmt::format("no worker process: {}", std::strerror(errno)));
  if (process == 0) work(other, *examine_, options_.memory);
  worker.process = process;
  worker.socket = std::move(own);
  return {};
}

std::optional<std::size_t> Pool::idle() const noexcept {
  const auto found = std::ranges::find(workers_, Phase::idle, &Worker::phase);
  if (found == workers_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - workers_.begin());
}

bool Pool::busy() const noexcept {
  return std::ranges::any_of(workers_, [](const Worker& worker) { return worker.phase != Phase::idle; });
}

// Where a worker is gone already, hear() finds out.
void Pool::read(std::size_t index, FileDescriptor file) {
  Worker& worker = workers_.at(index);
  worker.phase = Phase::reading;
  worker.deadline = Clock::now() + options_.timeout;
  ++worker.files;
  static_cast<void>(send_order(worker.socket.get(), Order::read, file.get()));
}

Result<void> Pool::answer(std::size_t index, bool examine) {
  Worker& worker = workers_.at(index);
  worker.phase = examine ? Phase::examining : Phase::idle;
  static_cast<void>(send_order(worker.socket.get(), examine ? Order::examine : Order::skip));
  return examine ? Result<void>() : rest(worker);
}

Result<std::vector<Event>> Pool::wait(std::chrono::milliseconds most) {
  std::vector<Event> events;
  std::vector<pollfd> items;
  items.reserve(workers_.size());
  const auto now = Clock::now();
  auto until = now + most;
  for (const Worker& worker : workers_) {
    items.push_back({worker.socket.get(), POLLIN, 0});
    if (worker.phase != Phase::idle) until = std::min(until, worker.deadline);
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::max(until - now, Clock::duration::zero()));
  if (::poll(items.data(), items.size(), static_cast<int>(left.count())) < 0 && errno != EINTR)
    return fail(Errc::io, fmt::format("the workers cannot be waited for: {}", std::strerror(errno)));
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].revents != 0) {
      QUELL_CHECK(hear(i, events));
    } else if (workers_[i].phase != Phase::idle && workers_[i].deadline <= Clock::now()) {
      QUELL_CHECK(bury(i, Died::Why::timeout, events));
    }
  }
  return events;
}

Result<void> Pool::hear(std::size_t index, std::vector<Event>& events) {
  Worker& worker = workers_.at(index);
  std::array<std::byte, 65536> block{};
  const ssize_t count = ::recv(worker.socket.get(), block.data(), block.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return {};
  if (count <= 0) return bury(index, Died::Why::signal, events);
  const auto part = std::span(block).first(static_cast<std::size_t>(count));
  worker.received.insert(worker.received.end(), part.begin(), part.end());
  auto reply = take_reply(worker.received);
  if (!reply) return bury(index, Died::Why::nonsense, events);
  return *reply ? take(index, **std::move(reply), events) : Result<void>();
}

// A reply must be one that the worker owes; a worker speaks when it is asked, so that nothing is left in the buffer.
Result<void> Pool::take(std::size_t index, Reply reply, std::vector<Event>& events) {
  Worker& worker = workers_.at(index);
  const bool looked = std::holds_alternative<Looked>(reply);
  if (!worker.received.empty() || worker.phase != (looked ? Phase::examining : Phase::reading))
    return bury(index, Died::Why::nonsense, events);
  worker.phase = std::holds_alternative<Digested>(reply) ? Phase::asking : Phase::idle;
  if (ran_out_of_memory(reply)) worker.files = options_.files;
  std::visit([&](auto& what) { events.push_back({index, std::move(what)}); }, reply);
  return worker.phase == Phase::idle ? rest(worker) : Result<void>();
}

// The worker has done with its file.
Result<void> Pool::rest(Worker& worker) {
  if (worker.files < options_.files) return {};
  const pid_t process = worker.process;
  ::kill(process, SIGKILL);
  wait_for(process);
  Result<void> replaced = replace(worker);
  return replaced;
}

Result<void> Pool::bury(std::size_t index, Died::Why why, std::vector<Event>& events) {
  Worker& worker = workers_.at(index);
  // One that ended has its status already; one that only closed its socket must not be waited for.
  ::kill(worker.process, SIGKILL);
  const int status = wait_for(worker.process);
  Died died{.why = why};
  if (why == Died::Why::signal && !WIFSIGNALED(status)) died.why = Died::Why::ended;
  if (why == Died::Why::signal && WIFSIGNALED(status)) died.signal = WTERMSIG(status);
  if (worker.phase != Phase::idle) {
    Event& event = events.emplace_back();
    event.worker = index;
    event.what = died;
  }
  return replace(worker);
}

}  // namespace quell::scan
