// SPDX-License-Identifier: GPL-2.0-or-later
// Files that hold one part of AMD's firmware, as linux-firmware, coreboot's blobs and `extract` have them.
#pragma once

#include <optional>
#include <string>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/finding.h"

namespace quell::amd {

struct Part {
  std::string
      kind{};  // stable: "amd.psp-part", "amd.key-token", "amd.microcode", "amd.apcb", "amd.directory", "amd.efs"
  std::string title{};  // "AMD PSP firmware $PS1, version 00.2D.00.78"
  Attributes facts{};
  Component tree{};  // with what was checked
  std::vector<Finding> findings{};
};

// What the file is, where its own header, size or checksum proves it: a magic alone does not. Nothing for anything
// else.
std::optional<Part> read_part(ByteView file);

}  // namespace quell::amd
