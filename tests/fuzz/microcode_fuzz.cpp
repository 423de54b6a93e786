// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a BIOS image or a file of microcode updates.
#include "flash/microcode.h"
#include "fuzz/show.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  static_cast<void>(flash::looks_like_microcode(file));
  flash::MicrocodeFile updates = flash::parse_microcode_file(file);
  std::vector<Component> trees;
  for (const flash::Microcode& update : updates.updates) {
    if (!file.range().contains(update.range)) __builtin_trap();
    trees.push_back(flash::describe(update));
    for (Finding& finding : flash::audit(update)) updates.problems.push_back(std::move(finding));
  }
  fuzz::show(file, std::move(trees), std::move(updates.problems));
  return 0;
}
