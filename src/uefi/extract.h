// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "quell/component.h"
#include "quell/image.h"

namespace quell::uefi {

// One piece of the firmware as a file. Without `stream` its bytes are the range in the image, else the range in it.
struct Piece {
  std::string path{};  // "bios/<GUID>-<name>/<n>-<type>.bin", "bios/keys/PK-0.der"
  std::string kind{};  // "firmware-section", "firmware-file", "certificate"
  Range range{};
  std::shared_ptr<const Buffer> stream{};
  Attributes attributes{};
};

// The contents of all files, unpacked, and the certificates of Secure Boot's lists.
std::vector<Piece> pieces(const Image& image);

}  // namespace quell::uefi
