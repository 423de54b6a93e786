// SPDX-License-Identifier: GPL-2.0-or-later
// Header (UEFITool intel_acm ksy; converged-security-suite pkg/tools/acm.go); sizes in units of 4 bytes:
//   0x00 u16 type, u16 subtype     0x04 u32 header length    0x08 u32 header version
//   0x0C u16 chipset, u16 flags    0x10 u32 vendor           0x14 u8 day, u8 month, u16 year (BCD)
//   0x18 u32 module size           0x1C u16 TXT SVN, u16 SE SVN
//   0x34 u32 entry point           0x78 u32 key size, u32 scratch size
//   0x80 modulus; version 0.0: u32 exponent, signature; 3.0 and later: signature, exponent 65537 implied
// The header length counts the scratch area in some images and not in others: positions follow from version and key
// size alone.
#include "intel/acm.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/guid.h"
#include "base/rsa.h"
#include "base/table.h"
#include "data/acm-keys.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t fixed_header = 0x80;
constexpr std::uint32_t intel_vendor = 0x8086;

// What a header version fixes: key bytes, and the bytes between the modulus and the scratch area.
struct HeaderLayout {
  std::uint32_t version;
  std::uint64_t key_size;
  std::uint64_t after_key;
  std::uint64_t scratch_size;
};
constexpr std::array layouts{
    HeaderLayout{0x00000000, 256, 4 + 256, 572},
    HeaderLayout{0x00030000, 384, 384, 832},
    HeaderLayout{0x00040000, 384, 384 + 64 + 2692 + 60, 3584},
    HeaderLayout{0x00050004, 384, 384 + 64 + 2692 + 60, 3584},
};

const HeaderLayout* layout_of(std::uint32_t version) noexcept {
  // 5.x: only the major number decides the layout.
  const auto same = [&](const HeaderLayout& l) {
    return l.version == version || (l.version >> 16U == 5 && version >> 16U == 5);
  };
  const auto found = std::ranges::find_if(layouts, same);
  return found == layouts.end() ? nullptr : &*found;
}

Result<void> check_sizes(const Acm& acm, const HeaderLayout& layout, ByteView view) {
  if (acm.key_size != layout.key_size) {
    return fail(Errc::damaged,
                fmt::format("the ACM header version {} needs a {}-byte key, the key size field says {} bytes",
                            acm.header_version >> 16U, layout.key_size, acm.key_size),
                view.origin() + 0x78);
  }
  if (acm.size > view.size()) {
    return fail(
        Errc::damaged,
        fmt::format("the ACM says it is {} bytes long (size field times 4); the file has {}", acm.size, view.size()),
        view.origin() + 0x18);
  }
  const std::uint64_t body = fixed_header + layout.key_size + layout.after_key + acm.scratch_size;
  if (body > acm.size) {
    return fail(
        Errc::damaged,
        fmt::format("the ACM's header and scratch area take {} bytes, more than the module's {}", body, acm.size),
        view.origin());
  }
  return {};
}

// Version 0.0: signature ^ exponent mod modulus = 00 01 FF .. FF 00 and the SHA-256 in reversed byte order, over the
// fixed header and everything behind the scratch area. Checked on three modules of Intel's.
void check_signature(Acm& acm, ByteView module) {
  if (acm.header_version != 0) return;
  const std::uint64_t body = fixed_header + 256 + 4 + 256 + acm.scratch_size;
  acm.signed_ranges = {{0, fixed_header}, Range::between(body, acm.size)};
  Buffer digest = hash(HashAlgorithm::sha256, module.clip({0, fixed_header}).bytes(),
                       module.clip(Range::between(body, acm.size)).bytes());
  std::ranges::reverse(digest);
  const RsaPublicKey key{module.clip({fixed_header, 256}).bytes(), acm.exponent, ByteOrder::little};
  const bool valid = verify_pkcs1_bare(key, digest, module.clip({fixed_header + 256 + 4, 256}).bytes());
  acm.signature = valid ? SignatureVerdict::valid : SignatureVerdict::invalid;
}

