// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intel/product.h"
#include "quell/engine_status.h"

namespace quell::intel::live {

// Which tables apply. Hardware alone often leaves a span of firmware generations: only what holds for the whole
// span is then decoded.
struct Generation {
  Product kind = Product::me;
  unsigned from = 0;  // major versions
  unsigned to = 99;
  bool inferred = false;  // guessed from HFSTS1, because neither version nor PCI id is known
};

// Narrows an unknown generation by HFSTS1: bits 31:30 (D0i3, D3) are only ever set from ME 11 on; mode 15 is
// server firmware up to SPS 4. A register of all ones tells nothing.
Generation refine(Generation generation, const host::Registers& registers);

// Every field of the registers that is defined for the generation, in register order (data/hfsts-fields.csv,
// data/hfsts-values.csv). Registers of all ones have none. Fields that only one source knows are left out unless
// `unsure` is set.
std::vector<Field> decode(const host::Registers& registers, const Generation& generation, bool unsure = true);

// The field of that key; nullptr when it is not defined there.
const Field* find_field(const std::vector<Field>& fields, std::string_view key) noexcept;
// Its value, or nothing.
std::optional<std::uint32_t> field_value(const std::vector<Field>& fields, std::string_view key) noexcept;

// What the state inside the progress phase means: "0x4d (CPU reset polling finished)"; just the number where no
// source names it (data/hfsts-states.csv).
std::string phase_state_text(const std::vector<Field>& fields, const Generation& generation);

// Judges by the first rule that matches (data/hfsts-verdict-rules.csv); unknown without HFSTS1. Registers 2 to 6
// never change the verdict, except that SKU 6 (server firmware from SPS 5 on) renames running and recovery.
Verdict judge(const host::Registers& registers, const Generation& generation);

// Whether the combination of registers leaves another reading of a HAP verdict open (debug mode halted early).
bool hap_is_certain(const host::Registers& registers, const Generation& generation);

// Boot Guard profile by HFSTS6 (ME 11 to CSME 17) or HFSTS5 (CSME 18 and later).
struct BootGuard {
  std::optional<unsigned> profile{};  // nothing for a combination no profile has
  std::string summary{};              // in words; empty when the registers do not tell
  std::optional<bool> fuses_committed{};
};
BootGuard boot_guard(const std::vector<Field>& fields, const Generation& generation);

// Whether manufacturing was closed; nothing when the registers cannot tell (CSME 18 and later).
std::optional<bool> manufacturing_closed(const std::vector<Field>& fields, const Generation& generation);

}  // namespace quell::intel::live
