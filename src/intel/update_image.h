// SPDX-License-Identifier: GPL-2.0-or-later
// Update files of ME 2 to 10: one signed manifest with a $UDC record for each partition behind it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "intel/manifest.h"
#include "quell/engine.h"

namespace quell::intel {

struct UpdatePartition {
  std::string name{};
  Range range{};     // in the file, as claimed
  Bytes digest{};    // reversed: SHA-1 under $MAN, SHA-256 under $MN2
  ByteView bytes{};  // as much of it as the file holds
  [[nodiscard]] bool digest_matches(bool is_man) const;
  // How many bytes the file lacks, where the digest holds with each of them 0xFF; else 0.
  [[nodiscard]] std::uint64_t lost_padding(bool is_man) const;
};

struct UpdateImage {
  ByteView bytes{};
  Manifest manifest{};
  SigningKey key{};
  std::vector<UpdatePartition> partitions{};
  std::uint64_t needed = 0;  // where the last module of any of its module tables ends; 0 where there is none
  // The manifest of the last partition, where those of all are of one version: the first one of ME 2 files is of
  // another version and day than what it lists.
  [[nodiscard]] Manifest installed() const;
  // Whether the file is a manifest and nothing else.
  [[nodiscard]] bool is_manifest_alone() const;
};

// Nothing where the file does not begin with a manifest. Verifies nothing yet.
std::optional<UpdateImage> parse_update(ByteView body);

EngineReport report_update(const UpdateImage& update, Depth depth);
std::vector<Artifact> artifacts_of(const UpdateImage& update);

}  // namespace quell::intel
