// SPDX-License-Identifier: GPL-2.0-or-later
// A chip that has lost its contact answers with nothing but ones, which libflashrom takes for "still busy" and asks
// again for ever. What comes over the line is therefore looked at on its way to the library.
#pragma once

#include <chrono>
#include <functional>

#include "quell/byte_view.h"

namespace quell::spi {

// No chip is busy for so long with all of its status bits set.
inline constexpr std::chrono::seconds longest_silence{5};

// From here on, until `end_of_watch`, answers of nothing but ones for `longest_silence` run `on_silence`.
void watch_answers(std::function<void()> on_silence);
void end_of_watch();

// One answer of the chip.
void note_answer(Bytes answer);

}  // namespace quell::spi
