// SPDX-License-Identifier: GPL-2.0-or-later
// Two banks of half the region each. Words 0x00-0x3F of a bank sum to 0xBABA (Intel 82579 datasheet, NVM checksum);
// bits 15:14 of word 0x13 are 10 in a bank that is valid, and the controller takes the first such bank. Words 0x00 to
// 0x02 are the MAC address; word 0x05 is the version of the content, as ethtool shows it: 15:12 major, 11:4 minor, 3:0
// image.
#include "flash/gbe.h"

#include <fmt/format.h>

namespace quell::flash {
namespace {

constexpr std::uint64_t summed = 0x80;       // bytes
constexpr std::uint64_t bank_size = 0x1000;  // the least
constexpr std::uint64_t validity = 0x26;     // offset of word 0x13
constexpr std::uint64_t version_at = 0x0A;   // offset of word 0x05
constexpr std::uint16_t expected = 0xBABA;

bool is_marked(ByteView bank) { return (bank.u16(validity).value_or(0) >> 14U) == 2; }

}  // namespace

bool gbe_sum_holds(ByteView bank) noexcept {
  std::uint32_t sum = 0;
  for (std::uint64_t at = 0; at < summed; at += 2) sum += bank.u16(at).value_or(0);
  return bank.size() >= summed && (sum & 0xFFFFU) == expected;
}

namespace {

struct Banks {
  ByteView first{}, second{};
  bool second_used = false;
};

Banks banks_of(ByteView region) {
  const std::uint64_t half = region.size() / 2;
  const bool two = half >= bank_size;
  Banks banks{two ? region.clip({0, half}) : region, two ? region.clip({half, half}) : ByteView()};
  banks.second_used = two && !is_marked(banks.first) && (is_marked(banks.second) || gbe_sum_holds(banks.second));
  return banks;
}

Component describe_bank(ByteView bank, unsigned number, bool used) {
  Component out{"bank", fmt::format("bank {}", number), bank.clip({0, summed}).range()};
  if (bank.filled_with(bank.bytes().front())) {
    out.attributes.set("erased", true);
    return out;
  }
  const bool right = gbe_sum_holds(bank);
  out.attributes.set("used", used);
  out.attributes.set("marked_valid", is_marked(bank));
  out.attributes.set("checksum", std::string(right ? "right" : "wrong"), check_state(right));
  const std::uint32_t version = bank.u16(version_at).value_or(0);
  out.attributes.set("nvm_version", fmt::format("{}.{}-{}", version >> 12U, version >> 4U & 0xFFU, version & 0xFU));
  std::string address;
  for (const std::byte byte : bank.clip({0, 6}).bytes())
    address += fmt::format("{}{:02x}", address.empty() ? "" : ":", std::to_integer<unsigned>(byte));
  out.attributes.set("mac_address", std::move(address), Show::identifier);
  return out;
}

}  // namespace

bool is_gbe_region(ByteView file) {
  if (file.size() != 0x2000 && file.size() != 0x1000 && file.size() != 0x4000) return false;
  return check_gbe(file).state == CheckState::held;
}

std::vector<Component> gbe_banks(ByteView region) {
  if (region.size() < summed || region.filled_with(region.bytes().front())) return {};
  const Banks banks = banks_of(region);
  std::vector<Component> out{describe_bank(banks.first, 0, !banks.second_used)};
  if (!banks.second.empty()) out.push_back(describe_bank(banks.second, 1, banks.second_used));
  return out;
}

Check check_gbe(ByteView region) {
  Check check{.question = Question::checksums, .subject = "checksum", .algorithm = "sum of 64 words"};
  if (region.size() < summed || region.filled_with(region.bytes().front())) {
    check.state = CheckState::absent;
    check.reason = "the region holds nothing";
    return check;
  }
  const Banks banks = banks_of(region);
  const ByteView used = banks.second_used ? banks.second : banks.first;
  check.range = used.clip({0, summed}).range();
  check.state = check_state(gbe_sum_holds(used));
  if (check.state == CheckState::failed) check.reason = "the words of the bank in use do not sum to 0xBABA";
  return check;
}

}  // namespace quell::flash
