// SPDX-License-Identifier: GPL-2.0-or-later
// A signing ticket that somebody saved (SHSH blob): an XML property list whose "ApImg4Ticket" is the manifest in
// base64.
#pragma once

#include <optional>

#include "quell/byte_view.h"

namespace quell::apple {

struct Ticket {
  Range range{};      // of the base64 text in the file
  Buffer manifest{};  // what it says, as far as it goes
  bool whole = true;  // the text ends where it should and is base64 throughout
};

// Nothing where the file is no property list with a ticket in it that begins like an Image4 manifest.
std::optional<Ticket> read_ticket(ByteView file);

}  // namespace quell::apple
