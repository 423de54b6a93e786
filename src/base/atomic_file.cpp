// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/atomic_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/leftovers.h"
#include "base/signals.h"

namespace quell {
namespace {

namespace fs = std::filesystem;

constexpr mode_t read_write = 0666;
constexpr std::string_view temporary_mark = ".quell-";

// Where the kernel shows an open file that has no name. A system without /proc cannot give it one.
std::string shown_at(int descriptor) { return fmt::format("/proc/self/fd/{}", descriptor); }

// The folder is held from now on: whatever happens to its path, the file appears in this one.
int open_folder(const fs::path& path) {
  const fs::path folder = path.empty() ? fs::path(".") : path;
  const int readable = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return readable >= 0 ? readable : ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

// The permissions of a file that is replaced: its owner, its group and its mode, without set-id bits. Where the group
// cannot be kept, its rights are those of everybody else.
bool keep_permissions(int descriptor, const struct stat& replaced) {
  mode_t mode = replaced.st_mode & 0777U;
  struct stat now {};
  const bool same = ::fstat(descriptor, &now) == 0 && now.st_uid == replaced.st_uid && now.st_gid == replaced.st_gid;
  const bool kept = same || ::fchown(descriptor, replaced.st_uid, replaced.st_gid) == 0 ||
                    ::fchown(descriptor, static_cast<uid_t>(-1), replaced.st_gid) == 0;
  if (!kept) mode = (mode & 0707U) | ((mode & 07U) << 3U);
  return ::fchmod(descriptor, mode) == 0;
}

}  // namespace

Error AtomicFile::failure(const char* doing, int number) const {
  return {Errc::io, fmt::format("{}: {}: {}; no output was made", target_.string(), doing, std::strerror(number)),
          std::nullopt};
}

Result<AtomicFile> AtomicFile::create(const fs::path& target, const std::optional<fs::path>& mode_from, Links links) {
  AtomicFile file;
  file.target_ = target;
  struct stat status {};
  const bool follow = links == Links::followed;
  bool exists = target != "-" && ::fstatat(AT_FDCWD, target.c_str(), &status, follow ? 0 : AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && S_ISLNK(status.st_mode)) exists = false;
  if (target == "-" || (exists && !S_ISREG(status.st_mode))) {
    file.descriptor_ = target == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                                     : ::open(target.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (file.descriptor_ < 0) return tl::unexpected(file.failure("cannot be opened", errno));
    return file;
  }
  // A symbolic link is followed, so that the file it names is replaced and not the link.
  std::error_code ignored;
  const auto resolved = follow ? fs::weakly_canonical(target, ignored) : fs::absolute(target, ignored);
  if (!ignored && !resolved.empty()) file.target_ = resolved;
  file.name_ = file.target_.filename().string();
  file.folder_ = open_folder(file.target_.parent_path());
  if (file.folder_ < 0 || file.name_.empty()) {
    return tl::unexpected(file.failure("cannot be created", file.name_.empty() ? EISDIR : errno));
  }
  mode_t mode = read_write;
  struct stat input {};
  if (mode_from && ::stat(mode_from->c_str(), &input) == 0) mode = input.st_mode & read_write;
  QUELL_CHECK(file.open_content(mode, exists));
  if (!exists) return file;
  file.other_names_ = status.st_nlink > 1 ? status.st_nlink - 1 : 0;
  if (!keep_permissions(file.descriptor_, status)) {
    return tl::unexpected(file.failure("permissions cannot be set", errno));
  }
  return file;
}

// Without a name where the file system can do that, so that not even a power cut leaves it behind; else under a name of
// its own. The umask is the kernel's to apply.
Result<void> AtomicFile::open_content(unsigned mode, bool replaces) {
  descriptor_ = ::openat(folder_, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
  if (descriptor_ >= 0 && ::access(shown_at(descriptor_).c_str(), F_OK) != 0) {
    ::close(std::exchange(descriptor_, -1));
  }
  const bool named = descriptor_ < 0;
  if (named || replaces) remove_leftovers(folder_, "." + name_.substr(0, 128) + std::string(temporary_mark));
  if (!named) return {};
  const SignalsHeld held;
  for (int attempt = 0; attempt < 100 && descriptor_ < 0; ++attempt) {
    temporary_ = new_temporary_name();
    descriptor_ = ::openat(folder_, temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (descriptor_ < 0 && errno != EEXIST) break;
  }
  if (descriptor_ < 0) {
    temporary_.clear();
    return tl::unexpected(failure("cannot be created", errno));
  }
  mark_in_use(descriptor_);
  remember_temporary(folder_, temporary_);
  return {};
}

std::string AtomicFile::new_temporary_name() const {
  return "." + name_.substr(0, 128) + std::string(temporary_mark) + random_suffix();
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept { *this = std::move(other); }

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  if (this == &other) return *this;
  discard();
  target_ = std::move(other.target_);
  name_ = std::move(other.name_);
  temporary_ = std::exchange(other.temporary_, {});
  folder_ = std::exchange(other.folder_, -1);
  descriptor_ = std::exchange(other.descriptor_, -1);
  other_names_ = other.other_names_;
  return *this;
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() noexcept {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  if (!temporary_.empty()) {
    ::unlinkat(folder_, temporary_.c_str(), 0);
    forget_temporary(folder_, temporary_);
    temporary_.clear();
  }
  if (folder_ >= 0) ::close(std::exchange(folder_, -1));
}

Result<void> AtomicFile::write(Bytes bytes) {
  // Each piece starts on its way to the disk while the next is written; commit() waits for all of them.
  constexpr std::size_t piece = std::size_t{1} << 20U;
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), std::min(bytes.size(), piece));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(failure("cannot be written", errno));
    if (folder_ >= 0) ::sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

// Gives the content its name. An existing file can only be replaced by renaming, so a nameless one gets a name of its
// own first; no signal comes in between.
Result<void> AtomicFile::publish() {
  const SignalsHeld held;
  if (temporary_.empty()) {
    const std::string nameless = shown_at(descriptor_);
    if (::linkat(AT_FDCWD, nameless.c_str(), folder_, name_.c_str(), AT_SYMLINK_FOLLOW) == 0) return {};
    mark_in_use(descriptor_);
    const std::string name = new_temporary_name();
    if (::linkat(AT_FDCWD, nameless.c_str(), folder_, name.c_str(), AT_SYMLINK_FOLLOW) != 0) {
      return tl::unexpected(failure("cannot be created", errno));
    }
    temporary_ = name;
    remember_temporary(folder_, temporary_);
  }
  if (::renameat(folder_, temporary_.c_str(), folder_, name_.c_str()) != 0) {
    return tl::unexpected(failure("cannot be renamed", errno));
  }
  forget_temporary(folder_, temporary_);
  temporary_.clear();
  return {};
}

Result<void> AtomicFile::commit() {
  if (folder_ < 0) {
    const int descriptor = std::exchange(descriptor_, -1);
    if (::close(descriptor) != 0) return tl::unexpected(failure("cannot be written", errno));
    return {};
  }
  if (::fsync(descriptor_) != 0) return tl::unexpected(failure("cannot be flushed to the disk", errno));
  QUELL_CHECK(publish());
  // The new name itself has to reach the disk too; a file system that cannot do this is no reason to fail.
  ::fsync(folder_);
  discard();
  return {};
}

Result<void> write_file(const fs::path& target, Bytes bytes, const std::optional<fs::path>& mode_from) {
  QUELL_TRY(AtomicFile file, AtomicFile::create(target, mode_from));
  QUELL_CHECK(file.write(bytes));
  return file.commit();
}

}  // namespace quell
