// SPDX-License-Identifier: GPL-2.0-or-later
// Synthetic AMD images, looked at, for the tests.
#pragma once

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "amd/firmware.h"
#include "specimen/amd.h"

namespace quell::test {

// An image with everything known of it; owns its bytes.
struct ParsedImage {
  Buffer bytes;
  amd::EmbeddedFirmware firmware;
};

inline ParsedImage examine_amd(Buffer bytes) {
  ParsedImage out{.bytes = std::move(bytes), .firmware = {}};
  auto firmware = amd::parse(ByteView(out.bytes));
  EXPECT_TRUE(firmware.has_value());
  if (!firmware) return out;
  amd::verify(*firmware, ByteView(out.bytes));
  out.firmware = *std::move(firmware);
  return out;
}

// The ids of all findings at or above a severity, without the "amd." in front.
inline std::multiset<std::string> findings_of(const ParsedImage& image, Severity least) {
  std::multiset<std::string> ids;
  for (const amd::Rom& rom : image.firmware.roms) {
    for (const Finding& finding : amd::audit(rom, ByteView(image.bytes))) {
      if (finding.severity >= least) ids.insert(finding.id.substr(4));
    }
  }
  return ids;
}

// How many entries have this signature result.
inline std::size_t count_of(const ParsedImage& image, amd::SignatureResult result) {
  std::size_t count = 0;
  for (const amd::Rom& rom : image.firmware.roms) {
    for (const amd::Directory& directory : rom.directories) {
      for (const amd::Entry& entry : directory.entries) {
        const amd::Payload* payload = rom.payload_of(entry);
        count += payload != nullptr && payload->signature && payload->signature->result == result ? 1U : 0U;
      }
    }
  }
  return count;
}

// The first entry of this type; the test fails where there is none.
inline const amd::Entry& entry_of(const amd::Rom& rom, bool bios, std::uint8_t type) {
  static const amd::Entry none{};
  for (const amd::Directory& directory : rom.directories) {
    for (const amd::Entry& entry : directory.entries) {
      if (entry.bios == bios && entry.type == type) return entry;
    }
  }
  ADD_FAILURE() << "no entry of type " << unsigned{type};
  return none;
}

inline void flip(Buffer& bytes, std::uint64_t at) { bytes.at(at) ^= std::byte{1}; }

inline void put_u32(Buffer& bytes, std::uint64_t at, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) bytes.at(at + i) = static_cast<std::byte>(value >> (8 * i));
}

// Makes the checksum of a PSP or BIOS directory right again.
inline void reseal(Buffer& bytes, const amd::Directory& directory) {
  const Range table = directory.table();
  put_u32(bytes, table.offset + 4, amd::fletcher32(Bytes(bytes).subspan(table.offset + 8, table.size - 8)));
}

}  // namespace quell::test
