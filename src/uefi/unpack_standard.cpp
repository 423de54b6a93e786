// SPDX-License-Identifier: GPL-2.0-or-later
// The standard compression (UEFI specification, chapter 19): u32 packed size, u32 unpacked size, then bits, the most
// significant of a byte first. Blocks of
//   u16 number of symbols
//   code-length table: 5-bit count, 3 bits a length (7: one more for each further 1 bit), a run of 0 to 3 zeroes after
//     the third length
//   literals and lengths: 9-bit count, lengths coded with the table before: 0, 1, 2 are runs of 1, 4 bits + 3 and
//     9 bits + 20 zeroes, others a length + 2
//   positions: 4-bit (EFI 1.1, at most 14) or 5-bit count (Tiano, at most 31), lengths as in the first table
// A count of 0 is followed by the one symbol that all codes stand for. Symbols from 256 on are copies of (symbol - 253)
// bytes; a position p above 1 is 2^(p-1) + (p-1) bits; the copy begins that many + 1 bytes back.
#include <array>
#include <optional>
#include <span>

#include "uefi/unpack.h"

namespace quell::uefi {
namespace {

constexpr std::size_t header_size = 8;
constexpr std::size_t most_symbols = 510;
constexpr std::size_t code_lengths = 19;
constexpr unsigned first_copy = 256;
constexpr unsigned copy_bias = 253;
constexpr unsigned longest_code = 16;

// Bits, most significant first. Behind the end come zeroes; `overrun` says that some were taken.
class Bits {
 public:
  explicit Bits(Bytes bytes) noexcept : bytes_(bytes) {}

  // The next 16 bits without taking them.
  [[nodiscard]] unsigned peek() {
    while (held_ < longest_code) {
      const unsigned next = at_ < bytes_.size() ? std::to_integer<unsigned>(bytes_[at_]) : 0U;
      ++at_;
      window_ = window_ << 8U | next;
      held_ += 8;
    }
    return static_cast<unsigned>(window_ >> (held_ - longest_code)) & 0xFFFFU;
  }
  void skip(unsigned count) noexcept { held_ -= count; }
  // At most 16 bits, which must have been peeked at or fit.
  [[nodiscard]] unsigned take(unsigned count) {
    if (count == 0) return 0;
    const unsigned value = peek() >> (longest_code - count);
    skip(count);
    return value;
  }
  // Whole bytes that were touched.
  [[nodiscard]] std::uint64_t used() const noexcept { return at_ - held_ / 8; }
  [[nodiscard]] bool overrun() const noexcept { return used() > bytes_.size(); }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
  std::uint64_t window_ = 0;
  unsigned held_ = 0;
};

// Codes of at most 16 bits: a table over their first 10 bits, and the few longer codes in order of their value.
class Codes {
 public:
  // The one symbol that takes no bits.
  void set_constant(unsigned symbol) {
    constant_ = symbol;
    lengths_used_ = 0;
  }

  // False when the lengths make no complete prefix code. One symbol alone may have a code of any length.
  bool set(std::span<const std::uint8_t> lengths) {
    constant_.reset();
    std::array<unsigned, longest_code + 1> count{};
    for (const std::uint8_t length : lengths) {
      if (length > longest_code) return false;
      ++count.at(length);
    }
    count[0] = 0;
    std::array<unsigned, longest_code + 2> start{};  // of each length, left-aligned to 16 bits
    unsigned symbols = 0;
    for (unsigned length = 1; length <= longest_code; ++length) {
      start.at(length + 1) = start.at(length) + (count.at(length) << (longest_code - length));
      symbols += count.at(length);
    }
    const unsigned end = start.back();
    if (symbols == 0 || (end != 0x10000U && symbols != 1)) return false;
    fill(lengths, count, start);
    return true;
  }

  // Nothing when no code has these bits.
  [[nodiscard]] std::optional<unsigned> next(Bits& bits) const {
    if (constant_) return constant_;
    const unsigned ahead = bits.peek();
    const Short quick = quick_.at(ahead >> (longest_code - quick_bits));
    if (quick.length != 0) {
      bits.skip(quick.length);
      return quick.symbol;
    }
    for (unsigned length = quick_bits + 1; length <= lengths_used_; ++length) {
      const unsigned below = ahead - first_.at(length);
      const unsigned place = below >> (longest_code - length);
      if (ahead >= first_.at(length) && place < count_.at(length)) {
        bits.skip(length);
        return sorted_.at(offset_.at(length) + place);
      }
    }
    return std::nullopt;
  }

 private:
  static constexpr unsigned quick_bits = 10;
  struct Short {
    std::uint16_t symbol = 0;
    std::uint8_t length = 0;
  };

  void fill(std::span<const std::uint8_t> lengths, const std::array<unsigned, longest_code + 1>& count,
            const std::array<unsigned, longest_code + 2>& start) {
    quick_.fill({});
    count_ = count;
    lengths_used_ = 0;
    unsigned total = 0;
    for (unsigned length = 1; length <= longest_code; ++length) {
      first_.at(length) = start.at(length);
      offset_.at(length) = total;
      total += count.at(length);
      if (count.at(length) != 0) lengths_used_ = length;
    }
    std::array<unsigned, longest_code + 1> given{};
    for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      const unsigned length = lengths[symbol];
      if (length == 0) continue;
      const unsigned place = given.at(length)++;
      sorted_.at(offset_.at(length) + place) = static_cast<std::uint16_t>(symbol);
      if (length > quick_bits) continue;
      const unsigned code = first_.at(length) + (place << (longest_code - length));
      const unsigned from = code >> (longest_code - quick_bits);
      const unsigned many = 1U << (quick_bits - length);
      for (unsigned i = 0; i < many; ++i) {
        quick_.at(from + i) = {static_cast<std::uint16_t>(symbol), static_cast<std::uint8_t>(length)};
      }
    }
  }

