// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/worker_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace quell::spi {
namespace {

constexpr int worker_socket = 3;
constexpr int worker_lock = 4;
constexpr const char* worker_name = "quell-flash-worker";

tl::unexpected<Trouble> trouble(Trouble::Kind kind, std::string detail, int code = 0) {
  return tl::unexpected<Trouble>(Trouble{kind, std::move(detail), code});
}

std::string describe_end(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  return fmt::format("exit status {}", WIFEXITED(status) ? WEXITSTATUS(status) : status);
}

// The worker leads its own session, so that Ctrl-C reaches only quell, and inherits nothing but its socket and the
// programmer's lock: one whose parent was killed still keeps others off the chip.
int spawn(const std::filesystem::path& program, int socket, int lock, pid_t& process) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, socket, worker_socket);
  if (lock >= 0) posix_spawn_file_actions_adddup2(&actions, lock, worker_lock);
  posix_spawn_file_actions_addclosefrom_np(&actions, lock >= 0 ? worker_lock + 1 : worker_socket + 1);
  sigset_t defaults;
  sigfillset(&defaults);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
  std::string path = program.string();
  std::array<char*, 2> arguments{path.data(), nullptr};
  const int result = ::posix_spawn(&process, path.c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return result;
}

}  // namespace

std::filesystem::path worker_program() {
  std::error_code problem;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", problem);
  std::filesystem::path beside = self.parent_path() / worker_name;
  if (std::filesystem::exists(beside, problem)) return beside;
  return self.parent_path() / QUELL_LIBEXEC_FROM_BIN / worker_name;
}

Reply<Worker> Worker::start(const WorkerSettings& settings) {
  std::array<int, 2> pair{-1, -1};
  if (::access(settings.program.c_str(), X_OK) != 0) {
    return trouble(Trouble::Kind::missing, settings.program.parent_path().string());
  }
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return trouble(Trouble::Kind::died, std::strerror(errno));
  }
  Worker worker;
  worker.settings_ = settings;
  FileDescriptor mine(pair[0]);
  FileDescriptor theirs(pair[1]);
  // A descriptor that is 3 already would keep its close-on-exec flag through dup2.
  if (theirs.get() <= worker_lock) theirs = FileDescriptor(::fcntl(theirs.get(), F_DUPFD_CLOEXEC, worker_lock + 1));
  if (const int problem = spawn(settings.program, theirs.get(), settings.lock, worker.process_); problem != 0) {
    return trouble(Trouble::Kind::missing, std::strerror(problem));
  }
  worker.socket_ = std::move(mine);
  theirs = FileDescriptor();
  const timeval longest{30, 0};
  ::setsockopt(worker.socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
  if (auto sent = worker.send(MessageType::hello, {}); !sent) return tl::unexpected<Trouble>(sent.error());
  auto ready = worker.expect(MessageType::ready, settings.patience);
  if (!ready) return tl::unexpected<Trouble>(ready.error());
  worker.version_ = Unpacker(*ready).text();
  return worker;
}

Worker::Worker(Worker&& other) noexcept
    : settings_(std::move(other.settings_)),
      socket_(std::move(other.socket_)),
      process_(std::exchange(other.process_, -1)),
      version_(std::move(other.version_)),
      complaint_(std::move(other.complaint_)),
      clock_(other.clock_),
      asked_(std::move(other.asked_)) {}

Worker& Worker::operator=(Worker&& other) noexcept {
  std::swap(settings_, other.settings_);
  std::swap(socket_, other.socket_);
  std::swap(process_, other.process_);
  std::swap(version_, other.version_);
  std::swap(complaint_, other.complaint_);
  std::swap(clock_, other.clock_);
  std::swap(asked_, other.asked_);
  return *this;
}

Worker::~Worker() { kill(); }

void Worker::kill() noexcept {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
}

