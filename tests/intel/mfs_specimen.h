// SPDX-License-Identifier: GPL-2.0-or-later
// A volume of the CSE file system MFS.
#pragma once

#include <algorithm>
#include <map>

#include "specimen/specimen.h"

namespace quell::intel::test {

using specimen::Canvas;

inline std::uint8_t crc8(Bytes bytes) {
  unsigned crc = 1;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<unsigned>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1U) ^ ((crc & 0x80U) != 0 ? 0x107U : 0U);
  }
  return static_cast<std::uint8_t>(crc);
}

inline std::uint16_t crc16(Bytes bytes, std::uint16_t crc = 0xFFFF, std::uint16_t mask = 0xFFFF) {
  for (const std::byte byte : bytes) {
    unsigned value = crc ^ std::to_integer<unsigned>(byte) << 8U;
    for (int bit = 0; bit < 8; ++bit) value = (value << 1U) ^ ((value & 0x8000U) != 0 ? 0x11021U : 0U);
    crc = static_cast<std::uint16_t>(value & mask);
  }
  return crc;
}

// One system page, data pages, one spare page: room for small files.
inline Buffer mfs_volume(const std::map<std::uint16_t, Buffer>& files) {
  constexpr std::uint64_t page = 0x2000, pages = 14, slots = 256, system_chunks = 60, data_pages = pages - 2;
  Canvas system(system_chunks * 0x40, std::byte{0});
  system.u32(0, 0x724F6201)
      .u8(4, 1)
      .u32(8, static_cast<std::uint32_t>((system_chunks + data_pages * 122) * 0x40))
      .u16(0x0C, slots);
  std::map<std::uint64_t, Buffer> chunks;
  std::uint64_t next = 0;
  for (const auto& [number, content] : files) {
    std::uint64_t slot = number;
    for (std::size_t at = 0; at < content.size(); at += 0x40) {
      system.u16(0x0E + slot * 2, static_cast<std::uint16_t>(slots + next));
      const Bytes part = Bytes(content).subspan(at, std::min<std::size_t>(0x40, content.size() - at));
      chunks[system_chunks + next] = Buffer(part.begin(), part.end());
      chunks[system_chunks + next].resize(0x40);
      slot = slots + next++;
      if (at + 0x40 >= content.size()) system.u16(0x0E + slot * 2, static_cast<std::uint16_t>(part.size()));
    }
  }
  Canvas out(page * pages, std::byte{0xFF});
  const auto header = [&](std::uint64_t index, std::uint32_t signature, std::uint64_t first) {
    Canvas head(0x12, std::byte{0});
    head.u32(0, 0xAA557887).u32(4, static_cast<std::uint32_t>(index)).u16(0x0E, static_cast<std::uint16_t>(first));
    head.u8(0x10, crc8(Bytes(head.bytes()).first(0x10))).u32(0, signature);
    out.put(index * page, head.bytes());
  };
  const auto record = [&](std::uint64_t at, Bytes data, std::uint64_t chunk) {
    Buffer covered(data.begin(), data.end());
    covered.push_back(static_cast<std::byte>(chunk & 0xFFU));
    covered.push_back(static_cast<std::byte>(chunk >> 8U));
    out.put(at, data).u16(at + 0x40, crc16(covered));
  };
  header(0, 0xAA557887, 0);
  std::uint16_t previous = 0;
  for (std::uint64_t i = 0; i < system_chunks; ++i) {
    const Buffer both{static_cast<std::byte>(previous & 0xFFU), static_cast<std::byte>(previous >> 8U)};
    const std::uint16_t low = crc16(Bytes(both).first(1), 0x3FFF, 0x3FFF);
    const std::uint16_t hidden = crc16(Bytes(both).last(1), low, 0x3FFF);
    out.u16(0x12 + i * 2, static_cast<std::uint16_t>(i ^ hidden));
    previous = static_cast<std::uint16_t>(i);
    record(0x104 + i * 0x42, Bytes(system.bytes()).subspan(i * 0x40, 0x40), i);
  }
  for (std::uint64_t i = 0; i < data_pages; ++i) {
    const std::uint64_t first = system_chunks + i * 122;
    header(i + 1, 0xAA557887, first);
    for (std::uint64_t slot = 0; slot < 122; ++slot) {
      const auto chunk = chunks.find(first + slot);
      if (chunk == chunks.end()) continue;
      out.u8((i + 1) * page + 0x12 + slot, 0);
      record((i + 1) * page + 0x8C + slot * 0x42, chunk->second, first + slot);
    }
  }
  header(pages - 1, 0, 0);
  return out.bytes();
}

}  // namespace quell::intel::test
