// SPDX-License-Identifier: GPL-2.0-or-later
// Header (Intel SDM volume 3, 10.11.1; UEFITool intel_microcode.h):
//   0x00 u32 header version    0x04 i32 revision       0x08 u16 year, u8 day, u8 month (BCD)
//   0x0C u32 processor         0x10 u32 checksum       0x14 u32 loader revision
//   0x18 u32 platform mask     0x1C u32 data size      0x20 u32 total size
//   0x28 u32 minimum revision
// Extended signature table at 0x30 + data size: u32 count, u32 checksum, 12 reserved, then {u32, u32, u32} each.
#include "flash/microcode.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/size.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t header_size = 0x30;
constexpr std::uint64_t table_header_size = 20;
constexpr std::uint64_t table_entry_size = 12;
constexpr std::uint64_t largest = std::uint64_t{16} << 20U;

bool is_bcd(unsigned value) {
  for (; value != 0; value >>= 4U) {
    if ((value & 0xFU) > 9) return false;
  }
  return true;
}

// "YYYY-MM-DD" from the u32 month << 24 | day << 16 | year, or nothing when there is no such day.
std::optional<std::string> date_of(std::uint32_t word) {
  const unsigned year = word & 0xFFFFU;
  const unsigned day = word >> 16U & 0xFFU;
  const unsigned month = word >> 24U;
  const bool plausible = is_bcd(year) && is_bcd(day) && is_bcd(month) && year >= 0x1990 && year <= 0x2099 && day != 0 &&
                         day <= 0x31 && month != 0 && month <= 0x12;
  if (!plausible) return std::nullopt;
  return fmt::format("{:04x}-{:02x}-{:02x}", year, month, day);
}

std::uint32_t sum_of_words(ByteView view) {
  std::uint32_t sum = 0;
  for (std::uint64_t i = 0; i + 4 <= view.size(); i += 4) sum += view.u32(i).value_or(0);
  return sum;
}

void read_extended(Microcode& microcode, ByteView table) {
  const auto count = table.u32(0);
  if (!count || *count == 0) return;
  const std::uint64_t room =
      table.size() < table_header_size ? 0 : (table.size() - table_header_size) / table_entry_size;
  if (*count > room) {
    microcode.extended_checksum_valid = false;
    return;
  }
  microcode.extended = true;
  microcode.extended_checksum_valid = sum_of_words(table.clip({0, table_header_size + *count * table_entry_size})) == 0;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const std::uint64_t at = table_header_size + i * table_entry_size;
    const MicrocodeTarget target{table.u32(at).value_or(0), table.u32(at + 4).value_or(0)};
    const auto same = [&](const MicrocodeTarget& other) { return other.signature == target.signature; };
    if (std::ranges::none_of(std::span(microcode.targets).first(1), same)) microcode.targets.push_back(target);
  }
}

}  // namespace

bool looks_like_microcode(ByteView view) noexcept {
  const auto version = view.u32(0);
  const auto loader = view.u32(0x14);
  const auto date = view.u32(8);
  return view.has(0, header_size) && version && (*version == 1 || *version == 2) && loader && *loader == 1 && date &&
         date_of(*date).has_value();
}

Result<Microcode> parse_microcode(ByteView view) {
  if (!looks_like_microcode(view)) return fail(Errc::unrecognised, "no microcode update header", view.origin());
  Microcode m;
  Fields f(view, "microcode header");
  m.header_version = f.u32(0);
  m.revision = static_cast<std::int32_t>(f.u32(4));
  m.date = date_of(f.u32(8)).value_or("");
  m.targets.push_back({f.u32(0xC), f.u32(0x18)});
  m.data_size = f.u32(0x1C);
  m.total_size = f.u32(0x20);
  m.minimum_revision = f.u32(0x28);
  QUELL_CHECK(f.done());
  if (m.data_size == 0) m.data_size = 2000;
  if (m.total_size == 0) m.total_size = 2048;
  if (m.total_size > view.size()) {
    return fail(
        Errc::damaged,
        fmt::format("the microcode update says it is {} bytes long, the file has {}", m.total_size, view.size()),
        view.origin());
  }
  if (m.total_size % 4 != 0 || m.total_size > largest || m.total_size < header_size + m.data_size) {
    return fail(Errc::damaged,
                fmt::format("the microcode update's sizes make no sense: {} bytes of data in {} bytes", m.data_size,
                            m.total_size),
                view.origin());
  }
  const ByteView all = view.clip({0, m.total_size});
  m.range = all.range();
  m.checksum_valid = sum_of_words(all) == 0;
  read_extended(m, all.clip(Range::between(header_size + m.data_size, m.total_size)));
  return m;
}

