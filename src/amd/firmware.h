// SPDX-License-Identifier: GPL-2.0-or-later
// The firmware of the AMD Platform Security Processor in a flash image: one Rom for each Embedded Firmware Structure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "amd/directory.h"
#include "amd/efs.h"
#include "amd/payload.h"
#include "quell/component.h"
#include "quell/finding.h"
#include "quell/result.h"

namespace quell {
class Budget;
}  // namespace quell

namespace quell::amd {

// Something wrong that was met on the way through the directories.
struct Defect {
  std::string_view id{};  // of its finding: "amd.directory-recursion"
  std::uint64_t where = 0;
  std::string detail{};
};

// Everything behind one Embedded Firmware Structure.
struct Rom {
  Efs efs{};
  std::vector<Directory> directories{};  // in the order in which the structure leads to them
  std::vector<Defect> defects{};
  std::vector<Payload> payloads{};  // filled by verify()
  std::vector<Key> keys{};          // filled by verify(), by location
  std::uint64_t needed_end = 0;     // how far the directories and entries reach, even where the file does not

  [[nodiscard]] const Payload* payload_of(const Entry& entry) const noexcept;
};

struct EmbeddedFirmware {
  std::vector<Rom> roms{};
  std::vector<std::uint64_t> without_directories{};  // file offsets of signatures that lead nowhere, beside sound ones
};

// Finds every Embedded Firmware Structure and walks its directories. Reads no payload: the cost is that of the
// directories alone, and their number is limited, whatever the image claims. Errc::unrecognised when there is none.
Result<EmbeddedFirmware> parse(ByteView file, const Search& search = {});

// Examines every entry's bytes: digests, headers, keys and signatures through the key hierarchy. The work is
// proportional to the file; bytes that several entries share are looked at once.
void verify(EmbeddedFirmware& firmware, ByteView file);
// The same within what is left of a budget.
void verify(EmbeddedFirmware& firmware, ByteView file, Budget& budget);

// The tree that reports print: the structure, its directories with their entries, the keys. After verify().
Component describe(const Rom& rom);

// Judges what was found. After verify().
std::vector<Finding> audit(const Rom& rom, ByteView file);

// The platform's name, from the PSP ID or the root key; empty when not known.
std::string platform(const Rom& rom);

// What people want to know first: platform, versions, signatures, platform secure boot. After verify(). AGESA's version
// stands in UEFI modules: it is looked for where the image `has_volumes`.
Attributes summarise(const Rom& rom, ByteView file, bool has_volumes = true);

}  // namespace quell::amd
