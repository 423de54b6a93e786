// SPDX-License-Identifier: GPL-2.0-or-later
// Intel microcode updates, as files and as FIT or CBFS content.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/finding.h"

namespace quell::flash {

// One processor that an update is for.
struct MicrocodeTarget {
  std::uint32_t signature = 0;  // CPUID leaf 1, EAX
  std::uint32_t platform_mask = 0;
};

struct Microcode {
  Range range{};
  std::uint32_t header_version = 0;  // 1 microcode, 2 in-field scan
  std::int32_t revision = 0;         // negative: pre-production
  std::string date{};                // "2018-04-23"
  std::uint64_t data_size = 0;
  std::uint64_t total_size = 0;
  std::uint32_t minimum_revision = 0;      // for late loading
  std::vector<MicrocodeTarget> targets{};  // the header's first, then those of the extended table
  bool extended = false;                   // has an extended signature table
  bool checksum_valid = false;             // of the whole update
  bool extended_checksum_valid = true;     // of the extended table
};

// Whether the bytes at the start look like an update header: version, loader revision and a date that exists. The
// sizes are not judged, so that a cut file is still recognised.
bool looks_like_microcode(ByteView view) noexcept;

// Reads the update at the start of the view; Errc::damaged when it says that it is longer than the view.
Result<Microcode> parse_microcode(ByteView view);

// A file of updates behind each other.
struct MicrocodeFile {
  std::vector<Microcode> updates{};
  std::vector<Finding> problems{};
};
MicrocodeFile parse_microcode_file(ByteView file);

// One update as a component of kind "microcode".
Component describe(const Microcode& microcode);
// What is wrong with it.
std::vector<Finding> audit(const Microcode& microcode);

}  // namespace quell::flash
