// SPDX-License-Identifier: GPL-2.0-or-later
// Sections (UEFI PI specification, volume 3, 3.2.4): u24 size with the header, u8 type; size 0xFFFFFF: u32 size. The
// next one stands at a multiple of 4 from the start of the row, which ends with fewer than 4 bytes or with filler.
//   01 compression   u32 unpacked size, u8 kind: 0 none, 1 standard, 2 LZMA
//   02 GUID-defined  16 GUID, u16 offset of the data, u16 attributes: 1 the data must be processed
//   14 version       u16 build number, text          15 name  text
//   18 freeform      16 GUID
// CRC32 sections have the u32 CRC32 of their data behind the header.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "uefi/names.h"
#include "uefi/walker.h"

namespace quell::uefi {
namespace {

constexpr std::uint64_t common_header = 4;
constexpr std::uint64_t long_header = 8;
constexpr std::uint32_t long_size = 0xFFFFFF;
constexpr std::uint16_t must_process = 1;

namespace type {
constexpr std::uint8_t compression = 0x01;
constexpr std::uint8_t guid_defined = 0x02;
constexpr std::uint8_t disposable = 0x03;
constexpr std::uint8_t version = 0x14;
constexpr std::uint8_t name = 0x15;
constexpr std::uint8_t volume = 0x17;
constexpr std::uint8_t freeform = 0x18;
constexpr std::uint8_t raw = 0x19;
}  // namespace type

struct KnownEncoding {
  Guid guid;
  Encoding encoding;
};
constexpr std::array<KnownEncoding, 7> encodings{{
    {Guid::of("EE4E5898-3914-4259-9D6E-DC7BD79403CF"), Encoding::lzma},
    {Guid::of("D42AE6BD-1352-4BFB-909A-CA72A6EAE889"), Encoding::lzma_x86},
    {Guid::of("A31280AD-481E-41B6-95E8-127F4C984779"), Encoding::tiano},
    {Guid::of("3D532050-5CDA-4FD0-879E-0F7F630D5AFB"), Encoding::brotli},
    {Guid::of("FC1BCDB0-7D31-49AA-936A-A4600D9DD083"), Encoding::crc32},
    {Guid::of("1D301FE9-BE79-4353-91C2-D23BC959AE0C"), Encoding::gzip},
    {Guid::of("0F9D89E8-9259-4F76-A5AF-0C89E34023DF"), Encoding::signed_contents},
}};

std::optional<Encoding> known_encoding(const Guid& guid) {
  const auto found = std::ranges::find(encodings, guid, &KnownEncoding::guid);
  return found == encodings.end() ? std::nullopt : std::optional(found->encoding);
}

bool filler(ByteView view) { return erased(view, std::byte{0}) || erased(view, std::byte{0xFF}); }

}  // namespace

SectionSize section_size(ByteView view) {
  const auto first = view.u32(0);
  if (!first) return {};
  std::uint64_t size = *first & long_size;
  std::uint64_t header = common_header;
  if (size == long_size) {
    size = view.u32(4).value_or(0);
    header = long_header;
  }
  if (size < header || !view.has(0, size)) return {};
  return {size, static_cast<std::uint8_t>(header)};
}

bool looks_like_sections(ByteView view) {
  std::uint64_t at = 0;
  for (unsigned seen = 0; seen < 4; ++seen) {
    const ByteView rest = view.clip(Range::between(at, view.size()));
    if (seen != 0 && (rest.size() < common_header || filler(rest))) return true;
    const SectionSize size = section_size(rest);
    const std::uint8_t kind = rest.u8(3).value_or(0);
    const bool known = (kind >= 0x01 && kind <= 0x03) || (kind >= 0x10 && kind <= 0x1C) || kind == 0xF0 || kind == 0x20;
    if (size.whole == 0 || !known) return false;
    at = (at + size.whole + 3) / 4 * 4;
  }
  return true;
}

void Walker::sections(std::vector<Section>& list, ByteView view, const Around& around) {
  std::uint64_t at = 0;
  while (at < view.size()) {
    const ByteView rest = view.clip(Range::between(at, view.size()));
    if (rest.size() < common_header || filler(rest)) return;
    if (!room(around, around.place(view))) return;
    const SectionSize size = section_size(rest);
    if (size.whole == 0) {
      damage("uefi.section.size", Severity::error, Question::structure, "a section does not fit what holds it",
             fmt::format("In {} the section at {:#x} says that it is {:#x} bytes long; {:#x} are left.",
                         owner_text(around), rest.origin(), rest.u32(0).value_or(0) & long_size, rest.size()),
             around.place(rest), "read the chip again and compare the two reads");
      return;
    }
    Section next;
    next.header_size = size.header;
    section(next, rest.clip({0, size.whole}), around);
    list.push_back(std::move(next));
    at = (at + size.whole + 3) / 4 * 4;
  }
}

void Walker::section(Section& section, ByteView whole, const Around& around) {
  ++out_.counts.sections;
  section.type = whole.u8(3).value_or(0);
  section.place = around.place(whole);
  if (options_.digests) section.digest = sha256(whole.bytes());
  const Around inside = around.deeper();
  const auto content = [&] { return whole.clip(Range::between(section.header_size, whole.size())); };
  switch (section.type) {
    case type::compression: return compression(section, whole, inside);
    case type::guid_defined: return guid_defined(section, whole, inside);
    case type::disposable: return sections(section.sections, content(), inside);
    case type::version: section.text = wide_text(content(), 2); return;
    case type::name: section.text = wide_text(content()); return;
    case type::volume: return volume_section(section, content(), inside);
    case type::raw: volumes_inside(section.volumes, content(), inside); return;
    case type::freeform:
      section.has_guid = true;
      section.guid = Guid::at(content(), 0);
      section.header_size = static_cast<std::uint8_t>(section.header_size + 16);
      return leaf(content(), inside, &section);
    default: return leaf(content(), inside, &section);
  }
}

void Walker::volume_section(Section& section, ByteView content, const Around& around) {
  if (volumes_inside(section.volumes, content, around)) return;
  damage("uefi.volume.header", Severity::error, Question::structure, "a volume section holds no firmware volume",
         fmt::format("In {} a section announces a firmware volume at {:#x}; no header of one that adds up to its "
                     "checksum stands there.",
                     owner_text(around), content.origin()),
         around.place(content), "read the chip again and compare the two reads");
}

void Walker::compression(Section& section, ByteView whole, const Around& around) {
  const auto announced = whole.u32(section.header_size);
  const auto kind = whole.u8(section.header_size + std::uint64_t{4});
  section.header_size = static_cast<std::uint8_t>(section.header_size + 5);
  if (!announced || !kind) return give_up(section, {Errc::damaged, "its header is cut off"}, around);
  section.unpacked_size = *announced;
  const ByteView content = whole.clip(Range::between(section.header_size, whole.size()));
  switch (*kind) {
    case 0: return walk_plain(section, content, around);
    case 1: return standard(section, content, around);
    case 2: return unpack_into(section, Encoding::lzma, content, around);
    default:
      section.state = Section::State::opaque;
      section.encoding = Encoding::unknown;
      ++out_.counts.opaque;
  }
}

void Walker::guid_defined(Section& section, ByteView whole, const Around& around) {
  const std::uint64_t common = section.header_size;
  section.has_guid = true;
  section.guid = Guid::at(whole, common);
  const auto data = whole.u16(common + 16);
  const auto attributes = whole.u16(common + 18);
  if (!data || !attributes || *data < common + 20 || *data > whole.size()) {
    return give_up(section, {Errc::damaged, "its header is cut off"}, around);
  }
  // A larger header would be a certificate; only its size is of use here.
  section.header_size = static_cast<std::uint8_t>(std::min<std::uint64_t>(*data, 0xFF));
  const ByteView content = whole.clip(Range::between(*data, whole.size()));
  const auto encoding = known_encoding(section.guid);
  if (!encoding && (*attributes & must_process) != 0) {
    section.encoding = Encoding::unknown;
    section.state = Section::State::opaque;
    ++out_.counts.opaque;
    return leaf(content, around, &section);
  }
  section.encoding = encoding.value_or(Encoding::none);
  if (section.encoding == Encoding::crc32 && options_.unpack) {
    ++out_.counts.crc32;
    section.crc_right = whole.u32(common + 20).value_or(0) == crc32(content.bytes());
    if (!*section.crc_right) {
      damage("uefi.section.crc32", Severity::error, Question::checksums, "the CRC32 of a section is wrong",
             fmt::format("In {} the section at {:#x} does not have the CRC32 that stands in its header.",
                         owner_text(around), whole.origin()),
             section.place, "read the chip again and compare the two reads");
    }
  }
  switch (section.encoding) {
    case Encoding::lzma:
    case Encoding::lzma_x86:
    case Encoding::tiano:
    case Encoding::brotli:
    case Encoding::gzip: return unpack_into(section, section.encoding, content, around);
    case Encoding::signed_contents: {
      // WIN_CERTIFICATE_UEFI_GUID: u32 length of the certificate, itself included.
      const std::uint64_t certificate = content.u32(0).value_or(0);
      return walk_plain(section, content.clip(Range::between(certificate, content.size())), around);
    }
    default: return walk_plain(section, content, around);
  }
}

void Walker::walk_plain(Section& section, ByteView content, const Around& around) {
  section.state = Section::State::unpacked;
  section.unpacked_size = content.size();
  if (options_.digests) section.unpacked_digest = sha256(content.bytes());
  sections(section.sections, content, around);
}

void Walker::give_up(Section& section, const Error& error, const Around& around) {
  const bool refused = error.code == Errc::refused;
  const bool opaque = error.code == Errc::unsupported || error.code == Errc::io;
  section.state = refused ? Section::State::refused : opaque ? Section::State::opaque : Section::State::broken;
  if (opaque) {
    ++out_.counts.opaque;
    return;
  }
  damage("uefi.section.encoding", Severity::error, Question::structure, "a packed section does not unpack",
         fmt::format("In {} the section at {:#x} ({}, {:#x} bytes) cannot be unpacked: {}.", owner_text(around),
                     section.place.range.offset, to_string(section.encoding), section.place.range.size, error.message),
         section.place, "read the chip again and compare the two reads: this is how a bad read shows");
}

void Walker::unpack_into(Section& section, Encoding encoding, ByteView packed, const Around& around) {
  section.encoding = encoding;
  const auto announced = announced_size(encoding, packed);
  if (announced) section.unpacked_size = *announced;
  if (!options_.unpack) {
    section.state = Section::State::packed;
    return;
  }
  constexpr unsigned most_packings = 8;
  const std::uint64_t limit = stream_limit(packed.size());
  if (announced && *announced > limit) {
    return give_up(section, {Errc::refused, fmt::format("it announces {:#x} bytes", *announced)}, around);
  }
  if (around.packings >= most_packings || !budget_.spend(announced.value_or(limit))) {
    section.state = Section::State::refused;
    return over_budget(around, section.place);
  }
  auto content = unpack(encoding, packed, limit);
  if (!content) return give_up(section, content.error(), around);
  walk_unpacked(section, *std::move(content), around);
}

// Nothing names the dialect: it is the one whose output is as long as announced and a row of sections.
void Walker::standard(Section& section, ByteView packed, const Around& around) {
  section.encoding = Encoding::efi11;
  if (!options_.unpack) {
    section.state = Section::State::packed;
    section.encoding = Encoding::unknown;
    return;
  }
  const std::uint64_t limit = stream_limit(packed.size());
  const std::uint64_t announced = announced_size(Encoding::efi11, packed).value_or(0);
  if (announced != section.unpacked_size) {
    return give_up(section, {Errc::damaged, "its two headers disagree about its size"}, around);
  }
  if (announced > limit) {
    return give_up(section, {Errc::refused, fmt::format("it announces {:#x} bytes", announced)}, around);
  }
  if (around.packings >= 8 || !budget_.spend(announced)) {
    section.state = Section::State::refused;
    return over_budget(around, section.place);
  }
  auto first = unpack(Encoding::efi11, packed, limit);
  if (first && looks_like_sections(ByteView(first->bytes))) {
    return walk_unpacked(section, *std::move(first), around);
  }
  auto second = unpack(Encoding::tiano, packed, limit);
  if (second && (!first || looks_like_sections(ByteView(second->bytes)))) {
    section.encoding = Encoding::tiano;
    return walk_unpacked(section, *std::move(second), around);
  }
  if (!first) return give_up(section, first.error(), around);
  walk_unpacked(section, *std::move(first), around);
}

void Walker::walk_unpacked(Section& section, Unpacked unpacked, const Around& around) {
  ++out_.counts.unpacked;
  out_.counts.unpacked_bytes += unpacked.bytes.size();
  section.state = Section::State::unpacked;
  section.unpacked_size = unpacked.bytes.size();
  const auto content = std::make_shared<const Buffer>(std::move(unpacked.bytes));
  if (options_.keep) section.content = content;
  if (options_.digests) section.unpacked_digest = sha256(*content);
  Around inside = around;
  if (!around.unpacked) inside.image = section.place.range;
  inside.unpacked = true;
  ++inside.packings;
  sections(section.sections, ByteView(*content), inside);
}

}  // namespace quell::uefi
