// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "intel/firmware.h"
#include "quell/finding.h"

namespace quell::intel {

// Whether the machine's TPM can be the engine's. unknown: the firmware is not in the image.
enum class FirmwareTpm { absent, present, unknown };
FirmwareTpm firmware_tpm(const Firmware& firmware, const std::optional<CseImage>& cse);

FirmwareTpm firmware_tpm(ByteView region, bool ich_descriptor);

// What switching the engine off does to it, as a warning; nothing where the machine's TPM cannot be the engine's.
// `platform` tells where the firmware does not.
std::optional<Finding> tpm_finding(FirmwareTpm tpm, const DisableBits* platform);

// That for an image which is about to be written: nothing unless it switches the engine off.
std::optional<Finding> tpm_loss(ByteView image);

// That loss as a refusal, which Override::tpm_loss lifts.
Error tpm_refusal(const Finding& loss);

}  // namespace quell::intel
