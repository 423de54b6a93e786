// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <set>

#include <fmt/format.h>

#include "amd/audit.h"
#include "amd/read_directory.h"
#include "base/number.h"

namespace quell::amd {
namespace {

constexpr std::string_view fuses_unknown =
    "an image cannot prove that the processor is fused; a fused one boots only images signed with its vendor's key, so "
    "keep the original and do not flash an image of another vendor";
constexpr std::string_view do_not_flash = "the processor refuses altered firmware; do not flash this image";

bool in_psp(const Entry& entry, std::uint8_t type) { return !entry.bios && entry.type == type; }
bool in_bios(const Entry& entry, std::uint8_t type) { return entry.bios && entry.type == type; }
bool holds_data(const Payload* payload) { return payload != nullptr && !payload->blank && !payload->range.empty(); }

void audit_signature(const Entry& entry, const Payload& payload, Findings& findings) {
  const std::uint64_t at = payload.range.offset;
  if (payload.signature && payload.signature->result == SignatureResult::invalid) {
    const KeyId id = payload.signature->signed_by.value_or(KeyId{});
    findings
        .add("amd.signature-invalid", Question::signatures, Severity::error, "a signature does not match",
             fmt::format("type 0x{:02x} {} at {} key {}", entry.type, entry.name(), hex32(at), short_id(id)),
             range_of(entry))
        .advice = do_not_flash;
  }
  for (const SubImage& image : payload.sub_images) {
    if (image.signature.result != SignatureResult::invalid) continue;
    findings
        .add("amd.signature-invalid", Question::signatures, Severity::error,
             "the signature of a sub-image does not match",
             fmt::format("type 0x{:02x} {} sub-image 0x{:04x} at +{:#x}", entry.type, entry.name(), image.id,
                         image.offset),
             range_of(entry))
        .advice = do_not_flash;
  }
}

void audit_content(const Entry& entry, const Payload& payload, Findings& findings) {
  if (payload.apcb && !payload.apcb->checksum_valid) {
    findings
        .add("amd.apcb-checksum-mismatch", Question::checksums, Severity::error,
             "the checksum of the board configuration is wrong",
             fmt::format("type 0x{:02x} at {}", entry.type, hex32(payload.range.offset)), range_of(entry))
        .advice = "the memory may not come up with this; restore a sound image";
  }
  const bool invalid = payload.signature && payload.signature->result == SignatureResult::invalid;
  if (payload.inflates == false && !invalid) {
    findings
        .add("amd.compressed-data-damaged", Question::structure, Severity::error, "compressed data cannot be unpacked",
             fmt::format("type 0x{:02x} {} at {}", entry.type, entry.name(), hex32(payload.range.offset)),
             range_of(entry))
        .advice = do_not_flash;
  }
  if (payload.unsigned_tail != 0) {
    findings.add("amd.bytes-after-signature", Question::signatures, Severity::info,
                 "an entry holds bytes that its signature does not cover",
                 fmt::format("type 0x{:02x} {} bytes after the signature", entry.type, payload.unsigned_tail),
                 range_of(entry));
  }
  if (payload.spl) {
    findings.add("amd.spl-table", Question::structure, Severity::info, "the image carries an anti-rollback table",
                 fmt::format("{} entries, highest {}", payload.spl->count, payload.spl->highest()), range_of(entry));
  }
}

void audit_soft_fuses(const Entry& entry, Findings& findings) {
  if (!in_psp(entry, 0x0B) || !entry.value) return;
  const std::uint64_t value = *entry.value;
  bool notice = false;
  std::string meaning;
  for (const SoftFuse& fuse : soft_fuses()) {
    if (((value >> fuse.bit) & 1U) == 0) continue;
    notice = notice || fuse.notice;
    meaning += fmt::format("{}bit {}: {}", meaning.empty() ? "" : "; ", fuse.bit, fuse.meaning);
  }
  findings
      .add("amd.soft-fuse", Question::access, notice ? Severity::warning : Severity::info,
           notice ? "the soft fuses ask for debug features" : "soft fuses", fmt::format("0x{:016x}", value),
           range_of(entry))
      .advice = meaning.empty() ? std::string() : meaning + ". None of the bits switches the PSP off";
}

// Platform secure boot, as far as an image can show it.
void audit_secure_boot(const Entry& entry, const Payload* payload, Findings& findings) {
  const bool key_entry = in_bios(entry, 0x05) || in_psp(entry, 0x05);
  if (key_entry && payload != nullptr && payload->token && payload->token->usage == 8) {
    const std::string_view result = payload->signature ? to_string(payload->signature->result) : "none";
    findings
        .add("amd.psb-bios-signing-key", Question::signatures, Severity::warning,
             "prepared for platform secure boot: OEM BIOS signing key",
             fmt::format("key {} usage {} signature {}{}", short_id(payload->token->id), payload->token->usage, result,
                         entry.bios ? "" : " (PSP directory)"),
             range_of(entry))
        .advice = fuses_unknown;
  }
  const bool signature_entry = in_bios(entry, 0x07) || in_psp(entry, 0x07);
  if (!signature_entry || payload == nullptr) return;
  if (payload->blank || payload->range.empty()) {
    findings.add("amd.psb-rtm-signature", Question::signatures, Severity::info,
                 "room for an OEM signature of the BIOS, unused", "blank", range_of(entry));
    return;
  }
  findings
      .add("amd.psb-rtm-signature", Question::signatures, Severity::warning,
           "the BIOS carries an OEM signature for platform secure boot", "present, not verified", range_of(entry))
      .advice = fuses_unknown;
}

void audit_debug(const Entry& entry, const Payload* payload, Findings& findings) {
  if (in_psp(entry, 0x22) && payload != nullptr) {
    const bool blank = payload->blank || payload->range.empty();
    findings
        .add("amd.token-unlock-region", Question::access, blank ? Severity::info : Severity::warning,
             blank ? "room for a debug unlock token, unused" : "a debug unlock token is stored",
             blank ? "blank" : "not blank", range_of(entry))
        .advice = blank ? "" : "it works only on the one processor it was signed for";
  }
  if (!holds_data(payload)) return;
  if (in_psp(entry, 0x13)) {
    findings.add("amd.debug-unlock-image", Question::access, Severity::info,
                 "the signed debug unlock image is present, as on most platforms", "present", range_of(entry));
  }
  if (in_psp(entry, 0x3A)) {
    findings.add("amd.serial-whitelist", Question::access, Severity::warning,
                 "a list of processors that may be debug-unlocked is present", "present", range_of(entry));
  }
  if (in_psp(entry, 0x52)) {
    findings.add("amd.oem-bootloader-app", Question::structure, Severity::info,
                 "an OEM application of the PSP boot loader is present", "present", range_of(entry));
  }
  if (in_psp(entry, 0x53)) {
    findings.add("amd.oem-bootloader-key", Question::structure, Severity::info,
                 "the key of an OEM application of the PSP boot loader is present", "present", range_of(entry));
  }
  if (in_bios(entry, 0x6D)) {
    findings
        .add("amd.rom-armor", Question::access, Severity::info,
             "built for ROM Armor: flash writes from the running system may be blocked",
             "BIOS store that stays writable", range_of(entry))
        .advice = "use an external programmer";
  }
}

using Version = std::array<unsigned, 4>;

// "3.87.0.5"; a "*" reads as `wild`.
Version version_of(std::string_view text, unsigned wild) {
  Version version{};
  for (unsigned& part : version) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view digits = text.substr(0, dot);
    part = digits == "*" ? wild : parse_decimal<unsigned>(digits).value_or(0);
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return version;
}

void audit_ftpm(const Entry& entry, const Payload& payload, Findings& findings) {
  if (payload.ftpm_version.empty()) return;
  const Version version = version_of(payload.ftpm_version, 0);
  constexpr unsigned any = ~0U;
  for (const FtpmAdvisory& advisory : ftpm_advisories()) {
    const Version pattern = version_of(advisory.affected, any);
    bool matches = advisory.fixed.empty() || version < version_of(advisory.fixed, 0);
    for (std::size_t i = 0; i < pattern.size(); ++i)
      matches = matches && (pattern[i] == any || pattern[i] == version[i]);
    if (!matches) continue;
    Finding& finding = findings.add(advisory.finding, Question::structure, Severity::warning, advisory.title,
                                    fmt::format("fTPM {}", payload.ftpm_version), range_of(entry));
    finding.advice = advisory.advice;
    if (!advisory.reference.empty()) finding.references = {std::string(advisory.reference)};
  }
}

}  // namespace

void audit_entries(const Rom& rom, Findings& findings) {
  for (const Directory& directory : rom.directories) {
    for (const Entry& entry : directory.entries) {
      if (entry.quirk != Quirk::none && entry.stored) {
        findings.add("amd.address-quirk", Question::structure, Severity::info,
                     "an address deviates from its mode in a way that works",
                     fmt::format("type 0x{:02x} {}", entry.type, to_string(entry.quirk)), range_of(entry));
      }
      audit_soft_fuses(entry, findings);
      const Payload* payload = rom.payload_of(entry);
      audit_secure_boot(entry, payload, findings);
      audit_debug(entry, payload, findings);
      if (payload == nullptr) continue;
      audit_signature(entry, *payload, findings);
      audit_content(entry, *payload, findings);
      audit_ftpm(entry, *payload, findings);
    }
  }
}

}  // namespace quell::amd
