// SPDX-License-Identifier: GPL-2.0-or-later
// Intel authenticated code modules: the startup ACM that carries out Boot Guard, SINIT and diagnostic modules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/digest.h"
#include "quell/finding.h"

namespace quell::intel {

// What is known of a signature.
enum class SignatureVerdict { valid, invalid, not_checked };
// "valid", "invalid", "not checked".
std::string_view to_string(SignatureVerdict state) noexcept;

// The same as the state of a check.
CheckState as_check(SignatureVerdict verdict) noexcept;
// The same as a check; `why_not` is the reason where it was not checked.
Check signature_check(SignatureVerdict verdict, std::string subject, Range range, std::string why_not);

// The information table behind the scratch area; says what the module is for.
struct AcmInfoTable {
  bool uuid_ok = false;
  std::uint8_t type = 0;  // 0 BIOS, 1 SINIT, 8 and 9 their revocations
  std::uint8_t version = 0;
  std::uint16_t length = 0;
  std::uint8_t acm_version = 0;
  std::uint32_t capabilities = 0;
};

struct Acm {
  Range range{};  // image offsets
  std::uint16_t module_type = 0;
  std::uint16_t subtype = 0;
  std::uint64_t header_length = 0;  // bytes, as the header says
  std::uint32_t header_version = 0;
  std::uint16_t chipset_id = 0;
  std::uint16_t flags = 0;
  std::uint32_t vendor = 0;
  std::string date{};      // "2015-08-28"
  std::uint64_t size = 0;  // bytes
  std::uint16_t txt_svn = 0;
  std::uint16_t se_svn = 0;
  std::uint32_t entry_point = 0;
  std::uint64_t key_size = 0;      // bytes
  std::uint64_t scratch_size = 0;  // bytes
  std::uint32_t exponent = 0;
  Sha256 key_sha256{};  // of the modulus as stored
  SignatureVerdict signature = SignatureVerdict::not_checked;
  std::vector<Range> signed_ranges{};  // from the start of the module; empty when the scheme is not known
  std::optional<AcmInfoTable> info{};

  [[nodiscard]] bool pre_production() const noexcept { return (flags & 0x4000U) != 0; }
  [[nodiscard]] bool debug_signed() const noexcept { return (flags & 0x8000U) != 0; }
};

// Whether an ACM header stands at the start: type, vendor, a known version. Sizes are not judged.
bool looks_like_acm(ByteView view) noexcept;

// The same where a FIT entry says that an ACM is: test images leave the vendor 0.
bool has_acm_header(ByteView view) noexcept;

// Reads the module at the start of the view and checks its signature. Errc::unrecognised without a header,
// Errc::damaged when its sizes contradict each other or the view.
Result<Acm> parse_acm(ByteView view);

// The module as a component of kind "acm".
Component describe(const Acm& acm);
std::vector<Finding> audit(const Acm& acm);

}  // namespace quell::intel
