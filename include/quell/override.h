// SPDX-License-Identifier: GPL-2.0-or-later
// What a user can insist on after a refusal.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace quell {

// One thing that is refused unless the user takes it on. The library never names an option: each front end words its
// own, or has none.
enum class Override : std::uint8_t {
  boot_guard,           // strip, or touch protected bytes, although Boot Guard may forbid it
  me12_strip,           // strip ME 12 and later
  overlaps,             // edit a descriptor whose regions overlap or leave the file
  sizes,                // chip sizes that contradict the descriptor
  reported_place,       // set a disable bit whose place rests on one report
  place,                // set a disable bit at a place that the user names
  descriptor_alone,     // set a disable bit by the descriptor alone, without firmware that confirms the chipset
  verified_descriptor,  // change a descriptor that the firmware verifies
  tpm_loss,             // switch off an engine that is this machine's TPM
  shrink,               // cut firmware that the machine needs
  unknown_content,      // after an interruption: write over what is neither the old nor the new content
  regions,              // write outside the regions that were asked for: those that the user names
  untested_chip,        // write a chip that the programmer library has not tested
  internal,             // write through the machine's own controller
  read_only_vault,      // go on without a vault that can be written
  no_room,              // go on without room for a second backup
  findings,             // keep or write content that a check speaks against: the findings that the user names
  protection,           // lift the chip's own write protection for the job
  register_write,       // read a protected chip, which rewrites its status register for a moment
  controller,           // start the machine's own flash controller, which changes its registers
  confirmation,         // write, although nobody can be asked
  wiring,               // talk to the chip, although nobody can be asked about voltage and wires
  level_adapter,        // a 1.8 V chip: a level adapter is in place
  definition,           // the chip is what the user says, where several definitions fit
  no_descriptor,        // the chip is of a board whose flash holds no descriptor
  interrupted_job,      // give up the job that was interrupted on this chip
  component,            // the chip is one of a pair, which one the user says
};

// The enumerator's name with '-' for '_': "boot-guard". Stable, part of the JSON interface.
std::string_view to_string(Override override_) noexcept;
// Every one, in the order of the enumeration.
std::span<const Override> overrides() noexcept;
// The one of that name, as to_string() gives it.
std::optional<Override> override_named(std::string_view name) noexcept;

// What the user insists on, or would have to: a set.
class Overrides {
 public:
  constexpr Overrides() = default;
  constexpr Overrides(std::initializer_list<Override> list) noexcept {
    for (const Override one : list) add(one);
  }
  constexpr void add(Override one) noexcept { bits_ |= bit(one); }
  [[nodiscard]] constexpr bool has(Override one) const noexcept { return (bits_ & bit(one)) != 0; }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  // Whether `other` holds all of these.
  [[nodiscard]] constexpr bool within(Overrides other) const noexcept { return (bits_ & ~other.bits_) == 0; }
  // The members, in the order of the enumeration.
  [[nodiscard]] std::vector<Override> list() const;
  // What either holds.
  friend constexpr Overrides operator|(Overrides a, Overrides b) noexcept {
    a.bits_ |= b.bits_;
    return a;
  }

 private:
  static constexpr std::uint32_t bit(Override one) noexcept { return std::uint32_t{1} << static_cast<unsigned>(one); }
  std::uint32_t bits_ = 0;
};

}  // namespace quell
