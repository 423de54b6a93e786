// SPDX-License-Identifier: GPL-2.0-or-later
// What the programs of ARM's secure world say of themselves: the EL3 monitor (BL31) and the trusted OS (BL32).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"

namespace quell::arm {

// One image of a version 2 OP-TEE header.
struct OpteeImage {
  std::uint32_t id = 0;                 // 0 pager, 1 pageable
  std::optional<std::uint64_t> load{};  // nothing: the loader decides
  std::uint32_t size = 0;
};

struct OpteeHeader {
  std::uint8_t version = 0;
  bool aarch64 = false;
  std::uint16_t flags = 0;
  std::vector<OpteeImage> images{};  // version 2
  std::uint32_t init_size = 0;       // version 1
  std::uint64_t init_load = 0;
  std::uint32_t init_mem_usage = 0;
  std::uint32_t paged_size = 0;
};

// The header at the start, or behind a 64-byte U-Boot legacy header.
std::optional<OpteeHeader> read_optee(ByteView content);

// A component of kind "optee-header".
Component describe(const OpteeHeader& header);

struct MonitorInfo {
  std::string version{};     // "v2.8(debug):"
  std::string built{};       // "06:31:44, Nov 25 2022"
  std::string dispatcher{};  // "OP-TEE", ...; "none" when its other services are named, empty when nothing is known
};

// The strings of a TF-A BL31.
MonitorInfo read_monitor(ByteView content);

// "OP-TEE", "Trusty (by its strings)", or "trusted OS of unknown kind".
std::string trusted_os_of(ByteView content);

}  // namespace quell::arm
