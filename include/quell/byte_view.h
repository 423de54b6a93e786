// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quell/range.h"
#include "quell/result.h"

namespace quell {

using Bytes = std::span<const std::byte>;
using Buffer = std::vector<std::byte>;

// The bytes of a text, e.g. of a signature like "$FPT".
Bytes as_bytes(std::string_view text) noexcept;

// Whether both hold the same bytes.
bool equal(Bytes a, Bytes b) noexcept;

// How many of the bytes are `value`.
std::uint64_t count_of(Bytes bytes, std::byte value) noexcept;

// A bounds-checked view into an image; the only way parsers touch memory. It remembers where in the image it
// was cut from (`origin`), so that errors and ranges speak of image offsets. Copies are cheap; the view does not
// own its bytes.
class ByteView {
 public:
  ByteView() = default;
  explicit ByteView(Bytes bytes, std::uint64_t origin = 0) noexcept : bytes_(bytes), origin_(origin) {}

  [[nodiscard]] std::uint64_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  [[nodiscard]] Bytes bytes() const noexcept { return bytes_; }
  // Image offset of the first byte.
  [[nodiscard]] std::uint64_t origin() const noexcept { return origin_; }
  // The view's place in the image.
  [[nodiscard]] Range range() const noexcept { return {origin_, size()}; }
  // Whether [offset, offset + size) lies inside; never overflows.
  [[nodiscard]] bool has(std::uint64_t offset, std::uint64_t size) const noexcept {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }

  // Little-endian integers at a view offset; Errc::damaged when cut off.
  [[nodiscard]] Result<std::uint8_t> u8(std::uint64_t offset) const;
  [[nodiscard]] Result<std::uint16_t> u16(std::uint64_t offset) const;
  [[nodiscard]] Result<std::uint32_t> u32(std::uint64_t offset) const;
  [[nodiscard]] Result<std::uint64_t> u64(std::uint64_t offset) const;
  // Big-endian ones.
  [[nodiscard]] Result<std::uint16_t> be16(std::uint64_t offset) const;
  [[nodiscard]] Result<std::uint32_t> be32(std::uint64_t offset) const;
  [[nodiscard]] Result<std::uint64_t> be64(std::uint64_t offset) const;

  // The part [offset, offset + size), or Errc::damaged when it does not fit.
  [[nodiscard]] Result<ByteView> sub(std::uint64_t offset, std::uint64_t size) const;
  // The same for a range relative to this view.
  [[nodiscard]] Result<ByteView> sub(Range range) const { return sub(range.offset, range.size); }
  // Everything from offset on; offset == size() gives an empty view.
  [[nodiscard]] Result<ByteView> from(std::uint64_t offset) const;
  // As much of the range as exists; possibly empty.
  [[nodiscard]] ByteView clip(Range range) const noexcept;

  // Whether these bytes stand at offset; false when cut off.
  [[nodiscard]] bool matches(std::uint64_t offset, Bytes pattern) const noexcept;
  [[nodiscard]] bool matches(std::uint64_t offset, std::string_view pattern) const noexcept;
  // First place at or after `start` where the pattern stands and (place % alignment == 0).
  [[nodiscard]] std::optional<std::uint64_t> find(Bytes pattern, std::uint64_t start = 0,
                                                  std::uint64_t alignment = 1) const noexcept;

  // Fixed-width text field up to its first NUL; bytes outside printable ASCII come out as \xNN.
  [[nodiscard]] Result<std::string> text(std::uint64_t offset, std::uint64_t width) const;

  // Whether every byte has this value; an empty view is not filled with anything.
  [[nodiscard]] bool filled_with(std::byte value) const noexcept;

 private:
  Bytes bytes_;
  std::uint64_t origin_ = 0;
};

// Reads the fields of one structure and remembers the first failure, so that a header is a plain list of reads
// with one check at the end:
//     Fields f(view, "FPT header");
//     header.count = f.u32(0x04);
//     header.flags = f.u32(0x14);
//     QUELL_CHECK(f.done());
// A read that fails gives 0.
class Fields {
 public:
  Fields(ByteView view, std::string_view structure) noexcept : view_(view), structure_(structure) {}

  std::uint8_t u8(std::uint64_t offset) { return take(view_.u8(offset)); }
  std::uint16_t u16(std::uint64_t offset) { return take(view_.u16(offset)); }
  std::uint32_t u32(std::uint64_t offset) { return take(view_.u32(offset)); }
  std::uint64_t u64(std::uint64_t offset) { return take(view_.u64(offset)); }
  std::string text(std::uint64_t offset, std::uint64_t width) { return take(view_.text(offset, width)); }
  ByteView sub(std::uint64_t offset, std::uint64_t size) { return take(view_.sub(offset, size)); }

  // The first failure with the structure's name in front, or success.
  [[nodiscard]] Result<void> done() const;

 private:
  template <class T>
  T take(Result<T> result) {
    if (result.has_value()) return *std::move(result);
    if (!failure_) failure_ = std::move(result).error();
    return T{};
  }

  ByteView view_;
  std::string_view structure_;
  std::optional<Error> failure_;
};

}  // namespace quell
