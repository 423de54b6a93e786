// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/content.h"
#include "base/checksum.h"

#include <algorithm>
#include <array>

namespace quell::amd {
namespace {

constexpr std::string_view ftpm_uuid = "00b5a2ab4538ca45bb56f2e5ae71c585";
constexpr std::size_t most_sub_images = 64;
constexpr std::size_t most_spl_records = 512;

// The payload in the clear: inflated, or as stored; nothing when it is encrypted or does not inflate.
std::optional<ByteView> plain_payload(const PspHeader& header, const Content& content) {
  if (header.encrypted) return std::nullopt;
  if (header.compressed) return content.inflated ? std::optional(ByteView(*content.inflated)) : std::nullopt;
  const auto view = content.bytes.sub(psp_header_size, header.size_signed);
  return view ? std::optional(*view) : std::nullopt;
}

// Anti-rollback table: +0x00 count, records of 0x20 bytes from +0x80: +0x00 minimum, +0x04 identity, +0x14 sub-image,
// +0x15 1 for a UUID.
SplTable read_spl_table(ByteView payload) {
  SplTable table{.count = payload.u32(0).value_or(0)};
  for (std::uint64_t at = 0x80; table.records.size() < std::min<std::size_t>(table.count, most_spl_records);
       at += 0x20) {
    const auto record = payload.sub(at, 0x20);
    if (!record) break;
    SplRecord read{.minimum = record->u32(0x00).value_or(0), .sub_image = record->u8(0x14).value_or(0)};
    if (record->u8(0x15).value_or(0) == 1) {
      read.uuid = to_hex(record->clip({0x04, 16}).bytes());
    } else {
      read.id = record->u32(0x04).value_or(0);
    }
    table.records.push_back(std::move(read));
  }
  return table;
}

// Microcode patch: +0x00 date as BCD (month, day, year from the top), +0x04 patch level, +0x18 processor revision.
std::optional<Microcode> read_microcode(ByteView patch) {
  Fields fields(patch, "microcode patch");
  const Microcode read{.date = fields.u32(0), .patch_level = fields.u32(4), .processor = fields.u16(0x18)};
  return fields.done().has_value() ? std::optional(read) : std::nullopt;
}

// Board configuration: "APCB", +0x06 version, +0x08 total size, +0x0C unique ID, +0x10 checksum byte: the bytes sum to
// 0.
std::optional<Apcb> read_apcb(ByteView bytes) {
  if (!bytes.matches(0, "APCB")) return std::nullopt;
  Fields fields(bytes, "APCB");
  Apcb apcb{.version = fields.u16(0x06), .size = fields.u32(0x08), .unique_id = fields.u32(0x0C)};
  if (!fields.done().has_value()) return std::nullopt;
  if (const auto whole = bytes.sub(0, apcb.size)) apcb.checksum_valid = sum_of(whole->bytes()) == 0;
  return apcb;
}

// The UUID that follows the property name of a trusted application.
std::string application_uuid(ByteView payload) {
  constexpr std::string_view property("gpd.ta.appID\0", 13);
  const ByteView head = payload.clip({0, 12U << 10U});
  const auto at = head.find(as_bytes(property));
  const auto uuid = at ? payload.sub(*at + property.size(), 16) : fail(Errc::damaged, "");
  return uuid ? to_hex(uuid->bytes()) : std::string();
}

// SMU firmware, and the MSMU images, whose version reads the same way.
bool is_smu(const Entry& entry) {
  constexpr std::array<std::uint8_t, 5> types{0x08, 0x12, 0x5A, 0x9A, 0xA2};
  return !entry.bios && std::ranges::find(types, entry.type) != types.end();
}

// Where the header has no version the SMU image itself has one, at a place of its generation.
std::string smu_version(const PspHeader& header, const Content& content) {
  if (header.version != 0) return version_decimal(header.version);
  if (!content.inflated) return {};
  constexpr std::uint64_t family15_place = 0x1FF80;
  constexpr std::uint64_t raven_place = 0xAA4;
  const std::uint8_t type = content.entry.type;
  if (content.family15 ? type != 0x08 && type != 0x12 : type != 0x08) return {};
  const auto version = ByteView(*content.inflated).u32(content.family15 ? family15_place : raven_place);
  return version ? version_decimal(*version) : std::string();
}

void read_header_content(Payload& payload, const Content& content) {
  const PspHeader& header = *payload.header;
  const Entry& entry = content.entry;
  if (is_smu(entry)) payload.smu_version = smu_version(header, content);
  const auto plain = plain_payload(header, content);
  if (!plain) return;
  if (!header.compressed) payload.ta_uuid = application_uuid(*plain);
  if (!entry.bios && entry.type == 0x0C && payload.ta_uuid == ftpm_uuid) {
    payload.ftpm_version = version_decimal(header.version);
  }
  if (!entry.bios && (entry.type == 0x55 || entry.type == 0x56 || entry.type == 0x83)) {
    payload.spl = read_spl_table(*plain);
  }
  if (entry.bios && entry.type == 0x66) payload.microcode = read_microcode(*plain);
}

}  // namespace

std::optional<PayloadHash> check_payload_hash(const PspHeader& header, const Content& content) {
  const bool has_sha256 = (header.flags & 0x0100U) != 0;
  const bool has_sha384 = (header.flags & 0x0200U) != 0;
  if (!has_sha256 && !has_sha384) return std::nullopt;
  PayloadHash hash{.algorithm = has_sha256 ? "sha256" : "sha384"};
  const auto plain = plain_payload(header, content);
  if (!plain) {
    hash.reason = header.encrypted ? "encrypted" : "not-readable";
    return hash;
  }
  const HashAlgorithm algorithm = has_sha256 ? HashAlgorithm::sha256 : HashAlgorithm::sha384;
  const auto holds = [&](Bytes covered) { return content.bytes.matches(0xD0, quell::hash(algorithm, covered)); };
  // Of some compressed parts (AMF DRAM) the digest covers the stored bytes.
  const bool stored_holds = header.compressed && header.compressed_size != 0 &&
                            (holds(content.bytes.clip({psp_header_size, header.compressed_size}).bytes()) ||
                             holds(content.bytes.clip({psp_header_size, header.stored_payload_size()}).bytes()));
  hash.result = stored_holds || holds(plain->bytes()) ? SignatureResult::valid : SignatureResult::invalid;
  return hash;
}

void read_content(Payload& payload, const Content& content) {
  const Entry& entry = content.entry;
  if (payload.header) return read_header_content(payload, content);
  if (!entry.bios) return;
  if (entry.type == 0x60 || entry.type == 0x68) payload.apcb = read_apcb(content.bytes);
  if (entry.type == 0x66) payload.microcode = read_microcode(content.bytes);
  if (entry.kind() == PayloadKind::reset && entry.compressed) {
    payload.uncompressed_size = entry.size;
    payload.inflates = content.inflated && content.inflated->size() == entry.size;
  }
}

// Table of (dword ID, dword offset from the start of the entry) as the payload of the outer header.
std::vector<SubImage> read_sub_images(const PspHeader& header, ByteView bytes) {
  std::vector<SubImage> images;
  const std::uint64_t table_end = psp_header_size + header.size_signed;
  if (header.compressed || header.encrypted || !bytes.has(psp_header_size, header.size_signed)) return images;
  for (std::uint64_t at = psp_header_size; at + 8 <= table_end && images.size() < most_sub_images; at += 8) {
    SubImage image{.id = bytes.u32(at).value_or(0), .offset = bytes.u32(at + 4).value_or(0)};
    if (image.offset < table_end || !bytes.has(image.offset, psp_header_size)) break;
    image.header = read_psp_header(bytes.clip(Range::between(image.offset, bytes.size())));
    if (image.header) {
      image.size = image.header->signature_offset() + (image.header->is_signed ? image.header->signature_size() : 0);
    }
    // Some other payload, not a table. A damaged image further on stays in the list, without its header.
    if (images.empty() && !image.header) break;
    images.push_back(image);
  }
  return images;
}

}  // namespace quell::amd
