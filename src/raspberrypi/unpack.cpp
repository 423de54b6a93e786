// SPDX-License-Identifier: GPL-2.0-or-later
// CK: groups of a flag byte and 8 items, lowest bit first; bit 0: one literal byte; bit 1: {distance - 1, length - 1},
// copied byte by byte, so that source and target may overlap. At most 256 bytes an item.
// LZ4: the standard frame format.
#include <array>
#include <memory>

#include <lz4frame.h>

#include "raspberrypi/eeprom.h"

namespace quell::raspberrypi {
namespace {

// The largest EEPROM is 2 MiB and its largest file unpacks to half a MiB.
constexpr std::size_t largest = std::size_t{16} << 20U;

Result<Buffer> unpack_ck(ByteView packed) {
  Buffer out;
  std::uint64_t at = 0;
  while (at < packed.size()) {
    QUELL_TRY(const auto flags, packed.u8(at));
    ++at;
    for (unsigned bit = 0; bit < 8 && at < packed.size(); ++bit) {
      QUELL_TRY(const auto first, packed.u8(at));
      if ((flags >> bit & 1U) == 0) {
        out.push_back(static_cast<std::byte>(first));
        ++at;
        continue;
      }
      QUELL_TRY(const auto second, packed.u8(at + 1));
      at += 2;
      const std::size_t distance = std::size_t{first} + 1;
      if (distance > out.size()) return fail(Errc::damaged, "a copy reaches before the start", packed.origin() + at);
      for (unsigned i = 0; i <= second; ++i) out.push_back(out[out.size() - distance]);
    }
    if (out.size() > largest) return fail(Errc::damaged, "the content is impossibly large", packed.origin());
  }
  return out;
}

struct FreeContext {
  void operator()(LZ4F_dctx* context) const noexcept { LZ4F_freeDecompressionContext(context); }
};

Result<Buffer> unpack_lz4(ByteView packed) {
  LZ4F_dctx* raw = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&raw, LZ4F_VERSION)) != 0) {
    return fail(Errc::io, "no memory for decompression");
  }
  const std::unique_ptr<LZ4F_dctx, FreeContext> context(raw);
  Buffer out;
  std::array<std::byte, 65536> chunk{};
  Bytes rest = packed.bytes();
  while (true) {
    std::size_t produced = chunk.size();
    std::size_t consumed = rest.size();
    const std::size_t state = LZ4F_decompress(context.get(), chunk.data(), &produced, rest.data(), &consumed, nullptr);
    if (LZ4F_isError(state) != 0) return fail(Errc::damaged, "the LZ4 frame is broken", packed.origin());
    const Bytes part = Bytes(chunk).first(produced);
    out.insert(out.end(), part.begin(), part.end());
    rest = rest.subspan(consumed);
    if (state == 0) return out;
    if (out.size() > largest) return fail(Errc::damaged, "the content is impossibly large", packed.origin());
    if (produced == 0 && consumed == 0) return fail(Errc::damaged, "the LZ4 frame is cut off", packed.origin());
  }
}

}  // namespace

Result<Buffer> unpack(const Section& section) {
  switch (section.kind) {
    case SectionKind::compressed: return unpack_ck(section.content);
    case SectionKind::lz4: return unpack_lz4(section.content);
    default: {
      const Bytes bytes = section.content.bytes();
      return Buffer(bytes.begin(), bytes.end());
    }
  }
}

}  // namespace quell::raspberrypi
