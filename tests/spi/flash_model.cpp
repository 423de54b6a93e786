// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/flash_model.h"

#include <algorithm>

namespace quell::test {
namespace {

constexpr std::uint64_t page = 256;
constexpr std::uint8_t latch_bit = 0x02, protect_bits = 0x1C, srp_bit = 0x80;

unsigned byte_at(Bytes bytes, std::size_t index) {
  return index < bytes.size() ? std::to_integer<unsigned>(bytes[index]) : 0xFFU;
}

std::uint64_t address_of(Bytes sent) {
  return (std::uint64_t{byte_at(sent, 1)} << 16U) | (byte_at(sent, 2) << 8U) | byte_at(sent, 3);
}

}  // namespace

FlashModel::FlashModel(std::uint32_t id, Buffer content, std::uint64_t seed)
    : memory(std::move(content)), jedec(id), random_(seed) {}

void FlashModel::power_up() {
  line_ = Line::good;
  latch_ = false;
  faults = {};
}

bool FlashModel::is_protected(std::uint64_t /*address*/) const { return (status & protect_bits) != 0; }

Buffer FlashModel::transfer(Bytes sent, std::uint64_t wanted) {
  Buffer out(wanted, std::byte{0xFF});
  ++commands;
  if (faults.stall_after_commands && commands > *faults.stall_after_commands) line_ = Line::stall;
  if (faults.close_after_commands && commands > *faults.close_after_commands) line_ = Line::close;
  if (line_ != Line::good || sent.empty()) return out;
  const unsigned opcode = byte_at(sent, 0);
  ++opcodes[opcode];
  refused_ = (opcode == 0x02 && faults.refuse_program) || is_hidden(opcode, sent, wanted);
  if (refused_) return out;
  if (faults.dead_after_pages && pages >= *faults.dead_after_pages) return out;
  switch (opcode) {
    case 0x9F:
      for (std::size_t i = 0; i < std::min<std::uint64_t>(3, wanted); ++i)
        out[i] = static_cast<std::byte>(jedec >> (16 - 8 * i));
      break;
    case 0x05: std::ranges::fill(out, static_cast<std::byte>(status | (latch_ ? latch_bit : 0))); break;
    case 0x35:
    case 0x15: std::ranges::fill(out, std::byte{0}); break;
    case 0x06:
    case 0x50: latch_ = true; break;
    case 0x04: latch_ = false; break;
    case 0x03: read(address_of(sent), out); break;
    case 0x02: program(address_of(sent), sent.subspan(std::min<std::size_t>(4, sent.size()))); break;
    case 0x20: erase(address_of(sent), faults.small_erase); break;
    case 0x52: erase(address_of(sent), 32 * 1024); break;
    case 0xD8: erase(address_of(sent), 64 * 1024); break;
    case 0x60:
    case 0xC7: erase(0, memory.size()); break;
    case 0x01: write_status(static_cast<std::uint8_t>(byte_at(sent, 1))); break;
    default: break;
  }
  distort(out);
  return out;
}

bool FlashModel::is_hidden(unsigned opcode, Bytes sent, std::uint64_t wanted) const {
  const bool places = opcode == 0x03 || opcode == 0x02 || opcode == 0x20 || opcode == 0x52 || opcode == 0xD8;
  if (!places || faults.hidden.empty()) return false;
  const std::uint64_t size = opcode == 0x03 ? wanted : opcode == 0x02 ? 256 : opcode == 0x20 ? 4096 : 64 * 1024;
  return std::ranges::any_of(faults.hidden, [touched = Range{address_of(sent), size}](const Range& range) {
    return !range.intersection(touched).empty();
  });
}

void FlashModel::read(std::uint64_t address, Buffer& out) {
  const std::uint64_t size = faults.array_size != 0 ? faults.array_size : memory.size();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = memory[(address + i) % size];
  if (faults.cut_after_read && bytes_read + out.size() > *faults.cut_after_read) line_ = Line::cut;
  damage(out, address);
  if (faults.high_after) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (bytes_read + i >= *faults.high_after) out[i] = std::byte{0xFF};
    }
  }
  bytes_read += out.size();
}

void FlashModel::damage(Buffer& data, std::uint64_t address) {
  const Range range{address, data.size()};
  if (faults.wrong_at && range.contains(*faults.wrong_at)) data[*faults.wrong_at - address] ^= std::byte{0x10};
  if (faults.flip_at && range.contains(*faults.flip_at) && ++covering_reads_ == faults.flip_on_read) {
    data[*faults.flip_at - address] ^= std::byte{0x01};
  }
  if (faults.flips <= 0 || (faults.flips_below_hz != 0 && clock_hz <= faults.flips_below_hz)) return;
  // The distance to the next flipped bit is geometric.
  std::geometric_distribution<std::uint64_t> gap(faults.flips);
  for (std::uint64_t bit = gap(random_); bit < data.size() * 8; bit += gap(random_) + 1) {
    data[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
  }
}

// Faults of the data-out line hit every answer.
void FlashModel::distort(Buffer& out) {
  const bool low = faults.low || (faults.low_after_pages && pages >= *faults.low_after_pages);
  const bool high = (faults.high_after_pages && pages >= *faults.high_after_pages) ||
                    (faults.high_after && bytes_read >= *faults.high_after);
  if (low) std::ranges::fill(out, std::byte{0});
  if (high) std::ranges::fill(out, std::byte{0xFF});
}

void FlashModel::program(std::uint64_t address, Bytes data) {
  if (!latch_) return;
  latch_ = false;
  if (is_protected(address)) return;
  const std::uint64_t start = address / page * page;
  std::uint64_t count = data.size();
  if (faults.cut_after && bytes_written + count > *faults.cut_after) {
    count = *faults.cut_after - bytes_written;  // the rest of the page keeps its old bits
    line_ = Line::cut;
  }
  for (std::uint64_t i = 0; i < count; ++i) memory[(start + (address - start + i) % page) % memory.size()] &= data[i];
  bytes_written += count;
  ++pages;
}

void FlashModel::erase(std::uint64_t address, std::uint64_t size) {
  if (!latch_ || faults.ignore_erase) return;
  latch_ = false;
  const std::uint64_t start = address / size * size % memory.size();
  if (is_protected(start)) return;
  const auto block = std::span(memory).subspan(start, std::min(size, memory.size() - start));
  if (faults.cut_after && bytes_written + block.size() > *faults.cut_after) {
    // Half the cells have let go of their charge, no one knows which.
    for (std::byte& byte : block.first(block.size() / 2)) byte |= static_cast<std::byte>(random_() & 0xFFU);
    line_ = Line::cut;
    return;
  }
  std::ranges::fill(block, std::byte{0xFF});
  bytes_written += block.size();
  erased.emplace_back(start, block.size());
}

void FlashModel::write_status(std::uint8_t value) {
  if (!latch_) return;
  latch_ = false;
  ++status_writes;
  if ((status & srp_bit) != 0 && faults.wp_low) return;
  status = value & 0xFC;
}

}  // namespace quell::test
