// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/smbios.h"

#include <gmock/gmock.h>

#include "quell/host/root.h"

namespace quell::host {
namespace {

// A structure: type, formatted part behind the header, strings.
std::string structure(int type, const std::string& body, const std::vector<std::string>& strings = {}) {
  std::string out;
  out += static_cast<char>(type);
  out += static_cast<char>(body.size() + 4);
  out += std::string("\x6a\x00", 2) + body;
  for (const std::string& text : strings) out += text + '\0';
  out += strings.empty() ? std::string(2, '\0') : std::string(1, '\0');
  return out;
}

std::string component(int number, std::initializer_list<std::uint32_t> words) {
  std::string out(1, static_cast<char>(number));
  for (const std::uint32_t word : words) {
    for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>((word >> shift) & 0xFFU);
  }
  return out;
}

const std::string first = component(1, {0x90000245, 0x80100106, 0x20, 0x4000, 0x1F01, 0x444003C9});
const std::string absent = component(2, {~0U, ~0U, ~0U, ~0U, ~0U, ~0U});

std::string record(int type, int count) {
  std::string body = {1, static_cast<char>(count)};
  body += first;
  for (int i = 1; i < count; ++i) body += absent;
  return structure(type, body, {"MEI1", "MEI2", "MEI3"});
}

SmbiosEngine read(const std::string& table) { return read_smbios(ByteView(as_bytes(table))); }

TEST(Smbios, ReadsTheRegistersOfBothRecordTypes) {
  for (const auto& [type, count] : {std::pair{219, 4}, std::pair{203, 3}}) {
    const SmbiosEngine engine = read(structure(1, "serial", {"ACME", "S/N 123"}) + record(type, count));
    ASSERT_EQ(engine.components.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(engine.components[0].present);
    EXPECT_EQ(engine.components[0].registers[0], 0x90000245U);
    EXPECT_EQ(engine.components[0].registers[5], 0x444003C9U);
    EXPECT_FALSE(engine.components[1].present);
  }
}

TEST(Smbios, ReadsVersionsAndNoticesAnEngineThatDidNotAnswer) {
  const std::string good = structure(221, std::string("\x01\x01\x00\x10\x01\x20\xa9\x09", 8), {"ME Firmware Version"});
  ASSERT_EQ(read(good).versions.size(), 1U);
  EXPECT_EQ(to_string(read(good).versions[0]), "16.1.32.2473");
  const std::string none = structure(221, std::string("\x01\x01\x00\xff\xff\xff\xff\xff", 8), {"ME Firmware Version"});
  EXPECT_TRUE(read(none).version_unanswered);
  EXPECT_TRUE(read(none).versions.empty());
}

TEST(Smbios, PassesOverDamagedRecords) {
  std::string short_for_its_count = structure(219, std::string("\x01\x04", 2) + first, {"MEI1"});
  EXPECT_TRUE(read(short_for_its_count).components.empty());
  const std::string whole = record(219, 4);
  for (std::size_t size = 0; size < whole.size() - 1; ++size)
    EXPECT_TRUE(read(whole.substr(0, size)).components.empty());
  EXPECT_TRUE(read(std::string("\xdb\x02\x00\x00", 4)).components.empty());
}

TEST(Smbios, ReducedTablesHoldNoSerialNumbers) {
  const std::string table = structure(1, "x", {"Maker", "SERIAL-4711"}) + record(219, 4);
  const Buffer reduced = reduce_smbios(ByteView(as_bytes(table)));
  EXPECT_EQ(read_smbios(ByteView(reduced)).components.size(), 4U);
  EXPECT_FALSE(ByteView(reduced).find(as_bytes("SERIAL")).has_value());
}

}  // namespace
}  // namespace quell::host
