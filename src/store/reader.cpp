// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/reader.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef QUELL_HAS_ZSTD
#include <zstd.h>
#endif

namespace quell::store {
namespace {

constexpr std::size_t block = std::size_t{256} << 10U;
constexpr std::size_t longest_line = std::size_t{256} << 20U;  // the whole tree of an image has some MiB
constexpr std::string_view zstd_magic = "\x28\xB5\x2F\xFD";
constexpr int patience = 100;  // milliseconds between two looks at whether to stop

}  // namespace

#ifdef QUELL_HAS_ZSTD
struct LineReader::Unpacker {
  struct Release {
    void operator()(ZSTD_DStream* used) const noexcept { ZSTD_freeDStream(used); }
  };
  std::unique_ptr<ZSTD_DStream, Release> stream{ZSTD_createDStream()};
  bool inside = false;  // a frame has begun and not ended

  // Adds what is in `packed` to `text`; what is wrong with it, else nothing.
  const char* unpack(std::string_view packed, std::string& text) {
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    std::string unpacked(ZSTD_DStreamOutSize(), '\0');
    // Output that is full may leave more behind although all input is taken.
    for (bool full = false; in.pos < in.size || full;) {
      ZSTD_outBuffer out{unpacked.data(), unpacked.size(), 0};
      const std::size_t left = ZSTD_decompressStream(stream.get(), &out, &in);
      if (ZSTD_isError(left) != 0) return ZSTD_getErrorName(left);
      inside = left != 0;
      full = out.pos == out.size;
      text.append(unpacked, 0, out.pos);
    }
    return nullptr;
  }
};
#else
struct LineReader::Unpacker {
  bool inside = false;
  const char* unpack(std::string_view /*packed*/, std::string& /*text*/) { return "this build has no zstd in it"; }
};
#endif

LineReader::LineReader(FileDescriptor file, std::string name, std::function<bool()> stopped)
    : file_(std::move(file)), name_(std::move(name)), stopped_(std::move(stopped)), raw_(block, '\0') {}
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;
LineReader::~LineReader() = default;

Result<LineReader> LineReader::open(const std::string& path, std::function<bool()> stopped) {
  FileDescriptor file(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                  : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file.valid()) return fail(Errc::io, fmt::format("{}: {}", path, std::strerror(errno)));
  struct stat status {};
  if (::fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return fail(Errc::usage, fmt::format("{}: is a folder; name the files in it that a scan wrote", path));
  }
  return LineReader(std::move(file), path == "-" ? "standard input" : path, std::move(stopped));
}

bool LineReader::cut_short() const noexcept { return at_end_ && unpacker_ != nullptr && unpacker_->inside; }

// Until there is something to read, or it is to stop.
Result<void> LineReader::wait() const {
  for (;;) {
    if (stopped_()) return fail(Errc::io, "interrupted");
    pollfd item{file_.get(), POLLIN, 0};
    if (::poll(&item, 1, patience) != 0) return {};
  }
}

// The next bytes of the file itself; empty at its end.
Result<std::string_view> LineReader::read_block() {
  for (;;) {
    QUELL_CHECK(wait());
    const ssize_t count = ::read(file_.get(), raw_.data(), raw_.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return fail(Errc::io, fmt::format("{}: cannot be read: {}", name_, std::strerror(errno)));
    return std::string_view(raw_).substr(0, static_cast<std::size_t>(count));
  }
}

// Adds to text_; false at the end.
Result<bool> LineReader::fill() {
  if (damage_) return tl::unexpected(*damage_);
  QUELL_TRY(const std::string_view read, read_block());
  if (!std::exchange(begun_, true) && read.starts_with(zstd_magic)) unpacker_ = std::make_unique<Unpacker>();
  at_end_ = read.empty();
  if (unpacker_ == nullptr) text_ += read;
  if (at_end_ || unpacker_ == nullptr) return !at_end_;
  if (const char* problem = unpacker_->unpack(read, text_)) {
    damage_ =
        Error{Errc::damaged, fmt::format("{}: the packed data is damaged ({}): what follows is lost", name_, problem),
              std::nullopt};
  }
  return true;
}

Result<std::optional<Line>> LineReader::next() {
  std::size_t searched = taken_;
  bool too_long = false;
  for (;;) {
    const std::size_t end = text_.find('\n', searched);
    if (end != std::string::npos) {
      Line line{text_.substr(taken_, end - taken_), ++number_, true, too_long};
      taken_ = end + 1;
      if (!line.text.empty() || too_long) return line;
      searched = taken_;
      continue;
    }
    text_.erase(0, taken_);
    taken_ = 0;
    if (text_.size() > longest_line) {
      too_long = true;
      text_.clear();
    }
    searched = text_.size();
    QUELL_TRY(const bool more, fill());
    if (more) continue;
    if (text_.empty()) return std::nullopt;
    return Line{std::exchange(text_, {}), ++number_, false, too_long};
  }
}

}  // namespace quell::store
