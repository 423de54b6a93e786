// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/override.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace quell {
namespace {

constexpr std::array all{
    Override::boot_guard,     Override::me12_strip,      Override::overlaps,         Override::sizes,
    Override::reported_place, Override::place,           Override::descriptor_alone, Override::verified_descriptor,
    Override::tpm_loss,       Override::shrink,          Override::unknown_content,  Override::regions,
    Override::untested_chip,  Override::internal,        Override::read_only_vault,  Override::no_room,
    Override::findings,       Override::protection,      Override::register_write,   Override::controller,
    Override::confirmation,   Override::wiring,          Override::level_adapter,    Override::definition,
    Override::no_descriptor,  Override::interrupted_job, Override::component};

}  // namespace

std::string_view to_string(Override override_) noexcept {
  switch (override_) {
    case Override::boot_guard: return "boot-guard";
    case Override::me12_strip: return "me12-strip";
    case Override::overlaps: return "overlaps";
    case Override::sizes: return "sizes";
    case Override::reported_place: return "reported-place";
    case Override::place: return "place";
    case Override::descriptor_alone: return "descriptor-alone";
    case Override::verified_descriptor: return "verified-descriptor";
    case Override::tpm_loss: return "tpm-loss";
    case Override::shrink: return "shrink";
    case Override::unknown_content: return "unknown-content";
    case Override::regions: return "regions";
    case Override::untested_chip: return "untested-chip";
    case Override::internal: return "internal";
    case Override::read_only_vault: return "read-only-vault";
    case Override::no_room: return "no-room";
    case Override::findings: return "findings";
    case Override::protection: return "protection";
    case Override::register_write: return "register-write";
    case Override::controller: return "controller";
    case Override::confirmation: return "confirmation";
    case Override::wiring: return "wiring";
    case Override::level_adapter: return "level-adapter";
    case Override::definition: return "definition";
    case Override::no_descriptor: return "no-descriptor";
    case Override::interrupted_job: return "interrupted-job";
    case Override::component: return "component";
  }
  return "unknown";
}

std::span<const Override> overrides() noexcept { return all; }

std::optional<Override> override_named(std::string_view name) noexcept {
  const auto found = std::ranges::find(all, name, [](Override one) { return to_string(one); });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

std::vector<Override> Overrides::list() const {
  std::vector<Override> out;
  std::ranges::copy_if(all, std::back_inserter(out), [this](Override one) { return has(one); });
  return out;
}

}  // namespace quell
