// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "quell/image.h"

namespace quell {

// Says what the file is and fills `image.what` and `image.regions`: by its flash descriptor, by the headers that the
// engines and the flash layout know, by what is wrapped in it. Never fails: what nobody knows is "unrecognised". Looks
// at the start of the file first and searches further only then, so the usual case costs a few bytes.
void recognise(Image& image);

// The title that these bytes get: "full flash dump with an Intel descriptor".
std::string title_of(Bytes content);

}  // namespace quell
