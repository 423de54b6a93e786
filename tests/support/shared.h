// SPDX-License-Identifier: GPL-2.0-or-later
// Where the real images and recorded results lie, for the tests that compare with them.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace quell::test {

// The environment's QUELL_SHARED leads elsewhere, or nowhere: what do the tests find without real images?
inline std::filesystem::path shared(std::string_view relative) {
  const char* elsewhere = std::getenv("QUELL_SHARED");
  return std::filesystem::path(elsewhere != nullptr ? elsewhere : QUELL_SHARED) / relative;
}

}  // namespace quell::test

// First line of a test that needs real images.
#define QUELL_NEEDS_SHARED(relative)                             \
  if (!std::filesystem::exists(::quell::test::shared(relative))) \
  GTEST_SKIP() << "needs ../shared/" << (relative) << ", which is not here: real firmware is not part of the project"
