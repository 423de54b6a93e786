// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/mapped_file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_descriptor.h"
#include "base/large_buffer.h"
#include "base/size.h"

namespace quell {
namespace {

Error io_error(const std::filesystem::path& path, const std::string& what) {
  return {Errc::io, fmt::format("{}: {}", path.string(), what), std::nullopt};
}

Result<FileDescriptor> open_input(const std::filesystem::path& path, struct stat& status) {
  FileDescriptor file(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                  : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) return tl::unexpected(io_error(path, fmt::format("cannot be opened: {}", std::strerror(errno))));
  if (::fstat(file.get(), &status) != 0) return tl::unexpected(io_error(path, std::strerror(errno)));
  if (S_ISDIR(status.st_mode)) return tl::unexpected(io_error(path, "is a directory; name an image file in it"));
  if (S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) > largest_input) {
    return tl::unexpected(io_error(path, fmt::format("is larger than {} MiB; no flash chip is", largest_input >> 20U)));
  }
  return file;
}

Result<Buffer> read_all(const std::filesystem::path& path, int descriptor, std::uint64_t expected) {
  // One byte more than expected tells a file that is read to its end from one that grew, and from a stream.
  Buffer content = large_buffer(expected + 1);
  std::uint64_t used = 0;
  for (;;) {
    if (used == content.size()) content.resize(to_size(used + std::max<std::uint64_t>(used, 1U << 16U)));
    const auto rest = std::span(content).subspan(to_size(used));
    const ssize_t count = ::read(descriptor, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(io_error(path, fmt::format("cannot be read: {}", std::strerror(errno))));
    if (count == 0) break;
    used += static_cast<std::uint64_t>(count);
    if (used > largest_input) {
      return tl::unexpected(
          io_error(path, fmt::format("gives more than {} MiB; no flash chip does", largest_input >> 20U)));
    }
  }
  content.resize(to_size(used));
  return content;
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  struct stat status {};
  QUELL_TRY(const FileDescriptor descriptor, open_input(path, status));
  MappedFile file;
  if (S_ISREG(status.st_mode) && status.st_size > 0 && path != "-") {
    const auto size = static_cast<std::size_t>(status.st_size);
    void* mapping = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor.get(), 0);
    if (mapping != MAP_FAILED) {
      file.mapping_ = mapping;
      file.mapped_size_ = size;
      file.bytes_ = Bytes(static_cast<const std::byte*>(mapping), size);
      return file;
    }
  }
  QUELL_TRY(file.buffer_, read_all(path, descriptor.get(), static_cast<std::uint64_t>(status.st_size)));
  if (file.buffer_.empty()) return fail(Errc::unrecognised, fmt::format("{}: is empty", path.string()));
  file.bytes_ = file.buffer_;
  return file;
}

Result<MappedFile> MappedFile::copy(const std::filesystem::path& path) {
  struct stat status {};
  QUELL_TRY(const FileDescriptor descriptor, open_input(path, status));
  MappedFile file;
  QUELL_TRY(file.buffer_, read_all(path, descriptor.get(), static_cast<std::uint64_t>(status.st_size)));
  if (file.buffer_.empty()) return fail(Errc::unrecognised, fmt::format("{}: is empty", path.string()));
  file.bytes_ = file.buffer_;
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept { *this = std::move(other); }

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this == &other) return *this;
  release();
  buffer_ = std::move(other.buffer_);
  mapping_ = std::exchange(other.mapping_, nullptr);
  mapped_size_ = std::exchange(other.mapped_size_, 0);
  bytes_ = std::exchange(other.bytes_, {});
  return *this;
}

MappedFile::~MappedFile() { release(); }

void MappedFile::release() noexcept {
  if (mapping_ != nullptr) ::munmap(mapping_, mapped_size_);
  mapping_ = nullptr;
}

}  // namespace quell
