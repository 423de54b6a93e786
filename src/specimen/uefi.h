// SPDX-License-Identifier: GPL-2.0-or-later
// UEFI firmware of our own making: volumes, files, sections, packed ones, and what lies in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"

namespace quell::specimen {

// How a section's content is packed.
enum class UefiPacking { plain, lzma, lzma_x86, efi11, tiano, brotli, gzip, crc32, unknown };

// A section with this content.
Buffer uefi_section(std::uint8_t type, Bytes content);
// A name section.
Buffer uefi_name_section(std::string_view name);
// A compression section (efi11, tiano as such; plain) or a GUID-defined one around a row of sections.
Buffer uefi_packed_section(UefiPacking packing, Bytes sections);
// Sections one behind the other, each at a multiple of 4.
Buffer uefi_row(const std::vector<Buffer>& sections);
// A file with right checksums; attribute 0x40 is set. `large`: with the long header of file system 3.
Buffer uefi_file(std::string_view guid, std::uint8_t type, Bytes content, bool large = false);
// A volume of this size with these files, its other bytes erased. `file_system`: 1, 2 or 3.
Buffer uefi_volume(const std::vector<Buffer>& files, std::uint64_t size, unsigned file_system = 2);
// The same for a variable store: the content stands behind the header.
Buffer uefi_store_volume(Bytes content, std::uint64_t size, bool phoenix = false);

// One variable of a store to make.
struct UefiVariable {
  std::string name{};
  std::string owner{};  // GUID
  Buffer data{};
  bool deleted = false;
};
Buffer uefi_vss2_store(const std::vector<UefiVariable>& variables, std::uint64_t size, bool authenticated = true);
Buffer uefi_vss_store(const std::vector<UefiVariable>& variables, std::uint64_t size);
Buffer uefi_nvar_list(const std::vector<UefiVariable>& variables, std::uint64_t size);
Buffer uefi_evsa_store(const std::vector<UefiVariable>& variables, std::uint64_t size);

// A signature list of certificates or of SHA-256 digests.
Buffer uefi_certificate_list(Bytes certificate);
Buffer uefi_hash_list(const std::vector<Buffer>& hashes);
// A load option that starts a file of a partition.
Buffer uefi_load_option(std::string_view description, std::string_view file);

// 256 KiB: a store with keys and boot entries, and a volume with files packed in every way.
Buffer uefi_bios();

}  // namespace quell::specimen
