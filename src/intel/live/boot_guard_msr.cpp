// SPDX-License-Identifier: GPL-2.0-or-later
// The Boot Guard register of the processor.
#include "base/bits.h"
#include "host/provenance.h"
#include "intel/live/live.h"

namespace quell::intel::live {

using namespace host;

Section collect_boot_guard_msr(const Root& root, const Machine& machine) {
  Section section{"boot_guard_msr", "Boot Guard (processor register 0x13a)", {}, {}, {}};
  const std::string path = "/quell/msr/0000013a";
  if (machine.cpu_vendor != "GenuineIntel" || machine.hypervisor) {
    section.summary = "does not apply";
    return section;
  }
  const Reading reading = root.read(path, 8);
  const auto low = ByteView(reading.bytes()).u32(0);
  const auto high = ByteView(reading.bytes()).u32(4);
  if (!reading.ok() || !low || !high) {
    attempted(section.attempts, "/dev/cpu/0/msr at 0x13a", reading);
    section.summary = reading.reach == Reach::denied   ? "unknown: run as root"
                      : !tells_absence(root)           ? std::string(not_told)
                      : reading.reach == Reach::absent ? "unknown: no such register, or the msr module is not loaded"
                                                       : "unknown: " + reading.reason;
    return section;
  }
  if (*low == 0xFFFFFFFFU && *high == 0xFFFFFFFFU) {
    section.summary = "unknown: every bit reads as one";
    return section;
  }
  const auto add = [&](const char* key, const char* label, bool value) {
    section.facts.push_back(fact(key, label, value, "/dev/cpu/0/msr at 0x13a", "root"));
  };
  const bool forced = bits(*low, 4, 4) != 0;
  const bool measured = bits(*low, 5, 5) != 0;
  const bool verified = bits(*low, 6, 6) != 0;
  add("nem_enabled", "cache as RAM set up by the ACM", bits(*low, 0, 0) != 0);
  add("force_anchor", "ACM forced", forced);
  add("measured_boot", "measured boot", measured);
  add("verified_boot", "verified boot", verified);
  add("capable", "Boot Guard capability", bits(*high, 0, 0) != 0);
  // Bit 32 clear is no proof of absence: a machine with Boot Guard reads 0 in one public report.
  section.summary = verified   ? (forced ? "verified boot, enforced" : "verified boot")
                    : measured ? "measured boot"
                               : "not used, as far as this register shows";
  return section;
}

}  // namespace quell::intel::live
