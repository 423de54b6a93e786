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
};

struct UpdateImage {
  ByteView bytes{};
  Manifest manifest{};
  SignatureState signature = SignatureState::invalid;
  SigningKey key{};
  std::vector<UpdatePartition> partitions{};
};

// Nothing where the file does not begin with a manifest.
std::optional<UpdateImage> parse_update(ByteView body);

EngineReport report_update(const UpdateImage& update, Depth depth);
std::vector<Artifact> artifacts_of(const UpdateImage& update);

}  // namespace quell::intel