std::optional<AcmInfoTable> read_info(ByteView module, std::uint64_t offset) {
  AcmInfoTable info;
  Fields f(module, "ACM information table");
  // The first field is a UUID in UEFI's byte order.
  info.uuid_ok = guid_text(module, offset) == "7FC03AAA-46A7-18DB-2EAC-698F8D417F5A";
  info.type = f.u8(offset + 0x10);
  info.version = f.u8(offset + 0x11);
  info.length = f.u16(offset + 0x12);
  info.capabilities = f.u32(offset + 0x20);
  info.acm_version = f.u8(offset + 0x24);
  if (!f.done()) return std::nullopt;
  return info;
}

std::string_view seen_of(const std::string& key_hash) {
  static const Table table(data::acm_keys);
  const auto row = table.find("sha256_of_modulus", key_hash);
  return row ? (*row)["seen"] : std::string_view();
}

std::string purpose(const Acm& acm) {
  if (acm.info && acm.info->uuid_ok) {
    switch (acm.info->type) {
      case 0: return "BIOS ACM";
      case 1: return "SINIT ACM";
      case 8: return "BIOS ACM revocation";
      case 9: return "SINIT ACM revocation";
      default: break;
    }
  }
  return (acm.subtype & 1U) != 0 ? "startup ACM" : "ACM";
}

}  // namespace

std::string_view to_string(SignatureVerdict state) noexcept {
  switch (state) {
    case SignatureVerdict::valid: return "valid";
    case SignatureVerdict::invalid: return "invalid";
    case SignatureVerdict::not_checked: return "not checked";
  }
  return "not checked";
}

CheckState as_check(SignatureVerdict verdict) noexcept {
  switch (verdict) {
    case SignatureVerdict::valid: return CheckState::held;
    case SignatureVerdict::invalid: return CheckState::failed;
    case SignatureVerdict::not_checked: return CheckState::not_checked;
  }
  return CheckState::not_checked;
}

Check signature_check(SignatureVerdict verdict, std::string subject, Range range, std::string why_not) {
  Check check{
      .question = Question::signatures, .state = as_check(verdict), .subject = std::move(subject), .range = range};
  check.reason = verdict == SignatureVerdict::invalid ? "the bytes that were signed are not these" : std::move(why_not);
  return check;
}

bool has_acm_header(ByteView view) noexcept {
  const auto type = view.u16(0);
  const auto version = view.u32(8);
  const auto vendor = view.u32(0x10);
  return view.has(0, fixed_header) && type && *type == 2 && vendor && (*vendor == intel_vendor || *vendor == 0) &&
         version && layout_of(*version) != nullptr;
}

bool looks_like_acm(ByteView view) noexcept {
  return has_acm_header(view) && view.u32(0x10).value_or(0) == intel_vendor;
}

Result<Acm> parse_acm(ByteView view) {
  if (!has_acm_header(view)) return fail(Errc::unrecognised, "no ACM header", view.origin());
  Acm acm;
  Fields f(view, "ACM header");
  acm.module_type = f.u16(0);
  acm.subtype = f.u16(2);
  acm.header_length = std::uint64_t{f.u32(4)} * 4;
  acm.header_version = f.u32(8);
  acm.chipset_id = f.u16(0xC);
  acm.flags = f.u16(0xE);
  acm.vendor = f.u32(0x10);
  acm.date = fmt::format("{:04x}-{:02x}-{:02x}", f.u16(0x16), f.u8(0x15), f.u8(0x14));
  acm.size = std::uint64_t{f.u32(0x18)} * 4;
  acm.txt_svn = f.u16(0x1C);
  acm.se_svn = f.u16(0x1E);
  acm.entry_point = f.u32(0x34);
  acm.key_size = std::uint64_t{f.u32(0x78)} * 4;
  acm.scratch_size = std::uint64_t{f.u32(0x7C)} * 4;
  QUELL_CHECK(f.done());
  const HeaderLayout& layout = *layout_of(acm.header_version);
  QUELL_CHECK(check_sizes(acm, layout, view));

  const ByteView module = view.clip({0, acm.size});
  acm.range = module.range();
  acm.exponent = acm.header_version == 0 ? module.u32(fixed_header + layout.key_size).value_or(0) : 65537;
  acm.key_sha256 = sha256(module.clip({fixed_header, layout.key_size}).bytes());
  check_signature(acm, module);
  // Subtype bit 1: no information table (the table of such a module would be code).
  const std::uint64_t info = fixed_header + layout.key_size + layout.after_key + acm.scratch_size;
  if ((acm.subtype & 2U) == 0) acm.info = read_info(module, info);
  return acm;
}

