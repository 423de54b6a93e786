// SPDX-License-Identifier: GPL-2.0-or-later
// What a user can insist on after a refusal.
#pragma once

#include <cstdint>
#include <initializer_list>
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
  unknown_content,      // write content that no check understands
  regions,              // write outside the regions that were asked for
  untested_chip,        // write a chip that the library never saw
  internal,             // write through the machine's own controller
  read_only_vault,      // go on without a vault that can be written
  no_room,              // go on without room for a second backup
};

// The enumerator's name with '-' for '_': "boot-guard". Stable, part of the JSON interface.
std::string_view to_string(Override override_) noexcept;
// Every one, in the order of the enumeration.
std::span<const Override> overrides() noexcept;

// What the user insists on, or would have to: a set.
class Overrides {
 public:
  Overrides() = default;
  Overrides(std::initializer_list<Override> list) noexcept {
    for (const Override one : list) add(one);
  }
  void add(Override one) noexcept { bits_ |= bit(one); }
  [[nodiscard]] bool has(Override one) const noexcept { return (bits_ & bit(one)) != 0; }
  [[nodiscard]] bool empty() const noexcept { return bits_ == 0; }
  // Whether `other` holds all of these.
  [[nodiscard]] bool within(Overrides other) const noexcept { return (bits_ & ~other.bits_) == 0; }
  // The members, in the order of the enumeration.
  [[nodiscard]] std::vector<Override> list() const;

 private:
  static constexpr std::uint32_t bit(Override one) noexcept { return std::uint32_t{1} << static_cast<unsigned>(one); }
  std::uint32_t bits_ = 0;
};

}  // namespace quell
