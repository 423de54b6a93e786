// SPDX-License-Identifier: GPL-2.0-or-later
// What to say of a file in which nothing is known.
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "base/entropy.h"
#include "flash/recognise_steps.h"

namespace quell::flash {
namespace {

constexpr std::uint32_t descriptor_signature = 0x0FF0A55A;

Recognition unknown(ByteView file, std::string kind, std::string title, std::string next_step) {
  Recognition out = whole_file(file, std::move(kind), std::move(title), FileKind::other, std::move(next_step));
  out.recognised = false;
  return out;
}

bool is_text(ByteView start) {
  return std::ranges::all_of(start.bytes(), [](std::byte byte) {
    const auto c = std::to_integer<unsigned char>(byte);
    // No encoding of text that is plain bytes has 0xFE or 0xFF.
    return (c >= 0x20 && c != 0x7F && c < 0xFE) || c == '\n' || c == '\r' || c == '\t' || c == '\f';
  });
}

}  // namespace

std::optional<int> descriptor_shift(ByteView file) {
  constexpr std::uint32_t on_wire = 0x5AA5F00F;  // the signature's bytes in the order of the wire
  for (std::uint64_t offset = 0; offset < 0x20; ++offset) {
    const auto high = file.be32(offset);
    const auto low = file.u8(offset + 4);
    if (!high || !low) return std::nullopt;
    const std::uint64_t bits = std::uint64_t{*high} << 8U | *low;
    for (unsigned shift = 0; shift < 8; ++shift) {
      if ((bits >> (8U - shift) & 0xFFFFFFFFU) == on_wire) return static_cast<int>(offset * 8 + shift) - 0x80;
    }
  }
  return std::nullopt;
}

Recognition describe_unknown(ByteView file) {
  const std::byte first = file.empty() ? std::byte{0} : file.bytes().front();
  if (file.filled_with(first)) {
    return unknown(file, "blank", fmt::format("nothing but the byte {:#04x}", std::to_integer<unsigned>(first)),
                   "an erased chip, or the programmer read nothing: check the clip, the power and the chip's name, "
                   "then read again");
  }
  if (file.u32(0x10).value_or(0) == descriptor_signature || file.u32(0).value_or(0) == descriptor_signature) {
    return unknown(file, "intel.dump-cut", "the first bytes of a flash dump with an Intel descriptor",
                   "the file ends inside the descriptor: read the chip again");
  }
  if (const auto shift = descriptor_shift(file)) {
    return unknown(file, "intel.dump-shifted",
                   fmt::format("a flash dump whose descriptor comes {} bits too {}", std::abs(*shift),
                               *shift > 0 ? "late" : "early"),
                   "bits were lost or added on the wire: lower the programmer's clock, shorten the wires, read again");
  }
  if (is_text(file.clip({0, 4096}))) {
    return unknown(file, "text", "a text", "give the firmware image itself; a hex listing goes back with xxd -r");
  }
  if (file.size() >= 4096 && entropy(file.bytes()) > 7.98) {
    return unknown(file, "random", "compressed, encrypted or random data",
                   "firmware in the clear never looks like this: unpack or decrypt it first, or read the chip again");
  }
  return unknown(file, "unrecognised", "no firmware that this program knows", "");
}

}  // namespace quell::flash
