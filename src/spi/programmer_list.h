// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "quell/result.h"

namespace quell::spi {

// The names of the programmers that the library is built with, sorted. Nothing is opened.
Result<std::vector<std::string>> library_programmers(const std::filesystem::path& worker);

}  // namespace quell::spi
