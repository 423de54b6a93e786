// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "quell/byte_view.h"
#include "quell/survey/report.h"

namespace quell::report {

// The firmware of an image as a bill of materials (CycloneDX 1.6, JSON): a component for each engine's firmware and for
// each of its parts, with version, supplier, SHA-256, place in the file, and known advisories as vulnerabilities. The
// same image gives the same bytes, whatever the file is called and wherever it lies.
std::string to_cyclonedx(const Report& report, ByteView image);

}  // namespace quell::report
