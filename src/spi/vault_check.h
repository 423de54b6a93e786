// SPDX-License-Identifier: GPL-2.0-or-later
// Whether everything is in the vault that should be there, and mending what can be mended.
#pragma once

#include "spi/vault.h"

namespace quell::spi {

struct VaultReport {
  std::vector<std::string> problems{};  // something is lost, damaged or missing; each names the file
  std::vector<std::string> notes{};     // odd, and no loss
  std::size_t objects = 0, manifests = 0, jobs = 0;
  [[nodiscard]] bool sound() const noexcept { return problems.empty(); }
};

// Objects, their copies, manifests, jobs and the index, each against the others.
VaultReport check_vault(const Vault& vault);

struct RepairReport {
  std::vector<std::string> mended{};
  std::vector<std::string> lost{};  // what no copy is left of
};

// Writes damaged and missing copies again from whole ones, and the index from what is there. What is damaged beyond use
// is moved to the vault's folder `lost`; nothing is deleted. Call with the vault locked.
Result<RepairReport> repair_vault(Vault& vault);

}  // namespace quell::spi