Trouble Worker::ended(std::string why) {
  // A worker that closed its socket is about to end; give it a moment to say how.
  int status = 0;
  for (int i = 0; i < 100 && process_ > 0; ++i) {
    const pid_t result = ::waitpid(process_, &status, WNOHANG);
    if (result == process_) {
      process_ = -1;
      return {Trouble::Kind::died, describe_end(status), status};
    }
    ::usleep(10'000);
  }
  kill();
  return {Trouble::Kind::died, std::move(why), 0};
}

std::chrono::milliseconds Worker::transfer_time(std::uint64_t bytes) const {
  return std::chrono::milliseconds(bytes * 8 * 1000 / std::max<std::uint64_t>(clock_, 1));
}

Reply<void> Worker::send(MessageType type, Bytes payload, Bytes rest) {
  if (process_ <= 0) return trouble(Trouble::Kind::died, "it is gone");
  if (!send_frame(socket_.get(), type, payload, rest)) {
    return tl::unexpected<Trouble>(ended("it does not take requests"));
  }
  return {};
}

void Worker::take_log(const Buffer& payload) {
  Unpacker unpacker(payload);
  const int level = unpacker.u8();
  const std::string line = unpacker.text();
  if (!unpacker.done()) return;
  // An unknown programmer is told as information.
  const bool complains = level == 0 || line.starts_with("Error: Unknown programmer");
  if (complains && complaint_.empty()) complaint_ = line;
  if (settings_.log) settings_.log(level, line);
}

Reply<Frame> Worker::next(std::chrono::milliseconds patience, bool writing) {
  // Log lines are no progress: a library in an endless loop writes them for ever.
  const auto deadline = std::chrono::steady_clock::now() + patience;
  const StopRequest* request = settings_.stop;
  const volatile int* stop =
      request == nullptr ? nullptr : (writing || settings_.urgent_only ? &request->kill : &request->stop);
  for (;;) {
    auto frame = receive_frame(socket_.get(), deadline, stop);
    if (!frame) {
      if (frame.error().message == "timeout") {
        kill();
        return trouble(Trouble::Kind::timeout,
                       fmt::format("no answer within {:.1f} s", static_cast<double>(patience.count()) / 1000));
      }
      if (frame.error().message == "interrupted") {
        kill();
        return trouble(Trouble::Kind::interrupted, "stopped by a signal");
      }
      if (frame.error().code == Errc::io) return tl::unexpected<Trouble>(ended("it closed the conversation"));
      kill();
      return trouble(Trouble::Kind::confused, frame.error().message);
    }
    if (frame->type == MessageType::log) {
      take_log(frame->payload);
      continue;
    }
    if (frame->type == MessageType::aborted) {
      static_cast<void>(ended("stopped by its own hook"));
      return trouble(Trouble::Kind::escalation, "the library looked for another erase function");
    }
    if (frame->type == MessageType::silence) {
      static_cast<void>(ended("stopped by its own hook"));
      return trouble(Trouble::Kind::timeout, "every answer is all ones: DO has lost its contact");
    }
    return *std::move(frame);
  }
}

Reply<Buffer> Worker::expect(MessageType type, std::chrono::milliseconds patience, bool writing) {
  auto frame = next(patience, writing);
  if (!frame) return tl::unexpected<Trouble>(frame.error());
  if (frame->type == type) return std::move(frame->payload);
  const std::string said = frame->type == MessageType::mistake
                               ? Unpacker(frame->payload).text()
                               : fmt::format("message {}", static_cast<unsigned>(frame->type));
  kill();
  return trouble(Trouble::Kind::confused, said);
}

Reply<int> Worker::code_of(const Buffer& payload) {
  Unpacker unpacker(payload);
  const auto code = static_cast<std::int32_t>(unpacker.u32());
  if (!unpacker.done()) return trouble(Trouble::Kind::confused, "a malformed result");
  return code;
}

Reply<void> Worker::open(const Programmer& programmer) {
  clock_ = programmer.clock();
  complaint_.clear();
  if (auto sent = send(MessageType::open, Packer().text(programmer.name()).text(programmer.parameters()).take());
      !sent) {
    return sent;
  }
  auto payload = expect(MessageType::opened, settings_.patience);
  if (!payload) return tl::unexpected<Trouble>(payload.error());
  const auto code = code_of(*payload);
  if (!code) return tl::unexpected<Trouble>(code.error());
  if (*code != 0) return trouble(Trouble::Kind::device, complaint_, *code);
  return {};
}

Reply<ChipIdentity> Worker::probe(const std::string& definition) {
  complaint_.clear();
  if (auto sent = send(MessageType::probe, Packer().text(definition).take()); !sent) {
    return tl::unexpected<Trouble>(sent.error());
  }
  auto payload = expect(MessageType::identified, settings_.patience);
  if (!payload) return tl::unexpected<Trouble>(payload.error());
  auto identity = unpack_identity(*payload);
  if (!identity) return trouble(Trouble::Kind::confused, identity.error().message);
  return *std::move(identity);
}

Reply<Protection> Worker::protection() {
  if (auto sent = send(MessageType::protection, {}); !sent) return tl::unexpected<Trouble>(sent.error());
  auto payload = expect(MessageType::protection_is, settings_.patience);
  if (!payload) return tl::unexpected<Trouble>(payload.error());
  auto protection = unpack_protection(*payload);
  if (!protection) return trouble(Trouble::Kind::confused, protection.error().message);
  return *protection;
}

Reply<void> Worker::set_protection(const Protection& wanted) {
  if (auto sent = send(MessageType::set_protection, pack(wanted)); !sent) return sent;
  auto payload = expect(MessageType::protection_set, settings_.patience, true);
  if (!payload) return tl::unexpected<Trouble>(payload.error());
  const auto code = code_of(*payload);
  if (!code) return tl::unexpected<Trouble>(code.error());
  if (*code != 0)
    return trouble(Trouble::Kind::device, fmt::format("the register did not take the value, code {}", *code), *code);
  return {};
}

std::chrono::milliseconds Worker::read_patience(std::uint64_t size, bool whole_call) const {
  // Register writes around every call cost time; see Protection.
  return settings_.patience + (whole_call ? 3 * transfer_time(size) : transfer_time(chunk_size));
}

Buffer Worker::read_request(Range range, bool whole_call) const {
  const auto patience = read_patience(range.size, whole_call);
  const auto seconds = static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(patience).count());
  return pack(ReadRequest{range.offset, range.size, !whole_call, seconds});
}

