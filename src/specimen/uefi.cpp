// SPDX-License-Identifier: GPL-2.0-or-later
#include "specimen/uefi.h"

#include <array>
#include <stdexcept>

#include "base/checksum.h"
#include "base/size.h"
#include "quell/digest.h"
#include "specimen/intel_parts.h"
#include "specimen/uefi_packing.h"
#include "uefi/guid.h"

namespace quell::specimen {
namespace {

constexpr std::string_view ffs1 = "7A9354D9-0468-444A-81CE-0BF617D890DF";
constexpr std::string_view ffs2 = "8C8CE578-8A3D-4F1C-9935-896185C32DD3";
constexpr std::string_view ffs3 = "5473C07A-3DCB-4DCA-BD6F-1E9689E7349A";

void append_guid(Buffer& to, std::string_view text) {
  const uefi::Guid guid = uefi::Guid::parse(text);
  append(to, std::as_bytes(std::span(guid.bytes)));
}

void append_u24(Buffer& to, std::uint64_t value) {
  append_u16(to, value);
  append_u8(to, value >> 16U);
}

void append_u64(Buffer& to, std::uint64_t value) {
  append_u32(to, value);
  append_u32(to, value >> 32U);
}

void append_wide(Buffer& to, std::string_view text) {
  for (const char c : text) append_u16(to, static_cast<unsigned char>(c));
  append_u16(to, 0);
}

void align(Buffer& to, std::size_t step, std::byte fill) { to.resize((to.size() + step - 1) / step * step, fill); }

std::byte complement(unsigned sum) { return std::byte{complement_of(sum)}; }

Buffer volume_header(std::string_view file_system, std::uint64_t size) {
  Buffer out(16, std::byte{0});
  append_guid(out, file_system);
  append_u64(out, size);
  append(out, as_bytes("_FVH"));
  append_u32(out, 0x0004FEFF);  // erased bytes are 0xFF
  append_u16(out, 0x48);
  append_u16(out, 0);
  append_u16(out, 0);
  append_u8(out, 0);
  append_u8(out, file_system == ffs1 ? 1 : 2);
  append_u32(out, size / 0x1000);
  append_u32(out, 0x1000);
  append_u64(out, 0);
  unsigned sum = 0;
  const ByteView view(out);
  for (std::uint64_t at = 0; at < out.size(); at += 2) sum += view.u16(at).value_or(0);
  Buffer checksum;
  append_u16(checksum, 0x10000U - (sum & 0xFFFFU));
  out[0x32] = checksum[0];
  out[0x33] = checksum[1];
  return out;
}

}  // namespace

Buffer uefi_section(std::uint8_t type, Bytes content) {
  Buffer out;
  append_u24(out, content.size() + 4);
  append_u8(out, type);
  append(out, content);
  return out;
}

Buffer uefi_name_section(std::string_view name) {
  Buffer text;
  append_wide(text, name);
  return uefi_section(0x15, text);
}

Buffer uefi_packed_section(UefiPacking packing, Bytes sections) {
  const bool compression =
      packing == UefiPacking::plain || packing == UefiPacking::efi11 || packing == UefiPacking::tiano;
  Buffer body;
  if (compression) {
    append_u32(body, sections.size());
    append_u8(body, packing == UefiPacking::plain ? 0 : 1);
    append(body, pack(packing, sections));
    return uefi_section(0x01, body);
  }
  append_guid(body, packing_guid(packing));
  append_u16(body, packing == UefiPacking::crc32 ? 0x1C : 0x18);
  append_u16(body, packing == UefiPacking::crc32 ? 2 : 1);
  if (packing == UefiPacking::crc32) append_u32(body, crc32(sections));
  append(body, pack(packing, sections));
  return uefi_section(0x02, body);
}

Buffer uefi_row(const std::vector<Buffer>& sections) {
  Buffer out;
  for (const Buffer& section : sections) {
    align(out, 4, std::byte{0});
    append(out, section);
  }
  return out;
}

Buffer uefi_file(std::string_view guid, std::uint8_t type, Bytes content, bool large) {
  Buffer out;
  append_guid(out, guid);
  append_u16(out, 0);
  append_u8(out, type);
  append_u8(out, large ? 0x41 : 0x40);
  append_u24(out, large ? 0xFFFFFF : content.size() + 24);
  append_u8(out, 0);
  if (large) append_u64(out, content.size() + 32);
  out[16] = complement(sum_of(out));
  out[17] = complement(sum_of(content));
  out[23] = std::byte{0xF8};
  append(out, content);
  return out;
}

Buffer uefi_volume(const std::vector<Buffer>& files, std::uint64_t size, unsigned file_system) {
  constexpr std::array<std::string_view, 3> systems{ffs1, ffs2, ffs3};
  Buffer out = volume_header(systems.at(file_system - 1), size);
  for (const Buffer& file : files) {
    align(out, 8, std::byte{0xFF});
    append(out, file);
  }
  if (out.size() > size) throw std::length_error("the files do not fit the volume");
  out.resize(to_size(size), std::byte{0xFF});
  return out;
}

Buffer uefi_store_volume(Bytes content, std::uint64_t size, bool phoenix) {
  Buffer out =
      volume_header(phoenix ? "00504624-8A59-4EEB-BD0F-6B36E96128E0" : "FFF12B8D-7696-4C8B-A985-2747075B4F50", size);
  append(out, content);
  if (out.size() > size) throw std::length_error("the store does not fit the volume");
  out.resize(to_size(size), std::byte{0xFF});
  return out;
}

namespace {

void append_vss(Buffer& out, const UefiVariable& one, bool authenticated) {
  append_u16(out, 0x55AA);
  append_u8(out, one.deleted ? 0x3C : 0x3F);
  append_u8(out, 0);
  append_u32(out, 7);
  if (authenticated) out.resize(out.size() + 28);  // count, time, key
  append_u32(out, (one.name.size() + 1) * 2);
  append_u32(out, one.data.size());
  append_guid(out, one.owner);
  append_wide(out, one.name);
  append(out, one.data);
}

}  // namespace

Buffer uefi_vss2_store(const std::vector<UefiVariable>& variables, std::uint64_t size, bool authenticated) {
  Buffer out;
  append_guid(out, authenticated ? "AAF32C78-947B-439A-A180-2E144EC37792" : "DDCF3616-3275-4164-98B6-FE85707FFE7D");
  append_u32(out, size);
  append_u8(out, 0x5A);
  append_u8(out, 0xFE);
  out.resize(0x1C);
  for (const UefiVariable& one : variables) {
    align(out, 4, std::byte{0xFF});
    append_vss(out, one, authenticated);
  }
  out.resize(to_size(size), std::byte{0xFF});
  return out;
}

Buffer uefi_vss_store(const std::vector<UefiVariable>& variables, std::uint64_t size) {
  Buffer out;
  append(out, as_bytes("$VSS"));
  append_u32(out, size);
  append_u8(out, 0x5A);
  append_u8(out, 0xFE);
  out.resize(0x10);
  for (const UefiVariable& one : variables) append_vss(out, one, false);
  out.resize(to_size(size), std::byte{0xFF});
  return out;
}

Buffer uefi_nvar_list(const std::vector<UefiVariable>& variables, std::uint64_t size) {
  Buffer out;
  Buffer table;  // from the end down
  for (const UefiVariable& one : variables) {
    append(out, as_bytes("NVAR"));
    append_u16(out, 10 + 1 + one.name.size() + 1 + one.data.size());
    append_u24(out, 0xFFFFFF);
    append_u8(out, one.deleted ? 0x02 : 0x82);
    append_u8(out, table.size() / 16);
    append(out, as_bytes(one.name));
    append_u8(out, 0);
    append(out, one.data);
    Buffer guid;
    append_guid(guid, one.owner);
    table.insert(table.begin(), guid.begin(), guid.end());
  }
  out.resize(to_size(size - table.size()), std::byte{0xFF});
  append(out, table);
  return out;
}

Buffer uefi_evsa_store(const std::vector<UefiVariable>& variables, std::uint64_t size) {
  const auto entry = [](std::uint8_t type, const Buffer& body) {
    Buffer out;
    append_u8(out, type);
    append_u8(out, 0);
    append_u16(out, body.size() + 4);
    append(out, body);
    out[1] = complement(sum_of(Bytes(out).subspan(1)));
    return out;
  };
  Buffer header;
  append(header, as_bytes("EVSA"));
  append_u32(header, 0);
  append_u32(header, size);
  append_u32(header, 0);
  Buffer out = entry(0xEC, header);
  std::uint16_t id = 0;
  for (const UefiVariable& one : variables) {
    Buffer data;
    append_u16(data, id);
    append_u16(data, id);
    append_u32(data, 7);
    append(data, one.data);
    append(out, entry(one.deleted ? 0x83 : 0xEF, data));
    Buffer guid;
    append_u16(guid, id);
    append_guid(guid, one.owner);
    append(out, entry(0xED, guid));
    Buffer name;
    append_u16(name, id);
    append_wide(name, one.name);
    append(out, entry(0xEE, name));
    ++id;
  }
  out.resize(to_size(size), std::byte{0xFF});
  return out;
}

namespace {

Buffer signature_list(std::string_view type, const std::vector<Buffer>& entries) {
  Buffer out;
  append_guid(out, type);
  const std::size_t one = 16 + (entries.empty() ? 0 : entries.front().size());
  append_u32(out, 0x1C + one * entries.size());
  append_u32(out, 0);
  append_u32(out, one);
  for (const Buffer& entry : entries) {
    append_guid(out, "77FA9ABD-0359-4D32-BD60-28F4E78F784B");
    append(out, entry);
  }
  return out;
}

}  // namespace

Buffer uefi_certificate_list(Bytes certificate) {
  return signature_list("A5C059A1-94E4-4AA7-87B5-AB155C2BF072", {Buffer(certificate.begin(), certificate.end())});
}

Buffer uefi_hash_list(const std::vector<Buffer>& hashes) {
  return signature_list("C1C41626-504C-4092-ACA9-41F936934328", hashes);
}

Buffer uefi_load_option(std::string_view description, std::string_view file) {
  Buffer path;
  append_u8(path, 4);
  append_u8(path, 1);
  append_u16(path, 42);
  append_u32(path, 1);
  append_u64(path, 0x800);
  append_u64(path, 0x100000);
  append_guid(path, "11111111-2222-3333-4444-555555555555");
  append_u8(path, 2);
  append_u8(path, 2);
  append_u8(path, 4);
  append_u8(path, 4);
  append_u16(path, 4 + (file.size() + 1) * 2);
  append_wide(path, file);
  append_u32(path, 0x0004FF7F);
  Buffer out;
  append_u32(out, 1);
  append_u16(out, path.size());
  append_wide(out, description);
  append(out, path);
  return out;
}

Buffer uefi_bios() {
  constexpr std::string_view global = "8BE4DF61-93CA-11D2-AA0D-00E098032B8C";
  const Buffer code(0x2000, std::byte{0x90});
  const auto sections = [&](std::string_view name) {
    return uefi_row({uefi_section(0x10, code), uefi_name_section(name)});
  };
  std::vector<Buffer> files;
  std::uint8_t number = 0x10;
  for (const UefiPacking packing : {UefiPacking::plain, UefiPacking::lzma, UefiPacking::lzma_x86, UefiPacking::efi11,
                                    UefiPacking::tiano, UefiPacking::gzip, UefiPacking::crc32, UefiPacking::unknown}) {
    std::string guid = "00000000-0000-0000-0000-0000000000";
    guid += to_hex(Buffer{std::byte{number}});
    ++number;
    files.push_back(uefi_file(guid, 0x07, uefi_packed_section(packing, sections("Module"))));
  }
  const std::vector<UefiVariable> variables{
      {"BootOrder", std::string(global), {std::byte{0}, std::byte{0}}},
      {"Boot0000", std::string(global), uefi_load_option("Operating system", "\\EFI\\BOOT\\BOOTX64.EFI")},
      {"dbx", "D719B2CB-3D3A-4596-A3BC-DAD00E67656F", uefi_hash_list({Buffer(32, std::byte{0x11})})}};
  Buffer out = uefi_store_volume(uefi_vss2_store(variables, 0x8000), 0x10000);
  append(out, uefi_volume(files, 0x30000));
  return out;
}

}  // namespace quell::specimen
