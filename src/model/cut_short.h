// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "quell/byte_view.h"
#include "quell/finding.h"

namespace quell {

// An error of the question "size": the header of what lies in `file` (`what`: "the part") announces `needed` bytes, and
// the file holds fewer. `advice` says where a whole one comes from.
Finding cut_short(std::string_view id, std::string_view what, std::uint64_t needed, ByteView file,
                  std::string_view advice);

}  // namespace quell
