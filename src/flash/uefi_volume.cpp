// SPDX-License-Identifier: GPL-2.0-or-later
// Volume header (UEFI PI specification, volume 3, 3.2.1):
//   0x10 file system GUID   0x20 u64 length   0x28 "_FVH"   0x2C u32 attributes   0x30 u16 header length
//   0x32 u16 checksum       0x34 u16 extended header   0x37 u8 revision
//   0x38 block map {u32 count, u32 length}, ended by {0, 0}
// Extended header: the volume's name GUID, then u32 size.
#include "flash/uefi_volume.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "base/guid.h"
#include "base/table.h"
#include "data/uefi-file-systems.h"

namespace quell::flash {
namespace {

constexpr std::uint64_t signature_offset = 0x28;
constexpr std::uint64_t smallest_header = 0x48;
constexpr std::uint64_t block_map = 0x38;
constexpr std::size_t most_problems = 64;

struct FileSystem {
  std::string kind;
  std::string title;
  bool store = false;  // it holds variables
};

FileSystem file_system(const std::string& guid) {
  static const auto known = [] {
    std::map<std::string, FileSystem, std::less<>> out;
    for (const auto row : Table(data::uefi_file_systems)) {
      out.emplace(row["guid"],
                  FileSystem{std::string(row["kind"]), std::string(row["title"]), row.is({"kind", "NVRAM"})});
    }
    return out;
  }();
  const auto found = known.find(guid);
  return found == known.end() ? FileSystem{"Unknown", "volume of an unknown file system"} : found->second;
}

// The sum of the block map, or nothing when it does not end within the header.
std::optional<std::uint64_t> mapped_size(ByteView header) {
  std::uint64_t total = 0;
  for (std::uint64_t at = block_map; header.has(at, 8); at += 8) {
    const std::uint64_t count = header.u32(at).value_or(0);
    const std::uint64_t length = header.u32(at + 4).value_or(0);
    if (count == 0 && length == 0) return total;
    total = checked_add(total, count * length).value_or(~std::uint64_t{0});
  }
  return std::nullopt;
}

void note(VolumeSearch& out, std::string_view id, Question question, Severity severity, std::string title,
          std::string detail, std::uint64_t start) {
  if (out.problems.size() >= most_problems) return;
  out.problems.push_back({.id = std::string(id),
                          .question = question,
                          .severity = severity,
                          .title = std::move(title),
                          .detail = std::move(detail),
                          .range = Range{start, smallest_header}});
}

// Reads one header; false when it is none.
bool read_volume(VolumeSearch& out, ByteView image, std::uint64_t start) {
  const ByteView rest = image.clip(Range::between(start, image.size()));
  FirmwareVolume v;
  Fields f(rest, "volume header");
  v.length = f.u64(0x20);
  v.attributes = f.u32(0x2C);
  v.header_length = f.u16(0x30);
  const std::uint16_t extended = f.u16(0x34);
  v.revision = f.u8(0x37);
  if (!f.done() || v.header_length < smallest_header || (v.revision != 1 && v.revision != 2)) return false;
  const ByteView header = rest.clip({0, v.header_length});
  const auto mapped = mapped_size(header);
  if (!mapped) return false;
  if (v.length <= v.header_length) {
    note(out, "flash.volume.length", Question::structure, Severity::error, "a firmware volume has an impossible length",
         fmt::format("The firmware volume at {:#x} says its length is {}.", start,
                     v.length == 0 ? "zero" : fmt::format("{:#x}, less than its header", v.length)),
         start);
    return false;
  }
  v.range = rest.clip({0, v.length}).range();
  v.checksum_valid = header_sums_to_zero(header);
  // Damage hits one of the two; where neither holds, the four letters stand in something else.
  if (!v.checksum_valid && *mapped != v.length) return false;
  v.file_system = guid_text(rest, 0x10);
  v.guid = v.file_system;
  if (v.revision == 2 && extended != 0 && extended + 0x14U <= v.length && rest.has(extended, 0x14)) {
    v.guid = guid_text(rest, extended);
  }
  if (v.length > rest.size()) {
    note(out, "flash.volume.cut", Question::size, Severity::error, "a firmware volume runs past the end of the image",
         fmt::format("The firmware volume at {:#x} says it is {:#x} bytes long, {:#x} are there.", start, v.length,
                     rest.size()),
         start);
  }
  // Firmware that rewrites a variable store does not always keep its header's sum: machines run with it.
  const Severity sum_severity = file_system(v.file_system).store ? Severity::info : Severity::warning;
  if (!v.checksum_valid) {
    note(out, "flash.volume.checksum", Question::checksums, sum_severity,
         "a firmware volume's header checksum is wrong",
         fmt::format("The 16-bit header checksum of the firmware volume at {:#x} is wrong.", start), start);
  }
  if (*mapped != v.length) {
    // A volume may be shorter than its blocks: QEMU's variable stores are.
    note(out, "flash.volume.block-map", Question::structure, v.length < *mapped ? Severity::info : Severity::warning,
         "a firmware volume's block map contradicts its length",
         fmt::format("The blocks of the firmware volume at {:#x} add up to {:#x} bytes, its length is {:#x}.", start,
                     *mapped, v.length),
         start);
  }
  out.volumes.push_back(std::move(v));
  return true;
}

}  // namespace

bool header_sums_to_zero(ByteView header) {
  unsigned sum = 0;
  for (std::uint64_t i = 0; i + 2 <= header.size(); i += 2) sum += header.u16(i).value_or(0);
  return (sum & 0xFFFFU) == 0;
}

VolumeSearch find_volumes(ByteView image, const std::vector<Landmark>& landmarks) {
  VolumeSearch out;
  std::uint64_t next = 0;  // volumes inside an accepted one are its content
  for (const Landmark& mark : landmarks) {
    if (mark.mark != Mark::firmware_volume || mark.offset < signature_offset) continue;
    const std::uint64_t start = mark.offset - signature_offset;
    if (start < next || start % 8 != 0) continue;
    if (read_volume(out, image, start)) next = out.volumes.back().range.end();
  }
  return out;
}

Component describe(const FirmwareVolume& volume) {
  const FileSystem system = file_system(volume.file_system);
  Component out{"firmware-volume", volume.guid, volume.range};
  out.attributes.set("file_system", system.kind);
  out.attributes.set("title", system.title);
  out.attributes.set("file_system_guid", volume.file_system);
  out.attributes.set("guid", volume.guid);
  out.attributes.set("length", volume.length, Show::size);
  out.attributes.set("revision", std::uint64_t{volume.revision});
  out.attributes.set("checksum_valid", volume.checksum_valid);
  out.checks.push_back({.question = Question::checksums,
                        .state = check_state(volume.checksum_valid),
                        .subject = "volume header checksum",
                        .range = {volume.range.offset, volume.header_length},
                        .reason = volume.checksum_valid ? "" : "the header does not sum to zero",
                        .algorithm = "16-bit sum"});
  return out;
}

}  // namespace quell::flash
