// SPDX-License-Identifier: GPL-2.0-or-later
// The pieces that Intel specimens are put together from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/digest.h"
#include "specimen/intel.h"
#include "specimen/random.h"
#include "specimen/signing.h"
#include "specimen/specimen.h"

namespace quell::specimen {

constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t to) noexcept { return (value + to - 1) / to * to; }
// Bytes in reverse order: how most Intel structures keep digests.
Buffer reversed(Bytes bytes);
// A growing buffer, for structures whose length follows from their parts.
void append(Buffer& to, Bytes bytes);
void append(Buffer& to, std::string_view text, std::uint64_t width);
void append_u8(Buffer& to, std::uint64_t value);
void append_u16(Buffer& to, std::uint64_t value);
void append_u32(Buffer& to, std::uint64_t value);

// LZMA as this firmware stores it: the "LZMA alone" header with a 16 KiB dictionary and the true size, no end marker.
// TXE and CSE have three more zero bytes behind the header.
Buffer intel_lzma(Bytes plain, bool extra_zeros);

// ---- manifests

struct ManifestSpec {
  std::string_view tag = "$MN2";
  std::array<std::uint16_t, 4> version{};
  std::uint32_t flags = 0;
  std::uint32_t date = 0x20150612;  // BCD: year in the high half, month, day
  std::uint32_t module_count = 0;   // generations 1 and 2
  std::uint32_t security_version = 1;
  unsigned key_bits = 2048;
  std::uint32_t exponent = 17;
};

// Header (blank key and signature) followed by `tail`, which is what else gets signed. Sizes are filled in.
Buffer unsigned_manifest(const ManifestSpec& spec, Bytes tail);
// Puts key and signature into a manifest that is otherwise complete.
void sign_manifest(Buffer& manifest, const ManifestSpec& spec);

// ---- $FPT

struct FptRow {
  std::string_view name{};
  std::string_view owner{};  // empty: FF FF FF FF
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint32_t flags = 0;
  std::array<std::uint32_t, 3> tokens{1, 1, 0};  // start, maximum, scratch; reserved on CSE
};

struct FptSpec {
  std::uint8_t version = 0x20;
  std::uint8_t header_length = 0x30;  // 0x30: the checksum covers the vectors before it as well
  std::uint32_t flags = 0xFFFFFC01;
  std::array<std::uint16_t, 4> tool_version{};
};

// Writes header, rows and checksum at `at` (0x10 after the vectors, or 0).
void put_fpt(Canvas& canvas, std::uint64_t at, const FptSpec& spec, const std::vector<FptRow>& rows);

// ---- $CPD

struct CpdModule {
  std::string name{};
  Buffer plain{};
  bool compressed = false;  // LZMA
};

// What distinguishes the code partitions of the CSE families.
struct CpdStyle {
  bool crc = false;             // directory version 2 with CRC-32, SHA-384, RSA-3072 PSS
  bool signed_package = false;  // metadata digests in extensions 0x0F and 0x16, otherwise in 0x03
  std::array<std::uint16_t, 4> version{};
  bool client_information = false;  // extension 0x0C, in FTPR only
};

// A whole code partition: directory, manifest, metadata, modules, filled up to a multiple of 4 KiB.
Buffer code_partition(std::string_view name, const CpdStyle& style, const std::vector<CpdModule>& modules);

// ---- per flavour

Buffer me5_region(const IntelOptions& options);
Buffer me8_region(const IntelOptions& options, bool txe);
Buffer me11_region(const IntelOptions& options);
Buffer ifwi_region(const IntelOptions& options, bool version_1_7);

Buffer me5_code(const IntelOptions& options);
// `at` is where the partition will lie in the region: the Huffman table counts from its start.
Buffer me8_code(const IntelOptions& options, bool txe, std::uint64_t at);
Buffer me11_code(const IntelOptions& options);
Buffer ifwi_code(const IntelOptions& options, bool version_1_7);

// ---- the rest of a dump

struct DumpRegions {
  std::uint64_t flash_size = 0;
  std::optional<Range> gbe{};
  Range me{};
  Range bios{};
};
// Descriptor of 4 KiB for this flavour's platform.
Buffer descriptor(IntelFlavour flavour, const DumpRegions& regions);
// 8 KiB: two banks of a network controller's words with their checksum.
Buffer gbe_region(Random& random);
// A firmware volume with one file of noise, and a reset vector at the very end.
Buffer bios_region(std::uint64_t size, Random& random);

}  // namespace quell::specimen
