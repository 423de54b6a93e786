// SPDX-License-Identifier: GPL-2.0-or-later
// The boot entries of an image, as somebody notes them before flashing: a chip that is written back, or whose variables
// are lost, no longer has those that were made since.
#pragma once

#include <string>
#include <vector>

#include "quell/survey/report.h"

namespace quell::report {

struct BootNote {
  std::string name{};         // "Boot0001"
  std::string description{};  // "Debian"
  std::string path{};         // the device path as text
  std::string command{};  // an efibootmgr call that makes it again; empty where the path names no file on a partition
};

// In the order of the report; empty where the image holds none.
std::vector<BootNote> boot_notes(const Report& report);

// What to note, one entry a paragraph, with a command that makes it again; empty where there is nothing to note. The
// commands stand on lines of their own, which must not be broken.
std::string boot_notes_text(const Report& report);

}  // namespace quell::report
