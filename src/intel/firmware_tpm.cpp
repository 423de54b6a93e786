// SPDX-License-Identifier: GPL-2.0-or-later
// Intel PTT: the module `ptt` of CSME 11 and later, the partition FTPM (its state) of ME 9, 10 and TXE.
#include "intel/firmware_tpm.h"

#include <algorithm>

#include <fmt/format.h>

#include "intel/region_report.h"
#include "quell/flash/descriptor.h"

namespace quell::intel {

FirmwareTpm firmware_tpm(const Firmware& firmware, const std::optional<CseImage>& cse) {
  if (firmware.me && firmware.me->generation == Generation::first) return FirmwareTpm::absent;
  if (firmware.me && firmware.me->generation == Generation::second)
    return firmware.me->table.find("FTPM") != nullptr ? FirmwareTpm::present : FirmwareTpm::absent;
  if (!cse) return FirmwareTpm::unknown;
  const bool module = std::ranges::any_of(cse->partitions,
                                          [](const CsePartition& one) { return one.directory.find("ptt") != nullptr; });
  return module ? FirmwareTpm::present : FirmwareTpm::absent;
}

FirmwareTpm firmware_tpm(ByteView region, bool ich_descriptor) {
  Firmware firmware{.region = region};
  firmware.me = parse_me_region(region, ich_descriptor, firmware.signatures);
  std::optional<CseImage> cse;
  if (auto image = parse_cse(region, firmware.signatures)) cse = *std::move(image);
  return firmware_tpm(firmware, cse);
}

std::optional<Finding> tpm_finding(FirmwareTpm tpm, const DisableBits* platform) {
  if (tpm == FirmwareTpm::absent) return std::nullopt;
  if (tpm == FirmwareTpm::unknown && (platform == nullptr || !platform->tpm_possible)) return std::nullopt;
  return Finding{
      .id = "intel.disable.tpm-lost",
      .question = Question::structure,
      .severity = Severity::warning,
      .title =
          tpm == FirmwareTpm::present
              ? "the firmware TPM of this engine (Intel PTT) goes with it, and what it keeps is lost for good"
              : "if the machine's TPM is the engine's (Intel PTT), it goes too, and what it keeps is lost for good",
      .detail =
          "its endorsement key changes: disks that LUKS or BitLocker unlocks through it stay locked, also after "
          "the engine is let free again",
      .advice = "have the recovery keys at hand, or take the TPM out of disk encryption, before the image is written"};
}

std::optional<Finding> tpm_loss(ByteView image) {
  const auto descriptor = flash::parse_descriptor(image);
  if (!descriptor) return std::nullopt;
  const DisableBits bits = find_disable_bits(*descriptor, image, firmware_facts(*descriptor, image));
  const auto* me = descriptor->me();
  const ByteView region = me != nullptr && me->in_use() ? image.clip(me->range) : ByteView();
  const auto firmware = parse_me_region(region, descriptor->is_ich());
  const bool stripped = firmware && clean_state(*firmware).stripped;
  if (!stripped && bits.set() != true) return std::nullopt;
  return tpm_finding(firmware_tpm(region, descriptor->is_ich()), &bits);
}

Error tpm_refusal(const Finding& loss) {
  return {Errc::refused, fmt::format("{}; {}", loss.title, loss.advice), std::nullopt, {Override::tpm_loss}};
}

}  // namespace quell::intel
