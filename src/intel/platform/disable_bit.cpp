// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/disable_bit.h"

#include <algorithm>

#include <fmt/format.h>

#include "intel/platform/protection.h"
#include "intel/platform/straps.h"
#include "intel/platform/tables.h"

namespace quell::intel {
namespace {

bool same_place(const DisableBit& a, const DisableBit& b) {
  return a.of_mch == b.of_mch && a.relative == b.relative && a.bit == b.bit;
}

std::uint64_t section(const flash::FlashDescriptor& d, bool of_mch) {
  return of_mch ? d.mch_strap_section : d.strap_section;
}

DisableBit bit_of(const LocationRow& row, const flash::FlashDescriptor& d) {
  DisableBit bit{row.family, row.strap, row.name, row.evidence, row.source, row.of_mch, *row.offset};
  bit.offset = section(d, row.of_mch) + *row.offset;
  bit.bit = row.bit;
  bit.word = strap_at(d, row.of_mch, *row.offset);
  return bit;
}

// Every place of the families; rows of one place become one bit with the weakest evidence of them.
std::vector<DisableBit> places(const Families& families, const flash::FlashDescriptor& d) {
  std::vector<DisableBit> out;
  for (const LocationRow& row : location_rows()) {
    if (!contains(families, row.family) || !row.written || !row.offset) continue;
    DisableBit bit = bit_of(row, d);
    const auto known = std::ranges::find_if(out, [&](const DisableBit& other) { return same_place(bit, other); });
    if (known == out.end()) {
      out.push_back(std::move(bit));
    } else {
      known->families += "/" + bit.families;
      known->evidence = std::max(known->evidence, bit.evidence);
    }
  }
  return out;
}

void refuse(DisableBits& out, std::string id, std::string reason, std::string settle,
            std::optional<Override> lifted_by) {
  out.refusals.push_back({std::move(id), std::move(reason), std::move(settle), lifted_by});
}

// A chipset as people call it, where the tables have such a name.
const std::string& in_words(const Platform& platform) {
  return platform.title.empty() ? platform.name : platform.title;
}

void judge_identity(DisableBits& out) {
  const Platform& platform = out.platform;
  switch (platform.confidence) {
    case Confidence::confirmed: return;
    case Confidence::probable:
      return refuse(out, "firmware-unknown",
                    fmt::format("the descriptor looks like {}, but {}", in_words(platform), to_string(out.facts)),
                    "a full dump with the signed ME firmware in it", Override::descriptor_alone);
    case Confidence::ambiguous:
      return refuse(out, "platform-ambiguous", fmt::format("the image can be for {}", platform.name),
                    "a full dump with signed firmware that names the chipset", Override::place);
    case Confidence::conflict:
      return refuse(out, "platform-conflict", platform.evidence.back(),
                    "the machine's own dump, whole: one of both parts comes from another board", Override::place);
    case Confidence::unknown:
      return refuse(out, "platform-unknown",
                    fmt::format("{:#04x} straps with FLMAP2 {:#010x} are in no table, and {}", out.strap_count,
                                out.flmap2, to_string(out.facts)),
                    "a full dump with signed ME firmware", Override::place);
  }
}

void judge_evidence(DisableBits& out) {
  if (out.platform.families.empty() || out.platform.confidence == Confidence::conflict ||
      out.platform.confidence == Confidence::ambiguous) {
    return;
  }
  if (out.of_server()) {
    refuse(out, "server", "server firmware (SPS) is not known to obey the bit", "", Override::place);
  }
  switch (weakest_evidence(out.platform.families)) {
    case Evidence::confirmed: return;
    case Evidence::reported:
      return refuse(out, "reported",
                    fmt::format("the place of the bit on {} is reported and not confirmed{}", in_words(out.platform),
                                out.bits.empty() ? "" : fmt::format(" ({})", out.bits.front().source)),
                    "one report of a machine whose engine stopped", Override::reported_place);
    case Evidence::conflicting:
      return refuse(
          out, "conflicting",
          fmt::format("the sources contradict each other about the place of the bit on {}", in_words(out.platform)),
          "a vendor tool's output with the setting changed", Override::place);
    case Evidence::unknown:
      return refuse(out, "location-unknown", fmt::format("no place of the bit is known for {}", in_words(out.platform)),
                    "a vendor tool's output with the setting changed", Override::place);
  }
}

void judge_straps(DisableBits& out, const flash::FlashDescriptor& d) {
  if (!d.version) refuse(out, "descriptor-layout", "the descriptor's sections fit no known layout", "", std::nullopt);
  if (out.bits.empty()) return;
  for (const DisableBit& bit : out.bits) {
    if (!bit.word)
      refuse(out, "strap-outside", fmt::format("{} lies outside the strap section", bit.strap), "", Override::place);
    if (bit.word == 0xFFFFFFFF && !bit.of_mch)
      refuse(out, "strap-blank", fmt::format("{} is 0xffffffff, as if erased", bit.strap), "a good dump", std::nullopt);
  }
  const bool fits = std::ranges::any_of(
      out.platform.families, [&](const std::string& family) { return test_shape(d, family) != Shape::failed; });
  if (!fits) {
    refuse(out, "shape", fmt::format("the straps do not look like those of {}", in_words(out.platform)),
           "an original descriptor of the board", Override::place);
  }
}

void judge_protection(DisableBits& out, const flash::FlashDescriptor& d, ByteView image) {
  const DescriptorCopies copies = find_copies(d, image);
  out.copies = copies.same;
  for (const std::uint64_t at : copies.different) {
    refuse(out, "copies-differ", fmt::format("the second descriptor copy at {:#x} has other straps", at),
           "an original dump of the board", std::nullopt);
  }
  const auto verification = find_verification(image);
  if (!verification) return;
  out.verification = verification->manifest;
  const bool covered = out.bits.empty() || std::ranges::any_of(out.bits, [&](const DisableBit& bit) {
                         return verification->covers(bit.offset);
                       });
  if (covered) {
    refuse(out, "verified",
           "the descriptor carries a verification manifest ($MN2): a change breaks a hash that the board may enforce",
           "", Override::verified_descriptor);
  }
}

void find_traces(DisableBits& out, const flash::FlashDescriptor& d) {
  if (out.platform.families.empty() || out.platform.confidence == Confidence::conflict) return;
  for (const TraceRow& row : trace_rows()) {
    if (common(row.families, out.platform.families).size() != out.platform.families.size()) continue;
    DisableBit bit{.families = out.platform.name,
                   .strap = fmt::format("PCHSTRP{}", row.offset / 4),
                   .name = "not the disable bit here",
                   .relative = row.offset,
                   .offset = d.strap_section + row.offset,
                   .bit = row.bit,
                   .word = strap_at(d, false, row.offset)};
    if (bit.set()) out.traces.push_back(std::move(bit));
  }
}

}  // namespace

std::string_view to_string(Evidence evidence) noexcept {
  switch (evidence) {
    case Evidence::confirmed: return "confirmed";
    case Evidence::reported: return "reported";
    case Evidence::conflicting: return "conflicting";
    case Evidence::unknown: return "unknown";
  }
  return "unknown";
}

std::string to_string(const DisableBit& bit) {
  return fmt::format("{} bit {} (byte {:#x} bit {}, {}, {})", bit.strap, bit.bit, bit.byte_offset(), bit.bit % 8,
                     bit.name, to_string(bit.evidence));
}

std::optional<bool> DisableBits::set() const noexcept {
  if (bits.empty()) return std::nullopt;
  if (std::ranges::any_of(bits, [](const DisableBit& bit) { return !bit.word; })) return std::nullopt;
  return std::ranges::all_of(bits, [](const DisableBit& bit) { return bit.set(); });
}

Overrides lifted_by(const std::vector<Refusal>& refusals) {
  const bool placed =
      std::ranges::any_of(refusals, [](const Refusal& refusal) { return refusal.lifted_by == Override::place; });
  Overrides out;
  for (const Refusal& refusal : refusals) {
    if (!refusal.lifted_by) return {};
    const bool of_table =
        *refusal.lifted_by == Override::reported_place || *refusal.lifted_by == Override::descriptor_alone;
    if (!placed || !of_table) out.add(*refusal.lifted_by);
  }
  return out;
}

DisableBits find_disable_bits(const flash::FlashDescriptor& descriptor, ByteView image, const FirmwareFacts& facts) {
  DisableBits out;
  out.facts = facts;
  out.strap_count = descriptor.strap_count;
  out.flmap2 = descriptor.flmap2;
  out.platform = identify_platform(descriptor, facts);
  out.candidates = places(out.platform.families, descriptor);
  const Evidence evidence = weakest_evidence(out.platform.families);
  const bool one_place =
      out.platform.confidence == Confidence::confirmed || out.platform.confidence == Confidence::probable;
  if (one_place && evidence != Evidence::conflicting && evidence != Evidence::unknown) out.bits = out.candidates;
  judge_identity(out);
  judge_evidence(out);
  judge_straps(out, descriptor);
  judge_protection(out, descriptor, image);
  find_traces(out, descriptor);
  out.warnings = protection_findings(descriptor, image, facts);
  for (const EffectRow& row : effect_rows()) {
    if (!intersects(row.families, out.platform.families)) continue;
    if (row.kind == EffectKind::tpm) {
      out.tpm_possible = true;
    } else {
      out.effects.push_back(fmt::format("{} ({})", row.effect, row.source));
    }
  }
  return out;
}

std::vector<flash::NamedBit> disable_bit_names(ByteView image) {
  const auto descriptor = flash::parse_descriptor(image);
  if (!descriptor) return {};
  const DisableBits found = find_disable_bits(*descriptor, image, firmware_facts(*descriptor, image));
  std::vector<flash::NamedBit> out;
  for (const DisableBit& bit : found.bits) out.push_back({bit.offset, bit.bit, bit.name, true});
  for (const DisableBit& bit : found.candidates) out.push_back({bit.offset, bit.bit, bit.name, false});
  return out;
}

}  // namespace quell::intel
