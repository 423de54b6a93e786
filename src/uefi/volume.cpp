// SPDX-License-Identifier: GPL-2.0-or-later
// The files of a volume (UEFI PI specification, volume 3, 3.2): each at a multiple of 8 from the volume's start, the
// first behind the header or, rounded up, behind the extended header (u32 size at 0x10 of it). A file header of erased
// bytes ends the row; everything behind it should be erased.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/checksum.h"
#include "uefi/names.h"
#include "uefi/walker.h"

namespace quell::uefi {
namespace {

constexpr std::uint64_t file_header = 24;
constexpr std::uint32_t erase_polarity = 0x800;
constexpr std::size_t told_of_one_kind = 64;

constexpr std::uint64_t aligned(std::uint64_t value) noexcept { return (value + 7) / 8 * 8; }

std::uint64_t first_file(ByteView view, const flash::FirmwareVolume& header) {
  const std::uint64_t extended = header.revision == 2 ? view.u16(0x34).value_or(0) : 0;
  if (extended == 0) return aligned(header.header_length);
  const auto size = view.u32(extended + 0x10);
  return aligned(size ? extended + *size : header.header_length);
}

bool holds_files(const Guid& system) {
  // The file systems of Apple, Intel and Sony volumes differ in their GUID only.
  constexpr std::array<Guid, 8> others{
      names::ffs1,
      names::ffs2,
      names::ffs3,
      Guid::of("04ADEEAD-61FF-4D31-B6BA-64F8BF901F5A"),
      Guid::of("BD001B8C-6A71-487B-A14F-0C2A2DCF7A5D"),
      Guid::of("AD3FFFFF-D28B-44C4-9F13-9EA98A97F9F0"),
      Guid::of("D6A1CD70-4B33-4994-A6EA-375F2CCC5437"),
      Guid::of("4F494156-AED6-4D64-A537-B8A5557BCEEC"),
  };
  return std::ranges::find(others, system) != others.end();
}

// Whether a file header stands at the place whose own sum holds and that can be one.
bool file_header_at(ByteView view, std::uint64_t at) {
  const auto header = view.sub(at, file_header);
  if (!header) return false;
  const std::uint64_t size = header->u32(20).value_or(0) & 0xFFFFFFU;
  const std::uint8_t type = header->u8(18).value_or(0);
  const bool known = type <= 0x0F || type == 0xF0;
  if (size < file_header || !view.has(at, size) || !known) return false;
  const unsigned left_out = header->u8(17).value_or(0) + header->u8(23).value_or(0);
  return static_cast<std::uint8_t>(sum_of(header->bytes()) - left_out) == 0 && !erased(*header, std::byte{0});
}

}  // namespace

bool erased(ByteView view, std::byte value) noexcept { return view.empty() || view.filled_with(value); }

void Walker::volume(Volume& volume, ByteView view, const Around& around) {
  volume.number = ++out_.counts.volumes;
  volume.place = around.place(view);
  volume.file_system = Guid::at(view, 0x10);
  volume.name = Guid::parse(volume.header.guid);
  if (options_.digests) volume.digest = sha256(view.bytes());
  volume.store = volume.file_system == names::variables || volume.file_system == names::phoenix_variables;
  Around inside = around.deeper();
  inside.volume = &volume;
  inside.file = nullptr;
  if (!holds_files(volume.file_system)) {
    leaf(view.clip(Range::between(volume.header.header_length, view.size())), inside, nullptr);
    return;
  }
  volume.walked = true;
  const std::byte empty{(volume.header.attributes & erase_polarity) != 0 ? std::uint8_t{0xFF} : std::uint8_t{0}};
  std::uint64_t at = first_file(view, volume.header);
  while (view.has(at, file_header) && !erased(view.clip({at, file_header}), empty)) {
    if (!room(inside, volume.place)) return;
    File next;
    const bool there = file(next, view.clip(Range::between(at, view.size())), &volume, inside);
    const std::uint64_t size = next.place.range.size;
    if (there) volume.files.push_back(std::move(next));
    if (!there || size == 0) {
      volume.broken = true;
      return;
    }
    at = aligned(at + size);
  }
  rest_of_volume(volume, view, at, empty, inside);
}

void Walker::rest_of_volume(Volume& volume, ByteView view, std::uint64_t from, std::byte empty, const Around& around) {
  const ByteView rest = view.clip(Range::between(from, view.size()));
  const auto foreign = std::ranges::find_if(rest.bytes(), [=](std::byte byte) { return byte != empty; });
  if (foreign == rest.bytes().end()) return;
  const auto distance = static_cast<std::uint64_t>(foreign - rest.bytes().begin());
  volume.foreign = from + distance;
  leaf(rest.clip(Range::between(distance, rest.size())), around, nullptr);
  const std::uint64_t first = from + distance;
  for (std::uint64_t at = first / 8 * 8; view.has(at, file_header); at += 8) {
    if (!file_header_at(view, at)) continue;
    volume.broken = true;
    damage("uefi.volume.hole", Severity::error, Question::structure, "a hole in the row of a volume's files",
           fmt::format("The firmware volume {} has erased bytes from {:#x} on where its files should go on: the next "
                       "file stands at {:#x} (from the volume's start).",
                       to_string(volume.name), from, at),
           volume.place, "read the chip again and compare: this part of it came out blank");
    return;
  }
  damage("uefi.volume.free-space", Severity::info, Question::structure, "the free space of a volume is not empty",
         fmt::format("Behind the last file of the firmware volume {} stands something that is no file, from {:#x} on "
                     "(from the volume's start).",
                     to_string(volume.name), first),
         volume.place);
}

void Walker::leaf(ByteView bytes, const Around& around, const Section* section) {
  if (!options_.leaf || bytes.empty()) return;
  options_.leaf(
      {.bytes = bytes, .place = around.place(bytes), .file = around.file, .section = section, .volume = around.volume});
}

void Walker::damage(std::string_view id, Severity severity, Question question, std::string title, std::string detail,
                    const Place& place, std::string advice) {
  if (++told_[std::string(id)] > told_of_one_kind) return;
  if (place.unpacked) detail += fmt::format(" It lies in what is packed at {:#x}.", place.image.offset);
  out_.findings.push_back({.id = std::string(id),
                           .question = question,
                           .severity = severity,
                           .title = std::move(title),
                           .detail = std::move(detail),
                           .advice = std::move(advice),
                           .range = place.image});
}

void Walker::over_budget(const Around& around, const Place& place) {
  if (told_.contains("uefi.budget")) return;
  damage("uefi.budget", Severity::warning, Question::structure, "the firmware volumes hold more than is looked at",
         fmt::format("What lies in {} nests too deep, is too much, or unpacks to too much: it was left out.",
                     owner_text(around)),
         place);
}

bool Walker::room(const Around& around, const Place& place) {
  constexpr unsigned deepest = 32;
  if (around.level < deepest && items_left_ != 0) {
    --items_left_;
    return true;
  }
  over_budget(around, place);
  return false;
}

void Walker::finish() {
  const bool other_damage =
      std::ranges::any_of(out_.findings, [](const Finding& finding) { return finding.severity >= Severity::error; });
  for (const WrongSum& wrong : wrong_sums_) {
    const SumsOfVolume& around = sums_[wrong.volume];
    const bool ignored = around.held == 0 && around.failed > 1;
    const bool alone = wrong_sums_.size() == 1 && !other_damage;
    const Severity severity = ignored ? Severity::info : alone ? Severity::warning : Severity::error;
    damage("uefi.file.data-checksum", severity, Question::checksums, "a firmware file's data checksum is wrong",
           fmt::format("The content of the file {} does not add up to the checksum in its header{}.",
                       to_string(wrong.name),
                       ignored ? ", like that of every file of its volume: its maker did not keep them"
                       : alone ? "; everything else in the volumes holds, so its maker may have changed it in place"
                               : ""),
           wrong.place, ignored ? "" : "read the chip again and compare the two reads");
  }
  for (const auto& [id, count] : told_) {
    if (count <= told_of_one_kind) continue;
    const auto last = std::ranges::find(out_.findings.rbegin(), out_.findings.rend(), id, &Finding::id);
    if (last != out_.findings.rend()) {
      last->detail += fmt::format(" There are {} more of the kind.", count - told_of_one_kind);
    }
  }
}

}  // namespace quell::uefi
