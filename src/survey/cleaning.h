// SPDX-License-Identifier: GPL-2.0-or-later
// Cleaning asked for any file: what is no image that can be cleaned says what it is instead.
#pragma once

#include "quell/image.h"
#include "quell/intel/clean.h"

namespace quell {

// What to do: the disable bit, the removal, or, with neither, what intel::plan_default() does.
struct CleaningChoice {
  bool soft = false;
  bool strip = false;
};

// Recognises the image and plans its cleaning. `strip` and `soft_disable` of the options are ignored. Errors as those
// of intel::plan_clean(); Errc::refused, with the reason, for an engine that nothing can be done about;
// Errc::unsupported for what is recognised and cannot be cleaned, or only after it has been taken out of its file.
Result<intel::CleanPlan> plan_cleaning(Image& image, CleaningChoice choice, intel::CleanOptions options);

}  // namespace quell
