// SPDX-License-Identifier: GPL-2.0-or-later
// Which chipset an image is for, from the image alone. Two routes: the descriptor's strap length and FLMAP2
// (data/intel-descriptor-signatures.csv), and what signed firmware says of itself (data/intel-firmware-platforms.csv).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "intel/manifest.h"
#include "quell/byte_view.h"
#include "quell/flash/descriptor.h"
#include "quell/image.h"

namespace quell::intel {

struct MeRegion;

// What the firmware in the ME region says of the platform. Fill in what is known; the rest stays empty.
struct FirmwareFacts {
  enum class Region {
    unread,        // nobody looked
    absent,        // the descriptor has no ME region in use
    outside,       // the descriptor names one, but it does not lie in the file
    blank,         // it holds one value only
    unrecognised,  // it holds something that is no known firmware
    present,
  };
  Region region = Region::unread;
  std::string product{};  // "ME", "TXE" or "SPS"
  std::optional<Version> version{};
  bool verified = false;                                         // signed with a known production key
  std::string variant{};                                         // "H", "LP" or empty: manifest extension 0x0C
  std::optional<std::pair<std::uint16_t, std::uint16_t>> pmc{};  // version of a verified PMCP manifest
};

// Reads them from the ME region of a dump with this descriptor. Never fails: what cannot be read stays unknown.
FirmwareFacts firmware_facts(const flash::FlashDescriptor& descriptor, ByteView image);
// The same for the bytes of a region, of which `me` is what parse_me_region() gave.
FirmwareFacts firmware_facts(ByteView region, const Result<MeRegion>& me, const Signatures& signatures);
// "ME 12.0.49.1534 LP, PMC 300.1", or why there is nothing to say.
std::string to_string(const FirmwareFacts& facts);

enum class Confidence {
  confirmed,  // both routes agree, or one is known and the other has nothing to say
  probable,   // the descriptor alone: the firmware is not there or cannot be read
  ambiguous,  // several chipsets whose disable bits lie at different places
  conflict,   // descriptor and firmware name different chipsets
  unknown,
};
// "confirmed", "probable", "ambiguous", "conflict", "unknown".
std::string_view to_string(Confidence confidence) noexcept;

struct Platform {
  Confidence confidence = Confidence::unknown;
  std::string name = "unknown";         // "CNP-LP", "CPT/PPT"; stable
  std::string title{};                  // "Cannon Point-LP (Whiskey/Coffee/Cannon Lake-U)"
  std::vector<std::string> families{};  // every chipset it can be, as in the tables
  std::vector<std::string> evidence{};  // one line each
};

// Combines both routes and the strap shapes.
Platform identify_platform(const flash::FlashDescriptor& descriptor, const FirmwareFacts& facts);

}  // namespace quell::intel
