// SPDX-License-Identifier: GPL-2.0-or-later
#include "campaign/damage.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "specimen/random.h"

namespace quell::campaign {
namespace {

using specimen::Random;

void store(Buffer& bytes, std::uint64_t offset, unsigned width, std::uint64_t value) {
  for (unsigned i = 0; i < width && offset + i < bytes.size(); ++i) {
    bytes[offset + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

class Vandal {
 public:
  Vandal(const Base& base, Random& random) : base_(base), random_(random), out_{base.name + ":", base.bytes} {}

  Variant work() {
    const std::uint64_t rounds = 1 + random_.below(3);
    for (std::uint64_t i = 0; i < rounds && out_.bytes.size() > 8; ++i) one_act();
    return std::move(out_);
  }

 private:
  void say(const std::string& text) { out_.what += " " + text; }
  [[nodiscard]] std::uint64_t size() const { return out_.bytes.size(); }
  std::uint64_t anywhere() { return random_.below(size()); }

  // Mostly inside a header or table, which is where a wrong bit matters.
  std::uint64_t interesting() {
    if (base_.structures.empty() || random_.below(4) == 0) return anywhere();
    const Range window = base_.structures[random_.below(base_.structures.size())];
    return std::min(window.offset + random_.below(std::max<std::uint64_t>(window.size, 1)), size() - 1);
  }

  std::uint64_t length() {
    const std::uint64_t limit = random_.below(2) == 0 ? 0x100 : size() / 2;
    return 1 + random_.below(std::max<std::uint64_t>(limit, 1));
  }

  std::uint64_t extreme() {
    constexpr std::array<std::uint64_t, 12> values{0,          1,          0xFFFFFFFF, 0x80000000,
                                                   0x7FFFFFFF, 0xFFFFFFF0, 0x00FFFFFF, 0x01FFFFFF,
                                                   0xFFFF,     0x8000,     0x10000,    0xFFFFF000};
    const std::uint64_t choice = random_.below(values.size() + 6);
    if (choice < values.size()) return values.at(choice);
    if (choice == values.size()) return size();
    if (choice == values.size() + 1) return size() - 1;
    if (choice == values.size() + 2) return size() + 1;
    return random_.below(2 * size());
  }

  void one_act() {
    switch (random_.below(9)) {
      case 0:
      case 1: flip_bits(); break;
      case 2:
      case 3: store_extremes(); break;
      case 4: truncate(); break;
      case 5: cut_out(); break;
      case 6: repeat(); break;
      case 7: overwrite(); break;
      default: swap_structures(); break;
    }
  }

  void flip_bits() {
    const std::uint64_t count = 1 + random_.below(random_.below(4) == 0 ? 200 : 8);
    for (std::uint64_t i = 0; i < count; ++i) out_.bytes[interesting()] ^= std::byte{1} << random_.below(8);
    say(fmt::format("{} bits flipped;", count));
  }

  void store_extremes() {
    const std::uint64_t count = 1 + random_.below(4);
    for (std::uint64_t i = 0; i < count; ++i) {
      constexpr std::array<unsigned, 4> widths{1, 2, 4, 8};
      const unsigned width = widths.at(random_.below(10) < 7 ? 2 : random_.below(4));
      const std::uint64_t at = interesting() / width * width;
      const std::uint64_t value = extreme();
      store(out_.bytes, at, width, value);
      say(fmt::format("{:#x} at {:#x};", value, at));
    }
  }

  void truncate() {
    const std::uint64_t to = random_.below(2) == 0 ? interesting() : anywhere();
    out_.bytes.resize(std::max<std::uint64_t>(to, 1));
    say(fmt::format("cut at {:#x};", to));
  }

  void cut_out() {
    const std::uint64_t at = interesting();
    const std::uint64_t count = std::min(length(), size() - at);
    if (count >= size()) return;
    const auto from = out_.bytes.begin() + static_cast<std::ptrdiff_t>(at);
    out_.bytes.erase(from, from + static_cast<std::ptrdiff_t>(count));
    say(fmt::format("{:#x} bytes missing at {:#x};", count, at));
  }

  void repeat() {
    const std::uint64_t at = interesting();
    const std::uint64_t count = std::min(length(), size() - at);
    const Buffer part(out_.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                      out_.bytes.begin() + static_cast<std::ptrdiff_t>(at + count));
    const std::uint64_t to = interesting();
    out_.bytes.insert(out_.bytes.begin() + static_cast<std::ptrdiff_t>(to), part.begin(), part.end());
    say(fmt::format("{:#x} bytes of {:#x} repeated at {:#x};", count, at, to));
  }

  void overwrite() {
    const std::uint64_t at = interesting();
    const std::uint64_t count = std::min(length(), size() - at);
    const auto value = random_.below(2) == 0 ? std::byte{0xFF} : std::byte{0x00};
    std::ranges::fill(std::span(out_.bytes).subspan(at, count), value);
    say(fmt::format("{:#x} bytes blank at {:#x};", count, at));
  }

  void swap_structures() {
    if (base_.structures.size() < 2) return flip_bits();
    const Range from = base_.structures[random_.below(base_.structures.size())];
    const Range to = base_.structures[random_.below(base_.structures.size())];
    if (from.end() > base_.bytes.size() || to.offset >= size()) return;
    const std::uint64_t count = std::min(from.size, size() - to.offset);
    std::ranges::copy(Bytes(base_.bytes).subspan(from.offset, count),
                      out_.bytes.begin() + static_cast<std::ptrdiff_t>(to.offset));
    say(fmt::format("structure at {:#x} copied to {:#x};", from.offset, to.offset));
  }

  const Base& base_;
  Random& random_;
  Variant out_;
};

// One base by chance, with odds that fall with its size: time goes into variants, not into hashing large blanks.
const Base& choose(const std::vector<Base>& bases, Random& random) {
  for (;;) {
    const Base& base = bases[random.below(bases.size())];
    if (random.below(1 + base.bytes.size() / 0x40000) == 0) return base;
  }
}

constexpr std::uint64_t values_per_field = 6;

}  // namespace

Variant damaged(const std::vector<Base>& bases, std::uint64_t seed, std::uint64_t number) {
  Random random(seed * 0x9E3779B97F4A7C15U + number);
  return Vandal(choose(bases, random), random).work();
}

std::uint64_t field_variant_count(const std::vector<Field>& fields) { return fields.size() * values_per_field; }

Variant field_variant(const Base& base, const std::vector<Field>& fields, std::uint64_t number) {
  const Field& field = fields.at(number / values_per_field);
  const std::array<std::uint64_t, values_per_field> values{
      0, 1, ~std::uint64_t{0}, std::uint64_t{1} << (8 * field.width - 1), base.bytes.size(), base.bytes.size() - 1};
  const std::uint64_t value = values.at(number % values_per_field);
  Variant out{fmt::format("{}: {} at {:#x} = {:#x}", base.name, field.name, field.offset, value), base.bytes};
  store(out.bytes, field.offset, field.width, value);
  return out;
}

}  // namespace quell::campaign
