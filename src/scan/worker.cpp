// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/worker.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <new>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/large_buffer.h"
#include "base/printable.h"
#include "base/sandbox.h"
#include "base/signals.h"

namespace quell::scan {
namespace {

// What stays of the buffer from one file to the next.
constexpr std::uint64_t most_kept = std::uint64_t{64} << 20U;

FileStamp stamp_of(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

class Worker {
 public:
  Worker(int socket, const Examiner& examine) : socket_(socket), examine_(examine) {}

  // One file, from its arrival to the last reply. False: this was the last.
  bool serve() {
    auto order = receive_order(socket_);
    if (!order || order->order != Order::read || !order->file.valid()) return false;
    try {
      Reply first = read(order->file);
      order->file = FileDescriptor();
      const auto* digested = std::get_if<Digested>(&first);
      if (!send(first)) return false;
      if (digested == nullptr) return true;
      order = receive_order(socket_);
      if (!order) return false;
      if (order->order == Order::examine && !send(look())) return false;
    } catch (const std::bad_alloc&) {
      // Not even room for the reply.
      return false;
    }
    if (room_.size() > most_kept) room_ = Buffer();
    return true;
  }

 private:
  Reply read(const FileDescriptor& file) {
    struct stat before {};
    if (::fstat(file.get(), &before) != 0) return Unread{FileStatus::unreadable, std::strerror(errno)};
    const auto size = static_cast<std::uint64_t>(before.st_size);
    if (size > largest_file) return Unread{FileStatus::too_large, "it grew beyond 512 MiB"};
    try {
      if (room_.size() < size) {
        room_ = Buffer();
        room_ = large_buffer(size);
      }
    } catch (const std::bad_alloc&) {
      return Unread{FileStatus::memory, "the file alone takes more memory than an image may"};
    }
    content_ = std::span(room_).first(size);
    if (const int problem = fill(file.get()); problem != 0)
      return Unread{FileStatus::unreadable, fmt::format("cannot be read: {}", std::strerror(problem))};
    struct stat after {};
    if (short_ || ::fstat(file.get(), &after) != 0 || stamp_of(before) != stamp_of(after))
      return Unread{FileStatus::changed, "another program changed it while it was read"};
    // What is said of a content must not depend on the name of the file that had it first.
    image_.emplace("image", ByteView(content_));
    return Digested{stamp_of(before), image_->sha256()};
  }

  // 0, or the system's error.
  int fill(int file) {
    short_ = false;
    std::uint64_t used = 0;
    while (used < content_.size()) {
      const auto rest = content_.subspan(used);
      const ssize_t count = ::pread(file, rest.data(), rest.size(), static_cast<off_t>(used));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno;
      if (count == 0) {
        short_ = true;
        return 0;
      }
      used += static_cast<std::uint64_t>(count);
    }
    return 0;
  }

  Looked look() {
    const auto start = std::chrono::steady_clock::now();
    Looked looked;
    try {
      looked = examine_(*image_);
    } catch (const std::bad_alloc&) {
      looked = {.status = ImageStatus::memory};
    } catch (const std::exception& error) {
      looked = {.status = ImageStatus::crash, .error = error.what()};
    }
    image_.reset();  // its memory is for the reply, and for the next
    looked.error = printable(looked.error);
    looked.time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
    return looked;
  }

  [[nodiscard]] bool send(const Reply& reply) const {
    const Buffer frame = encode(reply);
    Bytes rest = frame;
    while (!rest.empty()) {
      const ssize_t count = ::write(socket_, rest.data(), rest.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      rest = rest.subspan(static_cast<std::size_t>(count));
    }
    return true;
  }

  int socket_;
  const Examiner& examine_;
  Buffer room_{};
  std::span<std::byte> content_{};
  std::optional<Image> image_{};  // of the content, which has its digest
  bool short_ = false;            // the file ended before its size said
};

// Nothing that the parent set up for itself: a fault ends the process with its own signal, a closed socket quietly.
void forget_parent(const FileDescriptor& socket) {
  for (const int signal : {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGABRT, SIGPIPE}) ::signal(signal, SIG_DFL);
  for (const int signal : ending_signals) ::signal(signal, SIG_DFL);
  // A terminal and a scheduler send these to the parent too, which ends its workers when it is done with them.
  for (const int signal : {SIGINT, SIGQUIT, SIGHUP, SIGTERM}) ::signal(signal, SIG_IGN);
  sigset_t none{};
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto own = static_cast<unsigned>(socket.get());
  if (own > 3) ::close_range(3, own - 1, 0);
  ::close_range(own + 1, ~0U, 0);
  const FileDescriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null.valid()) return;
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null.get(), standard);
}

}  // namespace

void work(const FileDescriptor& socket, const Examiner& examine, std::uint64_t memory) {
  forget_parent(socket);
  limit_memory(memory);
  SandboxNeeds needs;
  needs.handed_files = true;
  enter_sandbox(needs);
  Worker worker(socket.get(), examine);
  while (worker.serve()) {
  }
  ::_exit(0);
}

}  // namespace quell::scan
