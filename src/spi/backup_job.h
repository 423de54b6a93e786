// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "spi/judge.h"
#include "spi/reading.h"
#include "spi/vault.h"

namespace quell::spi {

struct BackupOptions {
  ReadOptions reading{};
  JudgeOptions judging{};
  std::string note{};
};

struct BackupResult {
  Manifest manifest{};
  Buffer content{};
  bool known_before = false;  // the vault held this content already
  std::vector<Finding> findings{};
};

// Reads the chip until the reads agree, checks what it got and stores it. `wobble` says where reads differed, also when
// nothing was stored.
Result<BackupResult> backup(ChipAccess& access, Vault& vault, const BackupOptions& options, Wobble& wobble);

// What to write down about a read.
Manifest manifest_of(ChipAccess& access, const StableRead& read, const Wobble& wobble, const Title& title);

}  // namespace quell::spi
