// SPDX-License-Identifier: GPL-2.0-or-later
// Where the real images and recorded results lie, for the tests that compare with them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace quell::test {

// The environment's QUELL_SHARED leads elsewhere, or nowhere: what do the tests find without real images?
inline std::filesystem::path shared(std::string_view relative) {
  const char* elsewhere = std::getenv("QUELL_SHARED");
  return std::filesystem::path(elsewhere != nullptr ? elsewhere : QUELL_SHARED) / relative;
}

// Every image in ../shared/corpus as it stands, without the archives and the texts that lie among them.
inline std::vector<std::filesystem::path> corpus_images() {
  constexpr std::array<std::string_view, 4> others{".xz", ".txt", ".json", ".md"};
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(shared("corpus"))) {
    if (entry.is_regular_file() && std::ranges::count(others, entry.path().extension().string()) == 0) {
      out.push_back(entry.path());
    }
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace quell::test

// First line of a test that needs real images.
#define QUELL_NEEDS_SHARED(relative)                             \
  if (!std::filesystem::exists(::quell::test::shared(relative))) \
  GTEST_SKIP() << "needs ../shared/" << (relative) << ", which is not here: real firmware is not part of the project"
