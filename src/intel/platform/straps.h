// SPDX-License-Identifier: GPL-2.0-or-later
// Strap words by their byte offset, and the tests on their content that tell chipsets apart.
#pragma once

#include <optional>
#include <string_view>

#include "intel/platform/tables.h"
#include "quell/flash/descriptor.h"

namespace quell::intel {

// The word at FPSBA + offset, or FMSBA + offset; nothing outside the strap section.
std::optional<std::uint32_t> strap_at(const flash::FlashDescriptor& descriptor, bool of_mch, std::uint64_t offset);

enum class Shape { none, passed, failed };  // none: the family defines no test
Shape test_shape(const flash::FlashDescriptor& descriptor, std::string_view family);

}  // namespace quell::intel
