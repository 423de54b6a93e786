// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "quell/host/root.h"
#include "quell/survey/status.h"

namespace quell {

struct CaptureOptions {
  StatusOptions status{};
  bool identifiers = false;  // keep serial numbers and addresses: whole tables instead of the parts status reads
};

// Everything that collect_status() reads of this root, as the entries of a tree on which it gives the same result.
// Unless asked for, nothing that identifies the one machine stays in it.
host::Entries capture(const host::Root& root, const CaptureOptions& options);

}  // namespace quell