  std::optional<unsigned> constant_{};
  std::array<Short, 1U << quick_bits> quick_{};
  std::array<std::uint16_t, most_symbols> sorted_{};
  std::array<unsigned, longest_code + 1> count_{}, first_{}, offset_{};
  unsigned lengths_used_ = 0;
};

class Decoder {
 public:
  Decoder(Bytes packed, bool tiano) : bits_(packed), most_positions_(tiano ? 31 : 14), position_bits_(tiano ? 5 : 4) {}

  // Fills `out`; false when the stream is broken.
  bool run(std::span<std::byte> out) {
    std::size_t at = 0;
    unsigned left = 0;
    while (at < out.size()) {
      if (left == 0) {
        left = bits_.take(16);
        if (left == 0 || bits_.overrun() || !read_tables()) return false;
      }
      --left;
      const auto symbol = symbols_.next(bits_);
      if (!symbol) return false;
      if (*symbol < first_copy) {
        out[at] = static_cast<std::byte>(*symbol);
        ++at;
        continue;
      }
      if (!copy(out, at, *symbol - copy_bias)) return false;
    }
    return !bits_.overrun();
  }
  [[nodiscard]] std::uint64_t used() const noexcept { return bits_.used(); }

 private:
  bool copy(std::span<std::byte> out, std::size_t& at, unsigned length) {
    const auto position = positions_.next(bits_);
    if (!position || bits_.overrun()) return false;
    std::uint64_t distance = *position;
    if (distance > 1) {
      const unsigned extra = *position - 1;
      const unsigned high = extra > longest_code ? extra - longest_code : 0;
      const std::uint64_t above = bits_.take(high);
      distance = (std::uint64_t{1} << extra) + (above << (extra - high)) + bits_.take(extra - high);
    }
    ++distance;
    // A copy may announce more than is wanted at the very end.
    if (distance > at) return false;
    const std::size_t count = std::min<std::size_t>(length, out.size() - at);
    for (std::size_t i = 0; i < count; ++i) out[at + i] = out[at + i - distance];
    at += count;
    return true;
  }

  bool read_tables() {
    return read_lengths(code_lengths, 5, 3, helper_) && read_symbols() &&
           read_lengths(most_positions_, position_bits_, most_symbols, positions_);
  }

  // The first and the last table; `special`: after this many lengths a run of zeroes is coded.
  bool read_lengths(unsigned most, unsigned count_bits, std::size_t special, Codes& codes) {
    const unsigned count = bits_.take(count_bits);
    if (count == 0) {
      const unsigned symbol = bits_.take(count_bits);
      codes.set_constant(symbol);
      return symbol < most;
    }
    if (count > most) return false;
    std::array<std::uint8_t, 32> lengths{};
    unsigned i = 0;
    while (i < count) {
      unsigned length = bits_.take(3);
      while (length >= 7 && length <= longest_code && bits_.take(1) == 1) ++length;
      if (length > longest_code) return false;
      lengths.at(i) = static_cast<std::uint8_t>(length);
      ++i;
      if (i == special) i += bits_.take(2);
    }
    return i <= most && codes.set(std::span(lengths).first(most));
  }

  bool read_symbols() {
    const unsigned count = bits_.take(9);
    if (count == 0) {
      const unsigned symbol = bits_.take(9);
      symbols_.set_constant(symbol);
      return symbol < most_symbols;
    }
    if (count > most_symbols) return false;
    std::array<std::uint8_t, most_symbols> lengths{};
    unsigned i = 0;
    while (i < count) {
      const auto code = helper_.next(bits_);
      if (!code || bits_.overrun()) return false;
      if (*code > 2) {
        lengths.at(i) = static_cast<std::uint8_t>(*code - 2);
        ++i;
        continue;
      }
      if (*code == 0) {
        ++i;
      } else {
        i += *code == 1 ? bits_.take(4) + 3 : bits_.take(9) + 20;
      }
      if (i > most_symbols) return false;
    }
    return symbols_.set(lengths);
  }

  Bits bits_;
  unsigned most_positions_;
  unsigned position_bits_;
  Codes helper_, symbols_, positions_;
};

}  // namespace

Result<Unpacked> unpack_standard(ByteView packed, bool tiano, std::uint64_t limit) {
  QUELL_TRY(const auto stored, packed.u32(0));
  QUELL_TRY(const auto size, packed.u32(4));
  if (size > limit) return fail(Errc::refused, "it announces more than it may unpack to", packed.origin());
  QUELL_TRY(const auto stream, packed.sub(header_size, stored));
  Unpacked out;
  out.bytes.resize(size);
  Decoder decoder(stream.bytes(), tiano);
  if (!decoder.run(out.bytes)) return fail(Errc::damaged, "the stream is broken", packed.origin());
  out.consumed = header_size + decoder.used();
  return out;
}

}  // namespace quell::uefi