Reply<void> Worker::drop_answers(const std::optional<Range>& wanted) {
  while (!asked_.empty() && asked_.front() != wanted) {
    const Range range = asked_.front();
    asked_.pop_front();
    Buffer ignored(range.size);
    auto taken = take_read(range, ignored, false, {});
    if (!taken && taken.error().kind != Trouble::Kind::device) return taken;
  }
  return {};
}

Reply<void> Worker::read(Range range, std::span<std::byte> into, bool whole_call, const Progress& progress) {
  if (into.size() != range.size) return trouble(Trouble::Kind::confused, "a buffer of another size");
  if (auto dropped = drop_answers(range); !dropped) return dropped;
  if (asked_.empty()) {
    complaint_.clear();
    if (auto sent = send(MessageType::read, read_request(range, whole_call)); !sent) return sent;
  } else {
    asked_.pop_front();
  }
  return take_read(range, into, whole_call, progress);
}

Reply<void> Worker::take_read(Range range, std::span<std::byte> into, bool whole_call, const Progress& progress) {
  const auto patience = read_patience(range.size, whole_call);
  std::uint64_t done = 0;
  for (;;) {
    auto frame = next(patience, false);
    if (!frame) return tl::unexpected<Trouble>(frame.error());
    Unpacker unpacker(frame->payload);
    if (frame->type == MessageType::chunk) {
      const std::uint64_t offset = unpacker.u64();
      const Bytes bytes = unpacker.rest();
      const bool fits = unpacker.done() && offset >= range.offset && offset - range.offset == done &&
                        ByteView(into).has(done, bytes.size());
      if (!fits) {
        kill();
        return trouble(Trouble::Kind::confused, "a chunk that was not asked for");
      }
      std::ranges::copy(bytes, into.subspan(done).begin());
      done += bytes.size();
      if (progress && !progress(done)) {
        kill();
        return trouble(Trouble::Kind::interrupted, "given up");
      }
      continue;
    }
    if (frame->type != MessageType::read_done) return trouble(Trouble::Kind::confused, "no answer to a read");
    const auto code = code_of(frame->payload);
    if (!code) return tl::unexpected<Trouble>(code.error());
    if (*code != 0) {
      return trouble(Trouble::Kind::device,
                     complaint_.empty() ? fmt::format("read failed, code {}", *code) : complaint_, *code);
    }
    if (done != range.size) return trouble(Trouble::Kind::confused, "a read cut short");
    return {};
  }
}

Reply<void> Worker::write(std::uint64_t offset, Bytes unit, const std::vector<Range>& then) {
  if (auto dropped = drop_answers(); !dropped) return dropped;
  complaint_.clear();
  const auto patience = settings_.unit_patience + transfer_time(unit.size() * 4);
  const auto seconds = static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(patience).count());
  if (auto sent = send(MessageType::write, Packer().u32(seconds).u64(offset).take(), unit); !sent) return sent;
  for (const Range& range : then) {
    // A worker that stopped itself meanwhile has said why: that is still to be taken.
    if (process_ > 0 && send_frame(socket_.get(), MessageType::read, read_request(range, false)))
      asked_.push_back(range);
  }
  auto payload = expect(MessageType::written, patience, true);
  if (!payload) return tl::unexpected<Trouble>(payload.error());
  const auto code = code_of(*payload);
  if (!code) return tl::unexpected<Trouble>(code.error());
  if (*code != 0) {
    return trouble(Trouble::Kind::device, complaint_.empty() ? fmt::format("write failed, code {}", *code) : complaint_,
                   *code);
  }
  return {};
}

Reply<void> Worker::finish() {
  if (auto dropped = drop_answers(); !dropped) return dropped;
  if (auto sent = send(MessageType::bye, {}); !sent) return sent;
  auto payload = expect(MessageType::closed, settings_.patience, true);
  if (!payload) return tl::unexpected<Trouble>(payload.error());
  int status = 0;
  for (int i = 0; i < 500 && process_ > 0; ++i) {
    if (::waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      break;
    }
    ::usleep(1'000);
  }
  kill();
  return {};
}

}  // namespace quell::spi
