// SPDX-License-Identifier: GPL-2.0-or-later
#include "scan/zstd_frames.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>
#ifdef QUELL_HAS_ZSTD
#include <zstd.h>
#endif

namespace quell::scan {

#ifdef QUELL_HAS_ZSTD
namespace {

constexpr int level = 3;
// No frame of ours has more; one that claims to is none of ours.
constexpr std::size_t most_in_frame = std::size_t{128} << 20U;

using Stream = std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)>;

Result<Stream> make_stream() {
  Stream stream(::ZSTD_createDStream(), ::ZSTD_freeDStream);
  if (!stream) return fail(Errc::io, "no memory to read compressed lines");
  return stream;
}

// How many bytes were read; 0 at the end of the file.
Result<std::size_t> read_at(int file, std::vector<char>& block, std::uint64_t offset) {
  for (;;) {
    const ssize_t count = ::pread(file, block.data(), block.size(), static_cast<off_t>(offset));
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return fail(Errc::io, fmt::format("compressed lines cannot be read: {}", std::strerror(errno)));
  }
}

}  // namespace

bool has_compression() noexcept { return true; }

Result<std::string> compress(std::string_view lines) {
  const std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context(::ZSTD_createCCtx(), ::ZSTD_freeCCtx);
  if (!context) return fail(Errc::io, "no memory to compress lines");
  ::ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  // Without it, a bit that a disk lost would be another letter of some line, and nobody would be told.
  ::ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string out(::ZSTD_compressBound(lines.size()), '\0');
  const std::size_t size = ::ZSTD_compress2(context.get(), out.data(), out.size(), lines.data(), lines.size());
  if (::ZSTD_isError(size) != 0) return fail(Errc::io, "the lines cannot be compressed");
  out.resize(size);
  return out;
}

Result<std::uint64_t> for_each_frame(int file, const std::function<bool(std::string_view content)>& take) {
  QUELL_TRY(const Stream stream, make_stream());
  std::vector<char> block(::ZSTD_DStreamInSize());
  std::vector<char> piece(::ZSTD_DStreamOutSize());
  std::string content;
  std::uint64_t whole = 0;
  std::uint64_t before = 0;  // bytes of the file before `block`
  for (;;) {
    QUELL_TRY(const std::size_t count, read_at(file, block, before));
    if (count == 0) return whole;
    ZSTD_inBuffer in{block.data(), count, 0};
    // Output that is full may leave more behind although all input is taken.
    for (bool full = false; in.pos < in.size || full;) {
      ZSTD_outBuffer out{piece.data(), piece.size(), 0};
      const std::size_t left = ::ZSTD_decompressStream(stream.get(), &out, &in);
      if (::ZSTD_isError(left) != 0) return whole;
      full = left != 0 && out.pos == out.size;
      content.append(piece.data(), out.pos);
      if (content.size() > most_in_frame) return whole;
      if (left != 0) continue;
      if (!take(content)) return whole;
      content.clear();
      whole = before + in.pos;
    }
    before += count;
  }
}

Result<std::string> beginning_of_frames(int file, std::size_t size) {
  QUELL_TRY(const Stream stream, make_stream());
  std::vector<char> block(::ZSTD_DStreamInSize());
  std::vector<char> piece(::ZSTD_DStreamOutSize());
  std::string content;
  bool whole = false;  // a frame, be it an empty one
  std::uint64_t before = 0;
  while (content.size() < size) {
    QUELL_TRY(const std::size_t count, read_at(file, block, before));
    if (count == 0) break;
    ZSTD_inBuffer in{block.data(), count, 0};
    while (in.pos < in.size && content.size() < size) {
      ZSTD_outBuffer out{piece.data(), piece.size(), 0};
      const std::size_t left = ::ZSTD_decompressStream(stream.get(), &out, &in);
      whole = whole || left == 0;
      if (::ZSTD_isError(left) != 0) {
        if (content.empty()) return fail(Errc::unrecognised, "these are no compressed lines");
        return content;
      }
      content.append(piece.data(), out.pos);
    }
    before += count;
  }
  if (content.empty() && !whole) return fail(Errc::unrecognised, "there is no whole block of compressed lines");
  content.resize(std::min(content.size(), size));
  return content;
}
#else
namespace {

constexpr const char* missing = "this build of quell cannot read or write .zst: name a file without it";

}  // namespace

bool has_compression() noexcept { return false; }
Result<std::string> beginning_of_frames(int /*file*/, std::size_t /*size*/) { return fail(Errc::unsupported, missing); }
Result<std::string> compress(std::string_view /*lines*/) { return fail(Errc::unsupported, missing); }
Result<std::uint64_t> for_each_frame(int /*file*/, const std::function<bool(std::string_view content)>& /*take*/) {
  return fail(Errc::unsupported, missing);
}
#endif

}  // namespace quell::scan
