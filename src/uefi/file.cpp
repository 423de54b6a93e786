// SPDX-License-Identifier: GPL-2.0-or-later
// A file (UEFI PI specification, volume 3, 3.2.3): 00 name GUID, 10 header checksum, 11 data checksum, 12 type,
// 13 attributes, 14 u24 size with the header, 17 state; 18 u64 size in a large file of file system 3.
// The header's 8-bit sum is zero with bytes 11 and 17 taken as zero. The state's bits are set by clearing erased ones.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/checksum.h"
#include "uefi/names.h"
#include "uefi/walker.h"

namespace quell::uefi {
namespace {

constexpr std::uint64_t small_header = 24;
constexpr std::uint64_t large_header = 32;
constexpr std::uint8_t large_attribute = 0x01;
constexpr std::uint8_t tail_attribute = 0x01;  // of file system 1
constexpr std::uint8_t sum_attribute = 0x40;
constexpr std::uint8_t padding = 0xF0;
constexpr std::uint8_t raw = 0x01;

namespace state {
constexpr std::uint8_t data_valid = 0x04;
constexpr std::uint8_t updating = 0x08;
constexpr std::uint8_t deleted = 0x10;
constexpr std::uint8_t invalid = 0x20;
}  // namespace state

// The first text of this type below the sections, not in a volume inside them.
const Section* find_text(const std::vector<Section>& sections, std::uint8_t type) {
  for (const Section& section : sections) {
    if (section.type == type) return &section;
    if (const Section* found = find_text(section.sections, type)) return found;
  }
  return nullptr;
}

}  // namespace

std::string owner_text(const Around& around) {
  if (around.file == nullptr) {
    return around.volume == nullptr ? "a row of sections"
                                    : fmt::format("the firmware volume {}", to_string(around.volume->name));
  }
  return fmt::format("the file {}", to_string(around.file->name));
}

void Walker::file_state(File& file, std::uint8_t stored, std::byte erased) {
  const auto bits = static_cast<std::uint8_t>(stored ^ std::to_integer<std::uint8_t>(erased));
  if ((bits & state::invalid) != 0) {
    file.state = File::State::invalid;
  } else if ((bits & state::deleted) != 0) {
    file.state = File::State::deleted;
  } else if ((bits & state::updating) != 0) {
    file.state = File::State::updating;
  } else {
    file.state = (bits & state::data_valid) != 0 ? File::State::whole : File::State::unfinished;
  }
  // 0x01 under construction, 0x02 header valid, ...: each bit is set on top of the ones before; only an update may be
  // skipped, and an invalid header has no data.
  constexpr std::array<std::uint8_t, 8> in_order{0x01, 0x03, 0x07, 0x0F, 0x17, 0x1F, 0x21, 0x23};
  file.state_contradicts = std::ranges::find(in_order, bits) == in_order.end();
}

void Walker::file_sums(File& file, ByteView whole, bool sum_used, std::uint8_t stored, const Volume* volume) {
  const bool first_revision = volume != nullptr && volume->header.revision == 1;
  if (!sum_used) {
    const bool right = stored == 0xAA || (first_revision && stored == 0x5A);
    file.data = right ? File::Sum::fixed : File::Sum::wrong_constant;
    if (right || file.type == padding) return;
    damage("uefi.file.data-checksum", Severity::warning, Question::checksums,
           "a firmware file's data checksum is neither used nor the constant that says so",
           fmt::format("The file {} has {:#04x} where 0xaa should stand.", to_string(file.name), stored), file.place);
    return;
  }
  if (!options_.unpack) return;
  const std::uint8_t sum = sum_of(whole.bytes().subspan(file.header_size));
  const bool right = static_cast<std::uint8_t>(sum + stored) == 0;
  file.data = right ? File::Sum::held : File::Sum::failed;
  ++out_.counts.sums;
  const std::uint64_t number = volume == nullptr ? 0 : volume->number;
  SumsOfVolume& of_volume = sums_[number];
  ++(right ? of_volume.held : of_volume.failed);
  if (!right) wrong_sums_.push_back({number, file.place, file.name});
}

bool Walker::volumes_inside(std::vector<Volume>& list, ByteView view, const Around& around) {
  constexpr std::uint64_t signature_at = 0x28;
  auto mark = view.find(as_bytes("_FVH"), signature_at, 8);
  std::uint64_t covered = 0;
  bool at_start = false;
  while (mark) {
    const std::uint64_t start = *mark - signature_at;
    const auto found = flash::find_volumes(view, {{Mark::firmware_volume, *mark}});
    std::uint64_t next = *mark + 8;
    if (!found.volumes.empty() && found.volumes.front().checksum_valid) {
      if (!room(around, around.place(view))) return at_start;
      const ByteView bytes = view.clip({start, found.volumes.front().length});
      at_start = at_start || start == 0;
      leaf(view.clip(Range::between(covered, start)), around, nullptr);
      Volume& inside = list.emplace_back();
      inside.header = found.volumes.front();
      volume(inside, bytes, around);
      next = start + bytes.size();
      covered = next;
    }
    mark = view.find(as_bytes("_FVH"), std::max(next, covered + signature_at), 8);
  }
  leaf(view.clip(Range::between(covered, view.size())), around, nullptr);
  return at_start;
}

void Walker::file_content(File& file, ByteView body, const Volume* volume, const Around& around) {
  Around inside = around.deeper();
  inside.volume = volume;
  inside.file = &file;
  if (file.state != File::State::whole && file.state != File::State::updating) return;
  if (holds_sections(file.type)) {
    sections(file.sections, body, inside);
    if (const Section* name = find_text(file.sections, 0x15)) file.label = name->text;
    if (const Section* version = find_text(file.sections, 0x14)) file.version = version->text;
    return;
  }
  if (file.type == padding) {
    leaf(body, inside, nullptr);
    return;
  }
  if (file.type == raw) {
    volumes_inside(file.volumes, body, inside);
    return;
  }
  leaf(body, inside, nullptr);
}

bool Walker::file(File& file, ByteView view, const Volume* volume, const Around& around) {
  const auto header = view.sub(0, small_header);
  if (!header) return false;
  file.name = Guid::at(*header, 0);
  file.type = header->u8(18).value_or(0);
  file.attributes = header->u8(19).value_or(0);
  const bool large =
      (file.attributes & large_attribute) != 0 && volume != nullptr && volume->file_system == names::ffs3;
  file.header_size = static_cast<std::uint8_t>(large ? large_header : small_header);
  const std::uint64_t size = large ? view.u64(small_header).value_or(0) : header->u32(20).value_or(0) & 0xFFFFFFU;
  const std::byte empty{volume == nullptr || (volume->header.attributes & 0x800U) != 0 ? std::uint8_t{0xFF}
                                                                                       : std::uint8_t{0}};
  const ByteView summed = view.clip({0, file.header_size});
  const unsigned left_out = header->u8(17).value_or(0) + header->u8(23).value_or(0);
  file.header_right = static_cast<std::uint8_t>(sum_of(summed.bytes()) - left_out) == 0;
  file.place = around.place(summed);
  file_state(file, header->u8(23).value_or(0), empty);
  // Some tools that put volumes together leave both sums and the state zero: no damage does that to a header alone.
  const bool unfilled = header->u16(16).value_or(1) == 0 && header->u8(23).value_or(1) == 0 && file.name != Guid{};
  if (!file.header_right) {
    damage("uefi.file.header-checksum", unfilled ? Severity::info : Severity::error, Question::checksums,
           unfilled ? "a firmware file's checksums were never filled in" : "a firmware file's header checksum is wrong",
           fmt::format("The header at {:#x} (file {}) does not add up to its checksum.", view.origin(),
                       to_string(file.name)),
           file.place, unfilled ? "" : "read the chip again and compare the two reads");
  }
  if (size < file.header_size || !view.has(0, size)) {
    damage("uefi.file.size", Severity::error, Question::structure, "a firmware file does not fit its volume",
           fmt::format("The file {} at {:#x} says that it is {:#x} bytes long; {:#x} are left.", to_string(file.name),
                       view.origin(), size, view.size()),
           file.place, "read the chip again and compare the two reads");
    return false;
  }
  ++out_.counts.files;
  const ByteView whole = view.clip({0, size});
  file.place = around.place(whole);
  if (options_.digests) file.digest = sha256(whole.bytes());
  if (file.state_contradicts && !unfilled) {
    damage("uefi.file.state", Severity::warning, Question::structure, "a firmware file's state contradicts itself",
           fmt::format("The state byte of the file {} is {:#04x}: its bits were never set in this order.",
                       to_string(file.name), header->u8(23).value_or(0)),
           file.place);
  }
  const bool first_system = volume != nullptr && volume->file_system == names::ffs1;
  const std::uint64_t tail = first_system && (file.attributes & tail_attribute) != 0 ? 2 : 0;
  if (!unfilled) {
    file_sums(file, whole, (file.attributes & sum_attribute) != 0, header->u8(17).value_or(0), volume);
  }
  if (size >= file.header_size + tail) {
    file_content(file, whole.clip(Range::between(file.header_size, size - tail)), volume, around);
  }
  return true;
}

}  // namespace quell::uefi
