// SPDX-License-Identifier: GPL-2.0-or-later
// Encoders for tests: right, not small.
#include "specimen/uefi_packing.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <zlib.h>

#include "base/octets.h"
#include "specimen/intel_parts.h"
#include "specimen/lzma.h"

namespace quell::specimen {
namespace {

// Bits, most significant first.
class BitWriter {
 public:
  void put(unsigned value, unsigned count) {
    for (unsigned i = count; i-- > 0;) {
      current_ = (current_ << 1U) | (value >> i & 1U);
      if (++held_ != 8) continue;
      append_u8(bytes_, current_);
      held_ = 0;
      current_ = 0;
    }
  }
  Buffer take() && {
    if (held_ != 0) put(0, 8 - held_);
    return std::move(bytes_);
  }

 private:
  Buffer bytes_;
  unsigned current_ = 0, held_ = 0;
};

// One block: literals have codes of 9 bits, copies of 3 to 130 bytes codes of 8; the one position is 3, so that copies
// reach 5 to 8 bytes back.
Buffer standard(Bytes plain, bool tiano) {
  struct Item {
    unsigned length = 0;  // 0: a literal
    unsigned distance = 0;
    std::byte byte{};
  };
  std::vector<Item> items;
  for (std::size_t at = 0; at < plain.size();) {
    Item best{.byte = plain[at]};
    for (unsigned distance = 5; distance <= 8 && distance <= at; ++distance) {
      unsigned length = 0;
      while (length < 130 && at + length < plain.size() && plain[at + length] == plain[at + length - distance]) {
        ++length;
      }
      if (length >= 3 && length > best.length) best = {length, distance, {}};
    }
    at += std::max(best.length, 1U);
    items.push_back(best);
  }
  BitWriter bits;
  constexpr std::size_t block = 0xFFFF;
  for (std::size_t from = 0; from < items.size(); from += block) {
    const std::size_t many = std::min(block, items.size() - from);
    bits.put(static_cast<unsigned>(many), 16);
    // Lengths 8 and 9 are the symbols 10 and 11 of the first table: one bit each.
    bits.put(12, 5);
    bits.put(0, 9);
    bits.put(3, 2);  // the zeroes of 3, 4, 5
    bits.put(0, 12);
    bits.put(1, 3);
    bits.put(1, 3);
    bits.put(384, 9);
    for (unsigned symbol = 0; symbol < 384; ++symbol) bits.put(symbol < 256 ? 1 : 0, 1);
    bits.put(0, tiano ? 5 : 4);
    bits.put(3, tiano ? 5 : 4);
    for (std::size_t i = from; i < from + many; ++i) {
      const Item& item = items[i];
      // Codes of 8 bits come first: the 128 copies, then 256 literals of 9 bits.
      if (item.length == 0) {
        bits.put(256 + std::to_integer<unsigned>(item.byte), 9);
        continue;
      }
      bits.put(item.length - 3, 8);
      bits.put(item.distance - 5, 2);
    }
  }
  const Buffer packed = std::move(bits).take();
  Buffer out;
  append_u32(out, packed.size());
  append_u32(out, plain.size());
  append(out, packed);
  return out;
}

// One uncompressed block: a window bit, last 0, 4 digits of size - 1, uncompressed 1; then a last, empty one.
Buffer brotli(Bytes plain) {
  Buffer out;
  append_u32(out, plain.size());
  append_u32(out, 0);
  append_u32(out, 0x10000);
  append_u32(out, 0);
  const std::size_t header = (plain.size() - 1) << 4U | std::size_t{1} << 20U;
  append_u16(out, header);
  append_u8(out, header >> 16U);
  append(out, plain);
  append_u8(out, 3);
  return out;
}

Buffer gzip(Bytes plain) {
  constexpr int gzip_window = 15 + 16;
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("gzip encoder failed");
  }
  Buffer input(plain.begin(), plain.end());
  Buffer out(plain.size() + 0x1000);
  stream.next_in = octets(std::span(input));
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = octets(std::span(out));
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("gzip encoder failed");
  return out;
}

}  // namespace

Buffer pack(UefiPacking packing, Bytes plain) {
  switch (packing) {
    case UefiPacking::lzma: return lzma_alone(plain, {});
    case UefiPacking::lzma_x86: return lzma_alone(plain, {.x86 = true});
    case UefiPacking::efi11: return standard(plain, false);
    case UefiPacking::tiano: return standard(plain, true);
    case UefiPacking::brotli: return brotli(plain);
    case UefiPacking::gzip: return gzip(plain);
    default: return {plain.begin(), plain.end()};
  }
}

std::string_view packing_guid(UefiPacking packing) {
  switch (packing) {
    case UefiPacking::lzma: return "EE4E5898-3914-4259-9D6E-DC7BD79403CF";
    case UefiPacking::lzma_x86: return "D42AE6BD-1352-4BFB-909A-CA72A6EAE889";
    case UefiPacking::brotli: return "3D532050-5CDA-4FD0-879E-0F7F630D5AFB";
    case UefiPacking::gzip: return "1D301FE9-BE79-4353-91C2-D23BC959AE0C";
    case UefiPacking::crc32: return "FC1BCDB0-7D31-49AA-936A-A4600D9DD083";
    default: return "12345678-1234-1234-1234-123456789ABC";
  }
}

}  // namespace quell::specimen
