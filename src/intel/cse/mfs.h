// SPDX-License-Identifier: GPL-2.0-or-later
// MFS, the file system of CSME, CSTXE and CSSPS: pages, chunks, one volume, numbered files. docs/formats/mfs.md
// Read only: quell never writes it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"

namespace quell::intel {

inline constexpr std::size_t mfs_chunk_size = 0x40;

// The low-level files that have a meaning of their own.
inline constexpr std::uint16_t mfs_intel_configuration = 6;
inline constexpr std::uint16_t mfs_oem_configuration = 7;
inline constexpr std::uint16_t mfs_home_directory = 8;
inline constexpr std::uint16_t mfs_first_user_file = 10;

struct MfsFile {
  std::uint16_t number = 0;
  std::uint64_t size = 0;
  bool damaged = false;                 // its chain breaks off, leaves the volume or joins another file's
  std::vector<std::uint32_t> chunks{};  // in the order of the content
};

// How many checksums of one kind there are, and how many of them are wrong.
struct MfsTally {
  std::uint64_t checked = 0;
  std::uint64_t wrong = 0;
  std::uint64_t not_stored = 0;  // 0 where a checksum belongs; counted in neither of the others
};

struct MfsVolume {
  ByteView bytes{};
  std::uint64_t pages = 0;
  std::uint64_t system_pages = 0;
  std::uint64_t data_pages = 0;
  std::uint64_t blank_pages = 0;  // neither: the spare, or damaged
  MfsTally page_checksums{};      // CRC-8 of the page headers
  MfsTally chunk_checksums{};     // CRC-16 of the chunks
  bool initialised = false;       // a system volume with its header is there
  std::uint8_t dictionary = 0;    // which names the configuration records use
  std::uint8_t platform = 0;      // which chipset they are for
  std::uint64_t volume_size = 0;  // as the volume header says
  std::uint64_t expected_size = 0;
  std::uint32_t system_chunks = 0;
  std::uint32_t data_chunks = 0;
  std::uint16_t file_slots = 0;
  std::vector<MfsFile> files{};  // those that exist, by number

  // Where the data of each chunk stands in `bytes`; nothing for chunks that no page holds.
  std::vector<std::optional<std::uint32_t>> chunk_places{};

  // The file with this number, or nullptr.
  [[nodiscard]] const MfsFile* find(std::uint16_t number) const noexcept;
  // The content of a file; chunks that no page holds are zeros.
  [[nodiscard]] Buffer content(const MfsFile& file) const;
};

// Reads a volume that begins with the view. Errc::unrecognised when no page of it is an MFS page.
Result<MfsVolume> parse_mfs(ByteView bytes);

// One record of the configuration files 6 and 7.
struct MfsConfigRecord {
  std::string name{};  // the number in hexadecimal where the format has no names (CSME 13+)
  bool directory = false;
  Range range{};  // of its content, in the file
  std::uint16_t mode = 0;
  std::uint16_t options = 0;
};

// Reads a configuration file; both record sizes, told apart by which one makes every record fit.
Result<std::vector<MfsConfigRecord>> parse_mfs_configuration(ByteView file);

// What a low-level file is for: "Intel configuration", "OEM configuration", "home directory", ... or "user file".
std::string_view mfs_file_title(std::uint16_t number) noexcept;

}  // namespace quell::intel
