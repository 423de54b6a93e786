// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/output.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan/record.h"
#include "scan/zstd_frames.h"

namespace quell::scan {
namespace {

namespace fs = std::filesystem;

constexpr auto between_syncs = std::chrono::seconds(5);
constexpr std::size_t frame_size = std::size_t{1} << 20U;
constexpr mode_t read_write = 0666;

// What a link names, which need not be there yet.
std::string followed(fs::path path) {
  constexpr unsigned deepest = 40;
  std::error_code problem;
  for (unsigned level = 0; level < deepest && fs::is_symlink(path, problem); ++level)
    path = path.parent_path() / fs::read_symlink(path, problem);
  return path.native();
}

// The whole lines of a text, until `take` refuses one; returns how many bytes they have.
std::uint64_t whole_lines(std::string_view text, const std::function<bool(std::string_view line)>& take,
                          bool& refused) {
  std::uint64_t used = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', used)) {
    if (!take(text.substr(used, end - used))) {
      refused = true;
      break;
    }
    used = end + 1;
  }
  return used;
}

Result<std::uint64_t> read_plain(int file, const std::function<bool(std::string_view line)>& take) {
  std::string text;
  std::uint64_t whole = 0;
  std::uint64_t read = 0;
  std::vector<char> block(std::size_t{1} << 20U);
  bool refused = false;
  while (!refused) {
    const ssize_t count = ::pread(file, block.data(), block.size(), static_cast<off_t>(read));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(Errc::io, std::strerror(errno));
    if (count == 0) break;
    read += static_cast<std::uint64_t>(count);
    text.append(block.data(), static_cast<std::size_t>(count));
    const std::uint64_t used = whole_lines(text, take, refused);
    text.erase(0, used);
    whole += used;
  }
  return whole;
}

// Whether a file begins as one line of a scan does, or as far as one that was torn could.
Result<bool> begins_as_a_scan(int file, bool compressed) {
  const std::string begin = head_of_lines();
  if (compressed) {
    const auto content = beginning_of_frames(file, begin.size());
    if (!content && content.error().code == Errc::io) return tl::unexpected(content.error());
    return content && begin.starts_with(*content);
  }
  std::string text(begin.size(), '\0');
  const ssize_t count = ::pread(file, text.data(), text.size(), 0);
  if (count < 0) return fail(Errc::io, std::strerror(errno));
  return begin.starts_with(text.substr(0, static_cast<std::size_t>(count)));
}

// A file that is there, and has a content that is not a scan's, is somebody's: it is neither replaced nor cut.
Result<void> refuse_what_no_scan_wrote(const std::string& path, bool compressed) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  if (!S_ISREG(status.st_mode)) {
    return fail(Errc::refused, fmt::format("{}: is there, and is no file: name another output, or move it away", path));
  }
  if (status.st_size == 0) return {};
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) return fail(Errc::io, fmt::format("{}: {}", path, std::strerror(errno)));
  const auto own = begins_as_a_scan(file.get(), compressed);
  if (!own) return fail(Errc::io, fmt::format("{}: {}", path, own.error().message));
  if (*own) return {};
  return fail(Errc::refused,
              fmt::format("{}: is there, and no scan wrote it: name another output, or move it away", path));
}

}  // namespace

Error Output::failure(const char* doing) const {
  const std::string& name = part_.empty() ? path_ : part_;
  const char* hint = written_ && !part_.empty() ? "; what was written stays, to be gone on with" : "";
  return {Errc::io, fmt::format("{}: {}: {}{}", name, doing, std::strerror(errno), hint), std::nullopt};
}

