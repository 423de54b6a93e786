// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/vault_files.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_descriptor.h"
#include "quell/mapped_file.h"
#include "spi/vault.h"

namespace quell::spi {

namespace fs = std::filesystem;

tl::unexpected<Error> io(const fs::path& path, const char* doing, int number) {
  return fail(Errc::io, fmt::format("{}: {}: {}", path.string(), doing, std::strerror(number)));
}

Result<void> sync_folder(const fs::path& folder) {
  const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptor.valid() || ::fsync(descriptor.get()) != 0) return io(folder, "cannot be synchronised", errno);
  return {};
}

// Creates the folder and makes its name durable.
Result<void> make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0) return sync_folder(folder.parent_path());
  if (errno == EEXIST) return {};
  return io(folder, "cannot be created", errno);
}

Result<void> make_folders(const fs::path& folder) {
  std::error_code problem;
  if (folder.empty() || fs::is_directory(folder, problem)) return {};
  QUELL_CHECK(make_folders(folder.parent_path()));
  return make_folder(folder);
}

namespace {

Result<void> write_all(int descriptor, const fs::path& path, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io(path, "cannot be written", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

// A file that was written and not yet published; unlinked unless it was.
class Unpublished {
 public:
  explicit Unpublished(fs::path path) : path_(std::move(path)) {}
  Unpublished(const Unpublished&) = delete;
  Unpublished& operator=(const Unpublished&) = delete;
  ~Unpublished() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  void keep() noexcept { path_.clear(); }
  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

// Gives the file its final name, which must be free. 0, or errno.
int publish(const fs::path& from, const fs::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::link(from.c_str(), to.c_str()) != 0) return errno;
  ::unlink(from.c_str());
  return 0;
}

Result<void> write_new(const fs::path& path, Bytes bytes) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400));
  if (!file.valid()) return io(path, "cannot be created", errno);
  Unpublished guard(path);
  QUELL_CHECK(write_all(file.get(), path, bytes));
  if (::fsync(file.get()) != 0) return io(path, "cannot be synchronised", errno);
  // Do not trust the cache alone: what the disk gives back is what counts.
  static_cast<void>(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED));
  QUELL_TRY(const MappedFile back, MappedFile::open(path));
  if (!equal(back.bytes(), bytes)) return fail(Errc::io, path.string() + ": reads back other bytes than were written");
  guard.keep();
  return {};
}

}  // namespace

Result<void> write_once(const fs::path& target, Bytes bytes) {
  // A limit on file sizes must be an error like a full disk, not the end of the program.
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  Unpublished temporary(target.parent_path() / (".tmp-" + random_name()));
  const fs::path written = temporary.path();
  if (auto result = write_new(written, bytes); !result) {
    temporary.keep();  // already gone
    return result;
  }
  int problem = publish(written, target);
  if (problem == EPERM || problem == EOPNOTSUPP) {  // FAT has neither way
    if (::access(target.c_str(), F_OK) == 0) return io(target, "exists already", EEXIST);
    QUELL_CHECK(write_new(target, bytes));
  } else if (problem != 0) {
    return io(target, "cannot be published", problem);
  } else {
    temporary.keep();
  }
  return sync_folder(target.parent_path());
}

// Replaces a file that has to be right, whole and at once.
Result<void> replace_file(const fs::path& target, Bytes bytes) {
  Unpublished temporary(target.parent_path() / (".tmp-" + random_name()));
  const fs::path written = temporary.path();
  if (auto result = write_new(written, bytes); !result) {
    temporary.keep();
    return result;
  }
  if (::rename(written.c_str(), target.c_str()) != 0) return io(target, "cannot be replaced", errno);
  temporary.keep();
  return sync_folder(target.parent_path());
}

}  // namespace quell::spi
