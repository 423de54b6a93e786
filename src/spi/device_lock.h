// SPDX-License-Identifier: GPL-2.0-or-later
// One quell a programmer, whoever runs it and whatever its environment says: the device node itself is locked, and
// where there is none (USB, network) a name that all users of this machine share.
#pragma once

#include "base/file_descriptor.h"
#include "quell/result.h"
#include "spi/programmer.h"

namespace quell::spi {

// Held by every process that has a copy of the descriptor. Refused while another one holds it; Errc::io when it cannot
// be taken at all: nothing goes on without it.
Result<FileDescriptor> lock_device(const Programmer& programmer);

}  // namespace quell::spi
