// SPDX-License-Identifier: GPL-2.0-or-later
// The rule by which the disable bit is written, or refused with everything the user needs to decide.
#include <algorithm>

#include <fmt/format.h>

#include "base/number.h"
#include "intel/disable_bit.h"
#include "intel/platform/straps.h"

namespace quell::intel {
namespace {

// What the user took on. A place of their own replaces identity and table, not the descriptor's own protections.
bool lifted(const Refusal& refusal, const DisableOptions& options) {
  if (!refusal.lifted_by) return false;
  switch (*refusal.lifted_by) {
    case Override::place: return options.at.has_value();
    case Override::reported_place:
    case Override::descriptor_alone: return options.at.has_value() || options.accepted.has(*refusal.lifted_by);
    default: return options.accepted.has(*refusal.lifted_by);
  }
}

std::string change_text(const DisableBit& bit, bool on) {
  if (!bit.word) return to_string(bit) + " lies outside the straps";
  const unsigned shift = bit.bit / 8 * 8;
  const std::uint32_t old_byte = *bit.word >> shift & 0xFFU;
  const std::uint32_t mask = 1U << bit.bit % 8;
  const std::uint32_t new_byte = on ? old_byte | mask : old_byte & ~mask;
  return fmt::format("{}: {:#04x} {} {:#04x}", to_string(bit), old_byte, old_byte == new_byte ? "stays" : "to",
                     new_byte);
}

std::string candidates_text(const DisableBits& found, bool on) {
  if (found.candidates.empty()) return "no place is known";
  std::vector<std::string> lines;
  for (const DisableBit& bit : found.candidates)
    lines.push_back(fmt::format("{} {}", bit.families, change_text(bit, on)));
  return fmt::format("candidates: {}", fmt::join(lines, "; "));
}

Error refusal_error(const DisableBits& found, const DisableOptions& options, const std::vector<Refusal>& standing) {
  std::vector<std::string> reasons;
  std::vector<std::string> settled;
  for (const Refusal& refusal : standing) {
    reasons.push_back(refusal.reason);
    if (!refusal.settle.empty()) settled.push_back("; settled by " + refusal.settle);
  }
  Error error{Errc::refused, "", std::nullopt, lifted_by(standing)};
  error.message =
      fmt::format("the disable bit stays as it is: {}. Found: {} ({}), {:#04x} straps, FLMAP2 {:#010x}, {}; {}{}{}",
                  fmt::join(reasons, "; "), found.platform.name, to_string(found.platform.confidence),
                  found.strap_count, found.flmap2, to_string(found.facts), candidates_text(found, options.on),
                  fmt::join(settled, ""), error.lifted_by.empty() ? "; nothing overrides this" : "");
  return error;
}

Result<DisableBit> user_bit(const flash::FlashDescriptor& descriptor, const UserLocation& at) {
  const auto word = strap_at(descriptor, false, at.offset);
  if (!word || at.bit > 31) {
    return fail(Errc::usage, fmt::format("the place {:#x}:{} must be a multiple of 4 inside the {} straps, and a bit "
                                         "from 0 to 31",
                                         at.offset, at.bit, descriptor.strap_count));
  }
  if (*word == 0xFFFFFFFF) {
    return fail(Errc::refused, fmt::format("the strap at {:#x} is 0xffffffff, as if erased", at.offset),
                descriptor.strap_section + at.offset);
  }
  return DisableBit{.families = "as the user says",
                    .strap = fmt::format("PCHSTRP{}", at.offset / 4),
                    .name = "location supplied by the user",
                    .evidence = Evidence::unknown,
                    .relative = at.offset,
                    .offset = descriptor.strap_section + at.offset,
                    .bit = at.bit,
                    .word = word};
}

std::string reason_text(const DisableBit& bit, bool on, bool users) {
  return fmt::format("{}: {} bit {}{}", bit.strap, on ? "set" : "clear", bit.bit,
                     users ? ", location supplied by the user" : fmt::format(" ({})", bit.name));
}

Result<void> write_bit(PlanBuilder& builder, const DisableBit& bit, std::uint64_t copy, bool on,
                       const std::string& reason) {
  const std::uint64_t offset = bit.offset + copy;
  QUELL_TRY(const auto word, builder.u32(offset));
  const std::uint32_t mask = 1U << bit.bit;
  const std::uint32_t wanted = on ? word | mask : word & ~mask;
  return wanted == word ? Result<void>{} : builder.set_u32(offset, wanted, reason);
}

}  // namespace

Result<UserLocation> parse_location(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const auto offset = parse_hex(text.substr(0, colon));
  const auto bit =
      colon == text.size() ? std::optional(UserLocation{}.bit) : parse_decimal<unsigned>(text.substr(colon + 1));
  if (!offset || !bit || *bit > 31 || *offset % 4 != 0) {
    return fail(Errc::usage, fmt::format("'{}' is no place of a bit: give OFFSET[:BIT], the hexadecimal offset of the "
                                         "strap from FPSBA (a multiple of 4) and a bit from 0 to 31, as in 0x70:16",
                                         text));
  }
  return UserLocation{*offset, *bit};
}

Result<DisableEdits> plan_disable(PlanBuilder& builder, const flash::FlashDescriptor& descriptor,
                                  const DisableBits& found, const DisableOptions& options) {
  std::vector<Refusal> standing;
  // Nothing is at stake where every bit is as wanted already; what nothing lifts says that the straps are not sound.
  const bool as_wanted = !options.at && found.set() == options.on;
  for (const Refusal& refusal : found.refusals) {
    if (!lifted(refusal, options) && (!as_wanted || !refusal.lifted_by)) standing.push_back(refusal);
  }
  if (!standing.empty()) return tl::unexpected<Error>(refusal_error(found, options, standing));

  DisableEdits edits;
  edits.user_location = options.at.has_value();
  if (options.at) {
    QUELL_TRY(auto bit, user_bit(descriptor, *options.at));
    edits.bits.push_back(std::move(bit));
  } else {
    edits.bits = found.bits;
  }
  std::vector<std::uint64_t> copies{0};
  copies.insert(copies.end(), found.copies.begin(), found.copies.end());
  edits.already = true;
  for (const DisableBit& bit : edits.bits) {
    edits.already = edits.already && bit.set() == options.on;
    const std::string reason = reason_text(bit, options.on, edits.user_location);
    for (const std::uint64_t copy : copies) QUELL_CHECK(write_bit(builder, bit, copy, options.on, reason));
  }
  return edits;
}

std::vector<Finding> disable_notices(const DisableBits& found, const DisableEdits& edits, bool on) {
  std::vector<Finding> notices;
  const auto note = [&](std::string id, Question question, Severity severity, std::string title) {
    notices.push_back({.id = std::move(id), .question = question, .severity = severity, .title = std::move(title)});
  };
  if (edits.already) {
    note("intel.disable-bit.already", Question::descriptor, Severity::info,
         fmt::format("the bit is {} already", on ? "set" : "clear"));
  }
  if (edits.user_location) {
    note("intel.disable-bit.user-location", Question::descriptor, Severity::warning,
         "location supplied by the user: nothing vouches for it being the disable bit");
  }
  for (const DisableBit& trace : found.traces) {
    note("intel.disable-bit.trace", Question::descriptor, Severity::warning,
         fmt::format("{} bit {} is set too, a place that is not the disable bit on {}; it is left alone", trace.strap,
                     trace.bit, found.platform.name));
  }
  notices.insert(notices.end(), found.warnings.begin(), found.warnings.end());
  if (!on) return notices;
  // Boot Guard came with Haswell, whose engine is ME 9.
  const bool older = found.facts.product == "ME" && found.facts.version && found.facts.version->major < 9;
  if (older) return notices;
  note("intel.disable-bit.boot-guard", Question::descriptor, Severity::info,
       "Boot Guard is expected to keep working, but the image cannot prove it; keep the original dump");
  return notices;
}

std::vector<Finding> disable_costs(const DisableBits& found) {
  std::vector<Finding> out;
  for (const std::string& effect : found.effects) {
    out.push_back({.id = "intel.disable-bit.side-effect",
                   .question = Question::descriptor,
                   .severity = Severity::warning,
                   .title = effect});
  }
  return out;
}

}  // namespace quell::intel