namespace {

// Where the next update begins: updates lie at multiples of 16 bytes, with padding of one byte value between them.
std::uint64_t behind_padding(ByteView file, std::uint64_t offset) {
  constexpr std::uint64_t alignment = 16;
  if (offset >= file.size()) return file.size();
  const std::byte first = file.bytes()[to_size(offset)];
  if (first != std::byte{0} && first != std::byte{0xFF}) return offset;
  const Bytes rest = file.bytes().subspan(to_size(offset));
  const auto content = std::ranges::find_if(rest, [&](std::byte byte) { return byte != first; });
  const std::uint64_t end = offset + static_cast<std::uint64_t>(content - rest.begin());
  return end == file.size() ? end : end / alignment * alignment;
}

Finding unknown_rest(ByteView rest) {
  return {.id = "flash.microcode.damaged",
          .question = Question::structure,
          .severity = Severity::error,
          .title = fmt::format("{} bytes behind a microcode update are no update", rest.size()),
          .detail = "An update whose header is damaged looks like this.",
          .range = rest.range()};
}

}  // namespace

MicrocodeFile parse_microcode_file(ByteView file) {
  MicrocodeFile out;
  std::uint64_t offset = 0;
  while (offset < file.size()) {
    const ByteView rest = file.clip(Range::between(offset, file.size()));
    if (!looks_like_microcode(rest)) {
      out.problems.push_back(unknown_rest(rest));
      break;
    }
    auto update = parse_microcode(rest);
    if (!update) {
      out.problems.push_back({.id = "flash.microcode.damaged",
                              .question = Question::structure,
                              .severity = Severity::error,
                              .title = "a microcode update is damaged",
                              .detail = update.error().message + ".",
                              .range = Range{rest.origin(), std::min(rest.size(), header_size)}});
      break;
    }
    offset += update->total_size;
    for (Finding& finding : audit(*update)) out.problems.push_back(std::move(finding));
    out.updates.push_back(*std::move(update));
    offset = std::max(offset, behind_padding(file, offset));
  }
  return out;
}

Component describe(const Microcode& microcode) {
  const MicrocodeTarget& first = microcode.targets.front();
  Component out{"microcode",
                fmt::format("{:x} revision {:#x}", first.signature, static_cast<std::uint32_t>(microcode.revision)),
                microcode.range};
  std::vector<std::string> signatures;
  for (const MicrocodeTarget& target : microcode.targets)
    signatures.push_back(fmt::format("{:#010x}", target.signature));
  out.attributes.set("processor_signatures", std::move(signatures));
  out.attributes.set("platform_mask", std::uint64_t{first.platform_mask}, Show::hex);
  out.attributes.set("date", microcode.date);
  out.attributes.set("revision", std::uint64_t{static_cast<std::uint32_t>(microcode.revision)}, Show::hex);
  out.attributes.set("pre_production", microcode.revision < 0);
  out.attributes.set("in_field_scan", microcode.header_version == 2);
  out.attributes.set("total_size", microcode.total_size, Show::size);
  out.attributes.set("checksum_valid", microcode.checksum_valid);
  const auto check = [&](std::string subject, bool right) {
    out.checks.push_back({.question = Question::checksums,
                          .state = check_state(right),
                          .subject = std::move(subject),
                          .range = microcode.range,
                          .reason = right ? "" : "its words do not sum to zero",
                          .algorithm = "32-bit sum"});
  };
  check("microcode checksum", microcode.checksum_valid);
  if (microcode.extended || !microcode.extended_checksum_valid) {
    check("checksum of the extended signature table", microcode.extended_checksum_valid);
  }
  if (microcode.extended) out.attributes.set("extended_checksum_valid", microcode.extended_checksum_valid);
  return out;
}

std::vector<Finding> audit(const Microcode& microcode) {
  std::vector<Finding> out;
  if (!microcode.checksum_valid || !microcode.extended_checksum_valid) {
    out.push_back({.id = "flash.microcode.checksum",
                   .question = Question::checksums,
                   .severity = Severity::error,
                   .title = "a microcode update has a wrong checksum",
                   .detail = "The 32-bit words of the update must sum to zero; the processor refuses this one.",
                   .range = microcode.range});
  }
  if (microcode.revision < 0) {
    out.push_back({.id = "flash.microcode.pre-production",
                   .question = Question::structure,
                   .severity = Severity::info,
                   .title = "a microcode update is marked as pre-production",
                   .range = microcode.range});
  }
  return out;
}

}  // namespace quell::flash
