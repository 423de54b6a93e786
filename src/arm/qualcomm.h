// SPDX-License-Identifier: GPL-2.0-or-later
// Qualcomm signed images (tz, hyp, ...): ELF files with a hash segment, a signature and a certificate chain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/digest.h"
#include "quell/finding.h"

namespace quell::arm {

struct ElfSegment {
  std::uint32_t type = 0;
  std::uint32_t flags = 0;
  std::uint64_t offset = 0;
  std::uint64_t address = 0;  // physical
  std::uint64_t file_size = 0;
  std::uint64_t memory_size = 0;
  std::optional<bool> digest_matches{};  // nothing when no digest covers it
  Buffer digest{};                       // as the hash segment has it
  // Bits 26:24 of the flags: 7 ELF headers, 2 hash segment.
  [[nodiscard]] unsigned qualcomm_type() const noexcept { return flags >> 24U & 7U; }
};

struct QualcommImage {
  unsigned elf_class = 0;  // 32 or 64
  std::vector<ElfSegment> segments{};
  std::uint32_t version = 0;           // of the hash segment
  std::vector<std::uint32_t> words{};  // its first words
  HashAlgorithm algorithm = HashAlgorithm::sha256;
  std::optional<std::uint64_t> chain_offset{};
  std::vector<std::string> subjects{};  // leaf first
  std::optional<Sha256> root_sha256{};
  std::optional<std::uint64_t> software_id{};
  std::string oem_id{};
  std::string debug{};
  bool is_signed = false;   // a signature stands there, which nobody but the chip can check
  std::string signature{};  // in words
  std::string image{};      // "tz", "hyp", ...; empty when not known
  std::vector<Finding> problems{};
};

// Whether this is an ELF file with a hash segment.
bool looks_like_qualcomm(ByteView view) noexcept;

Result<QualcommImage> parse_qualcomm(ByteView view);

Component describe(const QualcommImage& image, ByteView view);

}  // namespace quell::arm
