// SPDX-License-Identifier: GPL-2.0-or-later
// The bit in the descriptor's straps that asks the Management Engine to stop early: where it is, how sure that is, its
// state, and whether it may be written. docs/guide/disable-bit.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "intel/platform.h"
#include "quell/finding.h"
#include "quell/flash/word_difference.h"
#include "quell/intel/clean.h"
#include "quell/plan.h"

namespace quell::intel {

// How well the place of a bit is known: two independent proofs, one, sources that contradict each other, none.
enum class Evidence { confirmed, reported, conflicting, unknown };
// "confirmed", "reported", "conflicting", "unknown".
std::string_view to_string(Evidence evidence) noexcept;

// One bit of the table data/intel-disable-bits.csv, or one the user gave, in this image.
struct DisableBit {
  std::string families{};  // "CNP-LP/CMP-LP"
  std::string strap{};     // "PCHSTRP28"
  std::string name{};      // "HAP (Intel strap 106)"
  Evidence evidence = Evidence::unknown;
  std::string source{};
  bool of_mch = false;                  // counted from FMSBA instead of FPSBA
  std::uint64_t relative = 0;           // byte offset of the word in its strap section
  std::uint64_t offset = 0;             // image offset of the word
  unsigned bit = 0;                     // 0 to 31
  std::optional<std::uint32_t> word{};  // as stored; nothing when it does not lie in the strap section
  [[nodiscard]] bool set() const noexcept { return word && (*word >> bit & 1U) != 0; }
  // The byte that holds the bit, and the bit in it: what people quote as "0x172:0".
  [[nodiscard]] std::uint64_t byte_offset() const noexcept { return offset + bit / 8; }
};
// "PCHSTRP28 bit 16 (byte 0x172 bit 0, HAP (Intel strap 106), confirmed)"
std::string to_string(const DisableBit& bit);

// Why the bit must not be written.
struct Refusal {
  std::string id{};                     // "platform-unknown", "reported", ...; stable
  std::string reason{};                 // with the evidence
  std::string settle{};                 // which input would settle it
  std::optional<Override> lifted_by{};  // nothing when nothing lifts it
};

// What lifts all of them; empty when one stands for good. A place of the user's own lifts what is wrong with the
// table's.
Overrides lifted_by(const std::vector<Refusal>& refusals);

// Everything about the disable bit of one image.
struct DisableBits {
  Platform platform{};
  FirmwareFacts facts{};
  std::uint32_t strap_count = 0, flmap2 = 0;
  std::vector<DisableBit> bits{};        // those that are written: one, or two on ICH8 to ICH10
  std::vector<DisableBit> candidates{};  // every place that the possible chipsets have, `bits` included
  std::vector<Refusal> refusals{};       // empty: may be written
  std::vector<std::uint64_t> copies{};   // image offsets of further descriptor copies with the same straps
  std::vector<DisableBit> traces{};      // bits that other tools set at wrong places
  std::vector<Finding> warnings{};       // what the user should know before a write
  std::vector<std::string> effects{};    // what else stops working on this platform
  bool tpm_possible = false;             // the platform's TPM can be the engine's (Intel PTT)
  std::optional<Range> verification{};   // a $MN2 manifest of descriptor verification

  [[nodiscard]] bool ready() const noexcept { return refusals.empty(); }
  // Whether all bits are set; nothing when the place is not known.
  [[nodiscard]] std::optional<bool> set() const noexcept;
  // Server firmware (SPS) is not known to obey the bit.
  [[nodiscard]] bool of_server() const noexcept { return facts.product == "SPS"; }
  // Whether all bits are set, under firmware that obeys them.
  [[nodiscard]] bool halts() const noexcept { return set() == true && !of_server(); }
};

// Never writes and never fails on damage: what stands in the way becomes a refusal.
DisableBits find_disable_bits(const flash::FlashDescriptor& descriptor, ByteView image, const FirmwareFacts& facts);

// The disable bits of this descriptor's platform, for those who name words of a descriptor: certain where the place is
// known, else every place that the possible chipsets have. Empty without a descriptor.
std::vector<flash::NamedBit> disable_bit_names(ByteView image);

// What the table knows of a machine's chipset without its image.
struct KnownPlace {
  std::string chipset{};  // "Arrow Lake"
  Evidence evidence = Evidence::unknown;
};
// By the chipsets that the machine can have (names of data/intel-disable-bits.csv) and the version of the firmware that
// runs on it. Unknown also where they have the bit at different places. Clean sets a confirmed one only by itself.
KnownPlace known_place(std::vector<std::string> families, const std::optional<Version>& firmware);

struct DisableOptions {
  bool on = true;
  // reported_place, descriptor_alone and verified_descriptor count. Override::place is said by `at`.
  Overrides accepted{};
  std::optional<UserLocation> at{};  // instead of the table
};

// What a plan for the bit did.
struct DisableEdits {
  std::vector<DisableBit> bits{};  // as they were before
  bool already = false;            // nothing to do
  bool user_location = false;
};

// Adds the edits to the plan: exactly the bits, in every descriptor copy. Errc::refused with what was found, the
// candidates and what would change, where the rule says no. Offsets are those of the view that the
// descriptor was read from, which must be the builder's.
Result<DisableEdits> plan_disable(PlanBuilder& builder, const flash::FlashDescriptor& descriptor,
                                  const DisableBits& found, const DisableOptions& options);

// What the user should read with such a plan: already done, location of their own, locks, what to keep.
std::vector<Finding> disable_notices(const DisableBits& found, const DisableEdits& edits, bool on);
// What is known to stop working on this platform once the bit is set.
std::vector<Finding> disable_costs(const DisableBits& found);

}  // namespace quell::intel
