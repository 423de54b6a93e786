// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/protecting.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <fmt/format.h>

#include "spi/failure.h"

namespace quell::spi {
namespace {

using Mode = Protection::Mode;

std::string register_text(const Protection& protection) {
  return protection.status_register ? fmt::format("{:#04x}", *protection.status_register) : std::string("unknown");
}

bool touches(const Protection& protection, const BlockPlan& plan) {
  if (!protection.described) return protection.active();
  const Range locked{protection.start, protection.length};
  for (std::size_t i = 0; i < plan.units.size(); ++i) {
    if (plan.unit(i).intersects(locked)) return true;
  }
  return false;
}

Result<void> set(ChipAccess& access, const Protection& wanted) {
  QUELL_TRY(Attached attached, access.attach());
  if (auto done = attached.worker.set_protection(wanted); !done) {
    return failed("protection-stuck", {{"detail", done.error().detail}});
  }
  static_cast<void>(attached.worker.finish());
  return {};
}

}  // namespace

Result<void> judge_protection(const Protection& protection, const BlockPlan& plan, Overrides accepted) {
  if (!touches(protection, plan)) return {};
  switch (protection.mode) {
    case Mode::permanent: return failed("protected-permanent");
    case Mode::power_cycle: return failed("protected-power-cycle");
    case Mode::hardware: return failed("protected-pin");
    case Mode::none: break;
  }
  // SRP (bit 7 of SR1) on a chip without a description: the library's attempt to lift it would fail while writing.
  if (!protection.described && protection.status_register && (*protection.status_register & 0x80U) != 0) {
    return failed("protected-pin");
  }
  if (accepted.has(Override::protection)) return {};
  const std::string range = protection.described
                                ? fmt::format("{:#x}-{:#x}", protection.start, protection.start + protection.length - 1)
                                : std::string("part of its content");
  return failed("protected-range", {{"range", range}, {"register", register_text(protection)}});
}

std::string snapshot_text(const Protection& protection) {
  return fmt::format("{} {:x} {:x}", static_cast<unsigned>(protection.mode), protection.start, protection.length);
}

std::optional<Protection> parse_snapshot(std::string_view text) {
  const std::string owned(text);
  unsigned mode = 0;
  unsigned long long start = 0, length = 0;
  if (std::sscanf(owned.c_str(), "%u %llx %llx", &mode, &start, &length) != 3 || mode > 3) return std::nullopt;
  Protection protection;
  protection.described = true;
  protection.mode = static_cast<Mode>(mode);
  protection.start = start;
  protection.length = length;
  return protection;
}

Result<void> lift_protection(ChipAccess& access, Journal& journal, const Protection& before) {
  if (!before.active()) return {};
  if (!before.described) {
    access.watcher().notice("the library lifts this chip's protection around every step: this is slow");
    return {};
  }
  QUELL_CHECK(journal.append("snapshot", snapshot_text(before)));
  Protection open;
  open.described = true;
  return set(access, open);
}

Result<void> put_protection_back(ChipAccess& access, Journal& journal, const std::vector<Record>& records) {
  const auto record = std::ranges::find(records, "snapshot", &Record::type);
  if (record == records.end()) return {};
  const auto wanted = parse_snapshot(record->payload);
  if (!wanted) return {};
  const auto same = [&](const Protection& now) {
    return now.mode == wanted->mode && now.start == wanted->start && now.length == wanted->length;
  };
  {
    QUELL_TRY(Attached attached, access.attach());
    const bool there = same(attached.protection);
    static_cast<void>(attached.worker.finish());
    if (there) return {};
  }
  QUELL_CHECK(set(access, *wanted));
  QUELL_TRY(Attached attached, access.attach());
  const bool there = same(attached.protection);
  static_cast<void>(attached.worker.finish());
  if (!there) return failed("protection-stuck", {{"detail", "it reads back differently"}});
  access.watcher().notice(failure_text("protection-restored"));
  return journal.append("protection-restored", snapshot_text(*wanted));
}

}  // namespace quell::spi
