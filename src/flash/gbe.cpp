// SPDX-License-Identifier: GPL-2.0-or-later
// Two banks of half the region each. Words 0x00-0x3F of a bank sum to 0xBABA (Intel 82579 datasheet, NVM checksum);
// bits 15:14 of word 0x13 are 10 in a bank that is valid, and the controller takes the first such bank.
#include "flash/gbe.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t summed = 0x80;       // bytes
constexpr std::uint64_t bank_size = 0x1000;  // the least
constexpr std::uint64_t validity = 0x26;     // offset of word 0x13
constexpr std::uint16_t expected = 0xBABA;

bool is_marked(ByteView bank) { return (bank.u16(validity).value_or(0) >> 14U) == 2; }

}  // namespace

bool gbe_sum_holds(ByteView bank) noexcept {
  std::uint32_t sum = 0;
  for (std::uint64_t at = 0; at < summed; at += 2) sum += bank.u16(at).value_or(0);
  return bank.size() >= summed && (sum & 0xFFFFU) == expected;
}

Check check_gbe(ByteView region) {
  Check check{.question = Question::checksums, .subject = "checksum", .algorithm = "sum of 64 words"};
  if (region.size() < summed || region.filled_with(region.bytes().front())) {
    check.state = CheckState::absent;
    check.reason = "the region holds nothing";
    return check;
  }
  const std::uint64_t half = region.size() / 2;
  const bool two = half >= bank_size;
  const ByteView first = two ? region.clip({0, half}) : region;
  const ByteView second = two ? region.clip({half, half}) : ByteView();
  ByteView used = first;
  if (two && !is_marked(first) && (is_marked(second) || gbe_sum_holds(second))) used = second;
  check.range = used.clip({0, summed}).range();
  check.state = check_state(gbe_sum_holds(used));
  if (check.state == CheckState::failed) check.reason = "the words of the bank in use do not sum to 0xBABA";
  return check;
}

}  // namespace quell::flash
