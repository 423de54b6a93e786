// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "quell/component.h"
#include "quell/engine.h"
#include "quell/finding.h"
#include "quell/flash/image_audit.h"
#include "quell/image.h"

namespace quell {

// What UEFI firmware in an image says of itself: who made it, its variables, Secure Boot, boot entries, modules.
struct BiosReport {
  Attributes facts{};
  Component tree{};  // "boot-entry", "key-list", "variable-store", "bios-module"
};

// Everything that is known of one image.
struct Report {
  std::string file{};
  std::uint64_t size = 0;
  Sha256 sha256{};
  Recognition what{};
  Component layout{};           // the flash layout: regions, volumes, ...
  std::vector<Check> checks{};  // what was verified of the layout; `node` is a path in it
  std::optional<BiosReport> bios{};
  std::vector<EngineReport> engines{};
  std::vector<Finding> findings{};  // about the image as a whole

  // The worst severity of all findings, the engines' included; nothing when there are none.
  [[nodiscard]] std::optional<Severity> worst() const;
};

// Looks at an image: recognises it, describes its layout, asks every engine. Fails with Errc::unrecognised, and
// advice on what the file may be, when nothing in it is known. `chip` is what is known of the chip it is the content
// of. What is packed in UEFI volumes is looked into with Depth::everything, or where `unpack` asks for it.
Result<Report> examine(Image& image, Depth depth, const flash::ChipContext& chip = {}, bool unpack = false);

}  // namespace quell
