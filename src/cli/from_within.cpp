// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "cli/flashing.h"
#include "report/chip/advice.h"
#include "spi/internal.h"
#include "survey/host_access.h"

namespace quell::cli {

Result<std::optional<flash::HostAccess>> look_from_within(ChipSession& chip, spi::ReadOptions& reading) {
  if (!chip.access->programmer().internal()) return std::nullopt;
  const auto root = host::live_root();
  QUELL_TRY(flash::HostAccess advice,
            spi::look_from_within(*chip.access, [&](ByteView start) { return host_access(*root, start); }));
  chip.console.notice(report::chip::advice_text(advice));
  for (const std::string& risk : risks_of_writing(*root)) chip.console.notice(risk);
  reading.unread = advice.not_readable();
  return advice;
}

}  // namespace quell::cli