Component describe(const Acm& acm) {
  Component out{"acm", purpose(acm), acm.range};
  Attributes& a = out.attributes;
  a.set("module_type", std::uint64_t{acm.module_type});
  a.set("module_subtype", std::uint64_t{acm.subtype});
  a.set("header_length_bytes", acm.header_length);
  a.set("header_version", std::uint64_t{acm.header_version}, Show::hex);
  a.set("chipset_id", std::uint64_t{acm.chipset_id}, Show::hex);
  a.set("flags", std::uint64_t{acm.flags}, Show::hex);
  a.set("vendor", std::uint64_t{acm.vendor}, Show::hex);
  a.set("date", acm.date);
  a.set("size_bytes", acm.size, Show::size);
  a.set("txt_svn", std::uint64_t{acm.txt_svn});
  a.set("se_svn", std::uint64_t{acm.se_svn});
  a.set("entry_point", std::uint64_t{acm.entry_point}, Show::hex);
  a.set("key_size_bytes", acm.key_size);
  a.set("scratch_size_bytes", acm.scratch_size);
  a.set("rsa_exponent", std::uint64_t{acm.exponent});
  a.set("pre_production", acm.pre_production());
  a.set("debug_signed", acm.debug_signed());
  const std::string key_hash = to_hex(acm.key_sha256);
  a.set("key_sha256_as_stored", key_hash);
  if (const auto seen = seen_of(key_hash); !seen.empty()) a.set("key", std::string(seen));
  a.set("signature", std::string(to_string(acm.signature)));
  out.checks.push_back(signature_check(
      acm.signature, "ACM signature", acm.range,
      acm.signature == SignatureVerdict::not_checked ? "what is signed is not known for this header version" : ""));
  std::vector<std::string> ranges;
  for (const Range& range : acm.signed_ranges) ranges.push_back(fmt::format("{}-{}", range.offset, range.end()));
  if (!ranges.empty()) {
    a.set("signature_scheme", std::string("RSA PKCS#1 v1.5 block holding a bare SHA-256 digest, no DigestInfo"));
    // Known once it has verified.
    if (acm.signature == SignatureVerdict::valid) a.set("digest_byte_order", std::string("reversed"));
    a.set("signed_ranges", std::move(ranges));
  }
  if (acm.info) a.set("info_table_uuid_ok", acm.info->uuid_ok);
  return out;
}

std::vector<Finding> audit(const Acm& acm) {
  std::vector<Finding> out;
  if (acm.signature == SignatureVerdict::invalid) {
    out.push_back({.id = "intel.bootguard.acm.signature-bad",
                   .question = Question::signatures,
                   .severity = Severity::error,
                   .title = "the ACM signature does not match its content",
                   .detail =
                       "The processor refuses an ACM whose signature is wrong; with Boot Guard fused, the machine "
                       "does not start.",
                   .range = acm.range});
  }
  if (acm.pre_production()) {
    out.push_back(
        {.id = "intel.bootguard.acm.preproduction",
         .question = Question::signatures,
         .severity = Severity::warning,
         .title = "the ACM is a pre-production module",
         .detail = fmt::format("Its flags are {:#06x}; production processors do not trust its key.", acm.flags),
         .range = acm.range});
  }
  if (acm.debug_signed()) {
    out.push_back({.id = "intel.bootguard.acm.debug",
                   .question = Question::signatures,
                   .severity = Severity::warning,
                   .title = "the ACM is signed for debugging",
                   .detail = fmt::format("Its flags are {:#06x}.", acm.flags),
                   .range = acm.range});
  }
  return out;
}

}  // namespace quell::intel
