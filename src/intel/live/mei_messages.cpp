// SPDX-License-Identifier: GPL-2.0-or-later
// Queries of the MKHI and AMT host interface clients. Only those that read are built here.
#include <algorithm>

#include <fmt/format.h>

#include "base/bits.h"
#include "base/table.h"
#include "data/mei-capabilities.h"
#include "intel/live/mei.h"

namespace quell::intel::live {

using namespace host;

namespace {

// MKHI header: group 7:0, command 14:8, response flag 15, reserved 23:16, result 31:24.
constexpr std::uint32_t mkhi_header(std::uint32_t group, std::uint32_t command) { return group | command << 8U; }
constexpr std::uint32_t response_flag = 1U << 15U;
constexpr std::uint32_t get_version = mkhi_header(0xFF, 0x02);
constexpr std::uint32_t get_rule = mkhi_header(0x03, 0x02);
constexpr std::uint32_t get_hmrfpo = mkhi_header(0x05, 0x03);

void put_u32(Buffer& out, std::uint32_t value) {
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::byte>((value >> shift) & 0xFFU));
}

// The reply behind its header; an error when it answers something else or reports a failure.
Result<ByteView> mkhi_payload(Bytes reply, std::uint32_t request) {
  const ByteView view(reply);
  const auto header = view.u32(0);
  if (!header) return fail(Errc::damaged, fmt::format("the engine's reply has only {} bytes", reply.size()));
  if ((*header & 0xFFFFU) != (request | response_flag))
    return fail(Errc::damaged, fmt::format("the engine answered another question (header {:08x})", *header));
  if (const std::uint32_t result = bits(*header, 31, 24); result != 0)
    return fail(Errc::unsupported, fmt::format("the engine refused the question (result {:#04x})", result));
  return view.from(4);
}

Result<ByteView> amt_payload(Bytes reply, AmtQuery query) {
  // Header: major, minor, u16, u32 command with bit 23 set, u32 length of what follows; then u32 status, data.
  const ByteView view(reply);
  Fields fields(view, "the AMT reply");
  const std::uint32_t command = fields.u32(4);
  const std::uint32_t length = fields.u32(8);
  const std::uint32_t status = fields.u32(12);
  QUELL_CHECK(fields.done());
  if (command != (static_cast<std::uint32_t>(query) | 0x00800000U))
    return fail(Errc::damaged, fmt::format("AMT answered another question ({:08x})", command));
  if (status != 0) return fail(Errc::unsupported, fmt::format("AMT refused the question (status {:#x})", status));
  if (length < 4) return fail(Errc::damaged, "the AMT reply says it is empty");
  return view.sub(16, length - 4);
}

}  // namespace

Bytes version_request() noexcept {
  using namespace std::string_view_literals;
  return as_bytes("\xFF\x02\x00\x00"sv);
}

Result<std::vector<Version>> version_reply(Bytes reply) {
  QUELL_TRY(const ByteView blocks, mkhi_payload(reply, get_version));
  // Blocks of 8 bytes: u16 minor, u8 major, u8 platform, u16 build, u16 hotfix; code, recovery, FITC.
  std::vector<Version> out;
  for (std::uint64_t offset = 0; blocks.has(offset, 8) && out.size() < 3; offset += 8) {
    Fields fields(blocks, "the version reply");
    const std::uint32_t minor = fields.u16(offset);
    const std::uint32_t major = fields.u8(offset + 2);
    const std::uint32_t build = fields.u16(offset + 4);
    const std::uint32_t hotfix = fields.u16(offset + 6);
    out.push_back({major, minor, hotfix, build});
  }
  if (out.empty()) return fail(Errc::damaged, "the engine's version reply is too short");
  return out;
}

Buffer rule_request(std::uint32_t rule) {
  Buffer out;
  put_u32(out, get_rule);
  put_u32(out, rule);
  return out;
}

Result<std::uint32_t> rule_reply(Bytes reply, std::uint32_t rule) {
  QUELL_TRY(const ByteView payload, mkhi_payload(reply, get_rule));
  Fields fields(payload, "the capability reply");
  const std::uint32_t echoed = fields.u32(0);
  const std::uint8_t length = fields.u8(4);
  const std::uint32_t value = fields.u32(5);
  QUELL_CHECK(fields.done());
  if (echoed != rule) return fail(Errc::damaged, fmt::format("the engine answered for rule {} instead", echoed));
  if (length < 4) return fail(Errc::damaged, fmt::format("the engine's rule has {} bytes instead of 4", length));
  return value;
}

Buffer hmrfpo_request() {
  Buffer out;
  put_u32(out, get_hmrfpo);
  return out;
}

Result<std::uint8_t> hmrfpo_reply(Bytes reply) {
  QUELL_TRY(const ByteView payload, mkhi_payload(reply, get_hmrfpo));
  return payload.u8(0);
}

Buffer amt_request(AmtQuery query) {
  Buffer out = {std::byte{1}, std::byte{1}, std::byte{0}, std::byte{0}};
  put_u32(out, static_cast<std::uint32_t>(query));
  put_u32(out, 0);
  return out;
}

Result<std::uint32_t> amt_number_reply(Bytes reply, AmtQuery query) {
  QUELL_TRY(const ByteView payload, amt_payload(reply, query));
  return payload.u32(0);
}

Result<std::vector<CodeVersion>> code_versions_reply(Bytes reply) {
  QUELL_TRY(const ByteView payload, amt_payload(reply, AmtQuery::code_versions));
  // 65 bytes of BIOS version, u32 count, records of 44 bytes: u16 length, 20 bytes name, u16 length, 20 bytes value.
  constexpr std::uint64_t record_size = 44;
  constexpr std::uint64_t first_record = 69;
  constexpr std::uint32_t most = 50;
  QUELL_TRY(const std::uint32_t count, payload.u32(65));
  if (count > most) return fail(Errc::damaged, fmt::format("AMT claims {} code versions", count));
  std::vector<CodeVersion> out;
  for (std::uint64_t i = 0; i < count; ++i) {
    QUELL_TRY(const ByteView record, payload.sub(first_record + i * record_size, record_size));
    Fields fields(record, "a code version");
    const std::uint64_t name_length = std::min<std::uint64_t>(fields.u16(0), 20);
    const std::uint64_t value_length = std::min<std::uint64_t>(fields.u16(22), 20);
    out.push_back({fields.text(2, name_length), fields.text(24, value_length)});
    QUELL_CHECK(fields.done());
  }
  return out;
}

std::vector<std::string> capability_names(std::uint32_t capabilities, const Generation& generation) {
  static const Table table(data::mei_capabilities);
  std::vector<std::string> out;
  for (const auto row : table) {
    const bool set = ((capabilities >> row.number("bit")) & 1U) != 0;
    const bool spans = row.number("major_from") <= generation.from && generation.to <= row.number("major_to");
    if (set && spans) out.emplace_back(row["title"]);
  }
  return out;
}

}  // namespace quell::intel::live
