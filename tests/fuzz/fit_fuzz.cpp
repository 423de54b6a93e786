// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a BIOS image. The firmware interface table, through the pointer below
// the top of the image and through those of swapped blocks.
#include "flash/fit.h"
#include "fuzz/show.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  const Image image("fuzz", file);
  const flash::FitSearch search = flash::find_fit({file, "whole image", true}, image.landmarks());
  std::vector<Component> trees;
  for (const flash::Fit& table : search.tables) {
    if (!file.range().contains(table.range)) __builtin_trap();
    trees.push_back(flash::describe(table));
  }
  fuzz::show(file, std::move(trees), search.problems);
  return 0;
}
