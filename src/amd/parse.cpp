// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "amd/firmware.h"
#include "amd/partial.h"
#include "amd/walk.h"

namespace quell::amd {

Result<EmbeddedFirmware> parse(ByteView file, const Search& search) {
  EmbeddedFirmware firmware;
  WalkBudget budget;
  std::vector<Efs> found = find_efs(file, search);
  const bool any_sound = std::ranges::any_of(found, &Efs::has_directories);
  for (Efs& efs : found) {
    if (any_sound && !efs.has_directories) {
      firmware.without_directories.push_back(efs.offset);
      continue;
    }
    Rom rom{.efs = std::move(efs)};
    walk(rom, file, budget);
    firmware.roms.push_back(std::move(rom));
  }
  if (!any_sound && search.by_headers) {
    const Range body = search.body.value_or(file.range()).intersection(file.range());
    std::vector<std::uint64_t> directories = find_directories(file, body);
    if (!directories.empty()) {
      firmware.roms.assign(1, Rom{.efs = absent_structure(body)});
      walk_found(firmware.roms.front(), file, directories, budget);
    }
  }
  if (firmware.roms.empty()) return fail(Errc::unrecognised, "there is no AMD Embedded Firmware Structure in it");
  return firmware;
}

const Payload* Rom::payload_of(const Entry& entry) const noexcept {
  return entry.payload && *entry.payload < payloads.size() ? &payloads[*entry.payload] : nullptr;
}

}  // namespace quell::amd
