// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/byte_view.h"

#include <cstring>

#include <fmt/format.h>

#include "base/size.h"

namespace quell {
namespace {

Error cut_off(const ByteView& view, std::uint64_t offset, std::uint64_t size) {
  return {Errc::damaged,
          fmt::format("{:#x} bytes wanted at {:#x}, but only {:#x} are there", size, offset,
                      offset < view.size() ? view.size() - offset : 0),
          checked_add(view.origin(), offset)};
}

template <class Integer>
Result<Integer> little_endian(const ByteView& view, std::uint64_t offset) {
  if (!view.has(offset, sizeof(Integer))) return tl::unexpected(cut_off(view, offset, sizeof(Integer)));
  Integer value = 0;
  const auto field = view.bytes().subspan(to_size(offset), sizeof(Integer));
  for (std::size_t i = sizeof(Integer); i-- > 0;) {
    value = static_cast<Integer>(static_cast<std::uint64_t>(value) << 8U | std::to_integer<std::uint8_t>(field[i]));
  }
  return value;
}

template <class Integer>
Result<Integer> big_endian(const ByteView& view, std::uint64_t offset) {
  if (!view.has(offset, sizeof(Integer))) return tl::unexpected(cut_off(view, offset, sizeof(Integer)));
  Integer value = 0;
  for (const std::byte byte : view.bytes().subspan(to_size(offset), sizeof(Integer))) {
    value = static_cast<Integer>(static_cast<std::uint64_t>(value) << 8U | std::to_integer<std::uint8_t>(byte));
  }
  return value;
}

}  // namespace

Bytes as_bytes(std::string_view text) noexcept { return std::as_bytes(std::span(text)); }

bool equal(Bytes a, Bytes b) noexcept {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

std::uint64_t count_of(Bytes bytes, std::byte value) noexcept {
  // Blocks of a fixed size, counted in one byte, are what the compiler makes vector instructions of.
  constexpr std::size_t block_size = 128;
  std::uint64_t count = 0;
  for (; bytes.size() >= block_size; bytes = bytes.subspan(block_size)) {
    unsigned char matches = 0;
    for (const std::byte byte : bytes.first<block_size>())
      matches = static_cast<unsigned char>(matches + (byte == value));
    count += matches;
  }
  for (const std::byte byte : bytes) count += byte == value ? 1U : 0U;
  return count;
}

Result<std::uint8_t> ByteView::u8(std::uint64_t offset) const { return little_endian<std::uint8_t>(*this, offset); }
Result<std::uint16_t> ByteView::u16(std::uint64_t offset) const { return little_endian<std::uint16_t>(*this, offset); }
Result<std::uint32_t> ByteView::u32(std::uint64_t offset) const { return little_endian<std::uint32_t>(*this, offset); }
Result<std::uint64_t> ByteView::u64(std::uint64_t offset) const { return little_endian<std::uint64_t>(*this, offset); }
Result<std::uint16_t> ByteView::be16(std::uint64_t offset) const { return big_endian<std::uint16_t>(*this, offset); }
Result<std::uint32_t> ByteView::be32(std::uint64_t offset) const { return big_endian<std::uint32_t>(*this, offset); }
Result<std::uint64_t> ByteView::be64(std::uint64_t offset) const { return big_endian<std::uint64_t>(*this, offset); }

Result<ByteView> ByteView::sub(std::uint64_t offset, std::uint64_t size) const {
  if (!has(offset, size)) return tl::unexpected(cut_off(*this, offset, size));
  return ByteView(bytes_.subspan(to_size(offset), to_size(size)), origin_ + offset);
}

Result<ByteView> ByteView::from(std::uint64_t offset) const {
  if (offset > size()) return tl::unexpected(cut_off(*this, offset, 0));
  return sub(offset, size() - offset);
}

ByteView ByteView::clip(Range range) const noexcept {
  const auto part = range.intersection({0, size()});
  if (part.empty()) return {};
  return ByteView(bytes_.subspan(to_size(part.offset), to_size(part.size)), origin_ + part.offset);
}

bool ByteView::matches(std::uint64_t offset, Bytes pattern) const noexcept {
  return has(offset, pattern.size()) && equal(bytes_.subspan(to_size(offset), pattern.size()), pattern);
}

bool ByteView::matches(std::uint64_t offset, std::string_view pattern) const noexcept {
  return matches(offset, as_bytes(pattern));
}

std::optional<std::uint64_t> ByteView::find(Bytes pattern, std::uint64_t start,
                                            std::uint64_t alignment) const noexcept {
  if (pattern.empty() || start > size()) return std::nullopt;
  auto rest = bytes_.subspan(to_size(start));
  while (rest.size() >= pattern.size()) {
    const void* hit = memmem(rest.data(), rest.size(), pattern.data(), pattern.size());
    if (hit == nullptr) return std::nullopt;
    const auto skipped = static_cast<std::size_t>(static_cast<const std::byte*>(hit) - rest.data());
    const auto place = bytes_.size() - rest.size() + skipped;
    if (place % alignment == 0) return place;
    rest = rest.subspan(skipped + 1);
  }
  return std::nullopt;
}

Result<std::string> ByteView::text(std::uint64_t offset, std::uint64_t width) const {
  QUELL_TRY(const auto field, sub(offset, width));
  std::string out;
  for (const std::byte byte : field.bytes()) {
    const auto c = std::to_integer<unsigned char>(byte);
    if (c == 0) break;
    if (c >= 0x20 && c < 0x7F) {
      out.push_back(static_cast<char>(c));
    } else {
      out += fmt::format("\\x{:02x}", c);
    }
  }
  return out;
}

bool ByteView::filled_with(std::byte value) const noexcept {
  // Comparing the bytes with themselves shifted by one lets memcmp do the work.
  return !empty() && bytes_.front() == value &&
         (size() == 1 || std::memcmp(bytes_.data(), bytes_.subspan(1).data(), bytes_.size() - 1) == 0);
}

Result<void> Fields::done() const {
  if (!failure_) return {};
  return fail(failure_->code, fmt::format("{}: {}", structure_, failure_->message), failure_->offset);
}

}  // namespace quell
