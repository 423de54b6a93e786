// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/folder.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/leftovers.h"
#include "base/signals.h"

namespace quell {
namespace {

namespace fs = std::filesystem;

constexpr int as_folder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

tl::unexpected<Error> failed(const fs::path& path, const char* doing, int number) {
  if (number == ELOOP || number == ENOTDIR) {
    return fail(Errc::refused,
                fmt::format("{}: is in the way: a link or a file where a folder belongs", path.string()));
  }
  return fail(Errc::io, fmt::format("{}: {}: {}", path.string(), doing, std::strerror(number)));
}

}  // namespace

Result<Folder> Folder::open(const fs::path& path) {
  FileDescriptor descriptor(::open(path.c_str(), as_folder));
  if (!descriptor.valid()) {
    return fail(Errc::io, fmt::format("{}: cannot be opened as a folder: {}", path.string(), std::strerror(errno)));
  }
  return Folder(std::move(descriptor), path);
}

Result<Folder> Folder::below(const fs::path& relative, bool make, std::vector<fs::path>* made) const {
  FileDescriptor at(::openat(get(), ".", as_folder));
  if (!at.valid()) return failed(path_, "cannot be opened", errno);
  fs::path done;
  for (const fs::path& part : relative) {
    if (part.empty() || part == ".") continue;
    done /= part;
    if (part == ".." || part.is_absolute()) return fail(Errc::refused, fmt::format("{}: leads out", done.string()));
    if (make && ::mkdirat(at.get(), part.c_str(), 0777) == 0) {
      if (made != nullptr) made->push_back(done);
    } else if (make && errno != EEXIST) {
      return failed(path_ / done, "cannot be created", errno);
    }
    FileDescriptor next(::openat(at.get(), part.c_str(), as_folder | O_NOFOLLOW));
    if (!next.valid()) return failed(path_ / done, "cannot be opened", errno);
    at = std::move(next);
  }
  return Folder(std::move(at), path_ / done);
}

Result<Folder> Folder::inside(const fs::path& relative) const {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(as_folder);
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): glibc has no name for this call
  FileDescriptor found(static_cast<int>(::syscall(SYS_openat2, get(), relative.c_str(), &how, sizeof how)));
  if (!found.valid()) return failed(path_ / relative, "cannot be opened", errno);
  return Folder(std::move(found), path_ / relative);
}

Result<std::string> Folder::make_private(const std::string& prefix) const {
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::string name = prefix + random_suffix();
    if (::mkdirat(get(), name.c_str(), 0700) == 0) return name;
    if (errno != EEXIST) break;
  }
  return failed(path_, "cannot take a new folder", errno);
}

Result<FileDescriptor> Folder::create(const std::string& name) const {
  FileDescriptor file(::openat(get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file.valid()) return failed(path_ / name, "cannot be created", errno);
  return file;
}

Result<void> write_file(const Folder& folder, const std::string& name, Bytes bytes) {
  const std::string temporary = fmt::format(".{}.quell-{}", name, random_suffix());
  const SignalsHeld held;
  const fs::path shown = folder.path() / name;
  QUELL_TRY(const FileDescriptor file, folder.create(temporary));
  int problem = 0;
  while (!bytes.empty() && problem == 0) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count >= 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) problem = errno;
  }
  if (problem == 0 && ::fsync(file.get()) != 0) problem = errno;
  if (problem == 0 && ::renameat(folder.get(), temporary.c_str(), folder.get(), name.c_str()) != 0) problem = errno;
  if (problem == 0) {
    ::fsync(folder.get());
    return {};
  }
  ::unlinkat(folder.get(), temporary.c_str(), 0);
  return failed(shown, "cannot be written", problem);
}

}  // namespace quell
