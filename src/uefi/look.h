// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that is known of the UEFI firmware in one image.
#pragma once

#include <string>
#include <vector>

#include "quell/image.h"
#include "uefi/boot_entries.h"
#include "uefi/firmware.h"
#include "uefi/identity.h"
#include "uefi/secure_boot.h"
#include "uefi/variables.h"

namespace quell::uefi {

// What a module of the firmware has to do with the hidden computers (data/uefi-modules.csv).
enum class Topic { amt, me_talk, me_update, anti_theft, txt, absolute, psp };
// "AMT", "ME talk", ...
std::string_view to_string(Topic topic) noexcept;

struct Module {
  Topic topic = Topic::amt;
  Guid guid{};
  std::string name{};  // as the firmware calls it, else as the table does
  std::string version{};
  Place place{};
};

struct Look {
  Firmware firmware{};
  bool unpacked = false;  // what is packed was looked into: modules and factory keys are known
  std::vector<VariableStore> stores{};
  SecureBoot secure_boot{};
  Boot boot{};
  std::vector<Module> modules{};
  Identity identity{};
};

// Looks into the volumes of an image, or at the one firmware file that it is. `options.leaf` is called as well.
Look look(const Image& image, const WalkOptions& options);

// The same in one block for reports: facts, and a tree of "variable-store", "key-list", "boot-entry" and "bios-module".
struct Summary {
  Attributes facts{};
  Component tree{};
};
Summary summarise(const Look& look);

// What to think of it, beside the damage that the firmware's findings name.
std::vector<Finding> judge(const Look& look);

}  // namespace quell::uefi
