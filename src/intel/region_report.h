// SPDX-License-Identifier: GPL-2.0-or-later
// The parts of the report on a classic ME region (generations 1-3).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "intel/advisories.h"
#include "intel/me_region.h"
#include "quell/engine.h"
#include "quell/flash/descriptor.h"

namespace quell::intel {

// What a cleaned image looks like: only FTPR (and what was kept) in the table, and how far the region was cut.
struct CleanState {
  bool stripped = false;                        // a cleaner has been here
  std::optional<std::uint64_t> minimum_size{};  // smallest working size of the region
  bool shortened = false;                       // the region ends before FTPR does, with all needed code inside
};
CleanState clean_state(const MeRegion& me);
// Whether a partition table is what a cleaner leaves: FTPR and what was kept, the rows of the others erased. `base` is
// what the table's place counts from.
bool is_stripped(const FlashPartitionTable& table, ByteView base);

// Region, partition table, partitions, manifests, modules; ranges in image offsets.
Component describe(const MeRegion& me);
// What is wrong with the firmware, or worth knowing.
std::vector<Finding> audit(const MeRegion& me, const CleanState& state);
// The flag in the $DAT record of a manifest of ME 8 to 10 and of TXE 0 to 2; nothing in others.
std::optional<bool> production_ready(const Manifest& manifest, std::string_view family);
// Family, version, signature and so on.
Attributes facts(const MeRegion& me, const CleanState& state);
// "Stock" or "Extracted"; nothing where that cannot be told. Generations 1 and 2.
std::optional<std::string> type_of(const MeRegion& me);
// What removal could do here, and what it would take away.
Action strip_action(const Examined& examined, const CleanState& state);

// What `extract` writes of generations 1 and 2: partitions, modules as stored, those packed with LZMA unpacked, and the
// public key. Huffman modules of generation 2 stay as they are: their dictionary is not part of this program.
std::vector<Artifact> artifacts_of(const MeRegion& me, const std::shared_ptr<Budget>& budget);

// What came of the checksums of a code partition's directory and of a partition table at `range` of the image.
Check directory_check(const CodeDirectory& directory);
Check table_check(const FlashPartitionTable& table, Range range);

// Finding for a manifest whose signature does not hold; nothing when it does.
std::optional<Finding> signature_finding(const Manifest& manifest, SignatureState state, const std::string& where);
// Adds the advisories that firmware of this version falls under.
void name_advisories(EngineReport& report, AdvisedProduct product, const Version& version);
// Component "manifest" with version, date, signature and key.
Component describe_manifest(const Manifest& manifest, SignatureState state, const std::string& name);

}  // namespace quell::intel
