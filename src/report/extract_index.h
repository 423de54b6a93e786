// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "survey/extraction.h"

namespace quell::report {

// The index of an extraction as a JSON document of schema quell/2: which file is what, and where it was in the image.
std::string extract_index(const Image& image, const std::vector<ExtractedFile>& files);

}  // namespace quell::report
