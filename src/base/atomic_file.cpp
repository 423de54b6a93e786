// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/atomic_file.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_descriptor.h"

namespace quell {
namespace {

// Paths that a signal handler has to unlink. Fixed slots: the handler may run at any instruction, so it may neither
// allocate nor lock. A slot is in use while its first character is not NUL, which is written last and cleared first.
struct Slot {
  std::array<char, 4096> path;
};
std::array<Slot, 8> slots;

void remember(const std::string& path) {
  for (Slot& slot : slots) {
    if (slot.path[0] != '\0' || path.size() + 1 > slot.path.size()) continue;
    std::copy(path.begin() + 1, path.end(), slot.path.begin() + 1);
    slot.path[path.size()] = '\0';
    std::atomic_signal_fence(std::memory_order_seq_cst);
    slot.path[0] = path[0];
    return;
  }
}

void forget(const std::string& path) {
  for (Slot& slot : slots) {
    if (path == slot.path.data()) slot.path[0] = '\0';
  }
}

extern "C" void unlink_temporaries(int signal) {
  for (const Slot& slot : slots) {
    if (slot.path[0] != '\0') ::unlink(slot.path.data());
  }
  // Ends the program with the signal's own status, so that a calling shell sees an interruption.
  static_cast<void>(::signal(signal, SIG_DFL));
  static_cast<void>(::raise(signal));
}

mode_t default_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666U & ~mask;
}

}  // namespace

Error AtomicFile::failure(const char* doing, int number) const {
  return {Errc::io, fmt::format("{}: {}: {}; no output was made", target_.string(), doing, std::strerror(number)),
          std::nullopt};
}

Result<AtomicFile> AtomicFile::create(const std::filesystem::path& target,
                                      const std::optional<std::filesystem::path>& mode_from) {
  AtomicFile file;
  file.target_ = target;
  struct stat status {};
  const bool direct = target == "-" || (::stat(target.c_str(), &status) == 0 && !S_ISREG(status.st_mode));
  if (direct) {
    file.descriptor_ = target == "-" ? ::dup(STDOUT_FILENO) : ::open(target.c_str(), O_WRONLY | O_CLOEXEC);
    if (file.descriptor_ < 0) return tl::unexpected(file.failure("cannot be opened", errno));
    return file;
  }
  // A symbolic link is followed, so that the file it names is replaced and not the link.
  std::error_code ignored;
  const auto resolved = std::filesystem::weakly_canonical(target, ignored);
  if (!ignored && !resolved.empty()) file.target_ = resolved;
  file.temporary_ = (file.target_.parent_path() / ("." + file.target_.filename().string() + ".XXXXXX")).string();
  file.descriptor_ = ::mkostemp(file.temporary_.data(), O_CLOEXEC);
  if (file.descriptor_ < 0) {
    file.temporary_.clear();
    return tl::unexpected(file.failure("cannot be created", errno));
  }
  remember(file.temporary_);
  mode_t mode = default_mode();
  if (mode_from && ::stat(mode_from->c_str(), &status) == 0) mode = status.st_mode & 07777U;
  if (::fchmod(file.descriptor_, mode) != 0) return tl::unexpected(file.failure("permissions cannot be set", errno));
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept { *this = std::move(other); }

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  if (this == &other) return *this;
  discard();
  target_ = std::move(other.target_);
  temporary_ = std::exchange(other.temporary_, {});
  descriptor_ = std::exchange(other.descriptor_, -1);
  return *this;
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
    forget(temporary_);
    temporary_.clear();
  }
}

Result<void> AtomicFile::write(Bytes bytes) {
  // Each piece starts on its way to the disk while the next is written; commit() waits for all of them.
  constexpr std::size_t piece = std::size_t{1} << 20U;
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), std::min(bytes.size(), piece));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(failure("cannot be written", errno));
    if (!temporary_.empty()) ::sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> AtomicFile::commit() {
  if (temporary_.empty()) {
    const int descriptor = std::exchange(descriptor_, -1);
    if (::close(descriptor) != 0) return tl::unexpected(failure("cannot be written", errno));
    return {};
  }
  if (::fsync(descriptor_) != 0) return tl::unexpected(failure("cannot be flushed to the disk", errno));
  if (::close(std::exchange(descriptor_, -1)) != 0) return tl::unexpected(failure("cannot be written", errno));
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) return tl::unexpected(failure("cannot be renamed", errno));
  forget(temporary_);
  temporary_.clear();
  // The new name itself has to reach the disk too; a file system that cannot do this is no reason to fail.
  const auto folder = target_.parent_path().empty() ? std::filesystem::path(".") : target_.parent_path();
  const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.valid()) ::fsync(directory.get());
  return {};
}

Result<void> write_file(const std::filesystem::path& target, Bytes bytes,
                        const std::optional<std::filesystem::path>& mode_from) {
  QUELL_TRY(AtomicFile file, AtomicFile::create(target, mode_from));
  QUELL_CHECK(file.write(bytes));
  return file.commit();
}

void remove_temporaries_on_signals() {
  struct sigaction action {};
  action.sa_handler = unlink_temporaries;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

}  // namespace quell