Result<Output> Output::open(const std::string& path, bool resume) {
  Output out;
  out.path_ = followed(path);
  out.compressed_ = path.ends_with(".zst");
  if (out.compressed_ && !has_compression()) return tl::unexpected(compress("").error());
  struct stat status {};
  const bool there = path != "-" && ::stat(path.c_str(), &status) == 0;
  if (path == "-" || (there && !S_ISREG(status.st_mode))) {
    if (resume)
      return fail(Errc::usage, "what went to standard output or a device cannot be gone on with: name a file");
    out.file_ = FileDescriptor(path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                                           : ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!out.file_.valid()) return tl::unexpected(out.failure("cannot be opened"));
    return out;
  }
  out.part_ = out.path_ + ".part";
  for (const std::string& name : {out.path_, out.part_}) QUELL_CHECK(refuse_what_no_scan_wrote(name, out.compressed_));
  const bool unfinished = ::access(out.part_.c_str(), F_OK) == 0;
  if (unfinished && !resume) {
    return fail(Errc::refused,
                fmt::format("{}: is there from a scan that did not end: resume that one, or remove it", out.part_));
  }
  out.file_ =
      FileDescriptor(::open(out.part_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, read_write));
  if (!out.file_.valid()) return tl::unexpected(out.failure("cannot be made"));
  // A lock of this process alone: its workers must not hold it a moment longer than it lives.
  struct flock lock {};
  lock.l_type = F_WRLCK;
  if (::fcntl(out.file_.get(), F_SETLK, &lock) != 0)
    return fail(Errc::refused, fmt::format("{}: another scan writes to it now", out.part_));
  out.was_finished_ = resume && there && !unfinished;
  if (out.was_finished_) QUELL_CHECK(out.copy_finished());
  return out;
}

Result<void> Output::copy_finished() {
  const FileDescriptor finished(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!finished.valid()) return tl::unexpected(failure("what was finished before cannot be opened"));
  std::vector<char> block(std::size_t{1} << 20U);
  for (;;) {
    const ssize_t count = ::read(finished.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(failure("what was finished before cannot be read"));
    if (count == 0) return {};
    QUELL_CHECK(write_all({block.data(), static_cast<std::size_t>(count)}));
  }
}

Result<void> Output::read_back(const std::function<bool(std::string_view line)>& take) {
  if (to_stream()) return {};
  const auto frame = [&](std::string_view content) {
    bool refused = false;
    return whole_lines(content, take, refused) == content.size() && !refused;
  };
  const auto whole = compressed_ ? for_each_frame(file_.get(), frame) : read_plain(file_.get(), take);
  if (!whole) return tl::unexpected(whole.error());
  if (::ftruncate(file_.get(), static_cast<off_t>(*whole)) != 0) return tl::unexpected(failure("cannot be cut"));
  return {};
}

Result<void> Output::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::unexpected(failure("cannot be written"));
    written_ = true;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> Output::write_frame() {
  if (waiting_.empty()) return {};
  QUELL_TRY(const std::string frame, compress(waiting_));
  waiting_.clear();
  return write_all(frame);
}

Result<void> Output::write(std::string_view lines) {
  if (!compressed_) return write_all(lines);
  waiting_ += lines;
  // The first lines are a small frame of their own, which a kill does not tear: they say that the file is a scan's.
  return written_ && waiting_.size() < frame_size ? Result<void>() : write_frame();
}

Result<void> Output::keep() {
  const auto now = std::chrono::steady_clock::now();
  if (now - kept_ < between_syncs) return {};
  kept_ = now;
  return pause();
}

Result<void> Output::commit() {
  QUELL_CHECK(write_frame());
  struct stat status {};
  if (compressed_ && ::fstat(file_.get(), &status) == 0 && status.st_size == 0) {
    // No lines at all are a frame too: an empty file is none that zstd reads.
    QUELL_TRY(const std::string empty, compress(""));
    QUELL_CHECK(write_all(empty));
  }
  if (to_stream()) return {};
  if (::fsync(file_.get()) != 0) return tl::unexpected(failure("cannot be brought to the disk"));
  if (::rename(part_.c_str(), path_.c_str()) != 0) return tl::unexpected(failure("cannot be given its name"));
  const fs::path folder = fs::path(path_).parent_path();
  const FileDescriptor place(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (place.valid()) ::fsync(place.get());
  return {};
}

void Output::drop() {
  if (!to_stream()) ::unlink(part_.c_str());
}

Result<void> Output::pause() {
  QUELL_CHECK(write_frame());
  if (!to_stream() && ::fdatasync(file_.get()) != 0) return tl::unexpected(failure("cannot be brought to the disk"));
  return {};
}

bool Output::is(const struct stat& status) const {
  const auto same = [&](const struct stat& own) { return own.st_dev == status.st_dev && own.st_ino == status.st_ino; };
  struct stat own {};
  return (::fstat(file_.get(), &own) == 0 && S_ISREG(own.st_mode) && same(own)) ||
         (!to_stream() && ::stat(path_.c_str(), &own) == 0 && same(own));
}

}  // namespace quell::scan
