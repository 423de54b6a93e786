// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "model/document.h"
#include "quell/survey/report.h"

namespace quell::report {

// The first bytes of components for the hex pane, in base64, by the anchor that the viewer gives a component: the id of
// its tree ("layout", "uefi", an engine's id, from the second of a kind on with "-2"), '/', its path. The components
// nearest to the roots come first, and so many that a page stays small. Unless `identifiers`, bytes that can hold a MAC
// address or a serial number are an empty text.
doc::Value heads_of(const Report& report, ByteView bytes, bool identifiers);

}  // namespace quell::report
