// SPDX-License-Identifier: GPL-2.0-or-later
// Who can feed this parser: anyone who hands over a FIP, the package that holds the first programs of an ARM board. Its
// table, encryption headers, certificates, and what the monitor and the trusted OS in it say of themselves.
#include "arm/fip.h"
#include "fuzz/show.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  if (size > fuzz::largest_input) return 0;
  const ByteView file = fuzz::view_of(data, size);
  static_cast<void>(arm::looks_like_known_fip(file));
  const auto fip = arm::parse_fip(file);
  if (!fip) return 0;
  fuzz::show(file, {arm::describe(*fip)}, arm::audit(*fip));
  for (const arm::FipEntry& entry : fip->entries) {
    if (!file.range().contains(entry.content.range())) __builtin_trap();
  }
  if (const arm::FipEntry* monitor = fip->find("soc-fw")) static_cast<void>(arm::read_monitor(monitor->content));
  if (const arm::FipEntry* os = fip->find("tos-fw")) static_cast<void>(arm::trusted_os_of(os->content));
  return 0;
}
