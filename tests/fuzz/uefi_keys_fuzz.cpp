// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a BIOS image or may set the variables of Secure Boot: signature lists
// with and without the signature before them.
#include "fuzz/show.h"
#include "uefi/secure_boot.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView content = fuzz::view_of(data, size);
  uefi::SecureBoot keys;
  for (const char* name : {"PK", "dbx"}) {
    keys.variables.push_back(uefi::read_key_list(name, "variable", content));
    keys.defaults.push_back(uefi::read_signed_key_list(name, "firmware file", content));
  }
  for (const uefi::KeyList& list : keys.variables) {
    if (list.certificates.size() != list.owners.size()) __builtin_trap();
  }
  static_cast<void>(judge(keys));
  return 0;
}
