// SPDX-License-Identifier: GPL-2.0-or-later
// How far a scan is, in words and for programs.
#pragma once

#include <string>

#include "scan/scan.h"

namespace quell::cli {

// "1234 of 9999 files, 310 files/s, 1.2 GB/s, 28 s left; 3 damaged, 1 crash"
std::string progress_text(const scan::Progress& progress);
// One JSON object on one line, with the same and every count.
std::string progress_json(const scan::Progress& progress, bool finished);
// The last word of a scan.
std::string summary_text(const scan::Progress& progress, const std::string& output);
// The same of one that was ended early: how far it came, and how to go on.
std::string stopped_text(const scan::Progress& progress, const std::string& output);

}  // namespace quell::cli
