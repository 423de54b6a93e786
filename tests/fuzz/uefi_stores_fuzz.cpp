// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a BIOS image, and any program that runs on the machine and sets
// variables: every layout of a variable store.
#include "fuzz/show.h"
#include "uefi/boot_entries.h"
#include "uefi/secure_boot.h"
#include "uefi/variables.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  std::vector<uefi::VariableStore> stores = uefi::find_stores(file);
  for (uefi::VariableStore& store : uefi::read_nvar(file)) stores.push_back(std::move(store));
  uefi::mark_older(stores);
  for (const uefi::VariableStore& store : stores) {
    if (!file.range().contains(store.range)) __builtin_trap();
    for (const uefi::Variable& one : store.variables) {
      if (!one.data.empty() && !file.range().contains(one.data.range())) __builtin_trap();
    }
  }
  static_cast<void>(uefi::read_boot(stores));
  static_cast<void>(judge(uefi::read_secure_boot(stores)));
  return 0;
}
