// SPDX-License-Identifier: GPL-2.0-or-later
#include "capi/look.h"

namespace quell::capi {

Report look(const quell_image& handle) {
  Image image(handle.name, handle.view());
  auto report = examine(image, Depth::structure);
  if (report) return *std::move(report);
  Report plain{.file = handle.name, .size = handle.view().size(), .sha256 = image.sha256(), .what = image.what};
  plain.layout = {"image", handle.name, handle.view().range()};
  return plain;
}

}  // namespace quell::capi
