// SPDX-License-Identifier: GPL-2.0-or-later
// What firmware says of its platform, read only from manifests whose signature holds under a known production key:
// engine version, PCH variant (extension 0x0C) and the version of the PMC partition.
#include <fmt/format.h>

#include "intel/code_directory.h"
#include "intel/me_region.h"
#include "intel/platform.h"

namespace quell::intel {
namespace {

using Region = FirmwareFacts::Region;

constexpr std::uint32_t client_system_extension = 0x0C;  // +8 u32 capabilities, +0x28 u64 attributes
constexpr unsigned most_extensions = 256;
constexpr unsigned most_directories = 64;

bool is_verified(const Manifest& manifest, const Signatures& signatures) {
  const SigningKey key = identify_key(manifest);
  return key.known && key.owner == "Intel" && key.status == "production" && !manifest.debug_signed() &&
         signatures.of(manifest) == SignatureState::valid;
}

// ME 12 and later: capabilities bit 8 is H, bit 9 LP or N. ME 11 sets both; there, from build 11.0.0.1205 on, bits
// 11:10 of the attributes are 0 for H and 1 for LP.
std::string variant_of(const Manifest& manifest, std::uint32_t capabilities, std::uint64_t attributes) {
  const bool h = (capabilities >> 8U & 1U) != 0;
  const bool lp = (capabilities >> 9U & 1U) != 0;
  if (h != lp) return h ? "H" : "LP";
  if (manifest.version.major != 11 || manifest.version < Version{11, 0, 0, 1205}) return "";
  const auto type = attributes >> 10U & 3U;
  return type == 0 ? "H" : type == 1 ? "LP" : "";
}

std::string find_variant(const Manifest& manifest) {
  if (manifest.is_man) return "";
  std::uint64_t at = manifest.header_size;
  for (unsigned i = 0; i < most_extensions; ++i) {
    const auto type = manifest.bytes.u32(at);
    const auto length = manifest.bytes.u32(at + 4);
    if (!type || !length || *length < 8) return "";
    if (*type == client_system_extension) {
      const auto capabilities = manifest.bytes.u32(at + 8);
      const auto attributes = manifest.bytes.u64(at + 0x28);
      return capabilities && attributes ? variant_of(manifest, *capabilities, *attributes) : "";
    }
    at += *length;
  }
  return "";
}

// TXE and SPS regions say it by their key, or by the version numbers they share with nobody.
std::string_view product_text(const std::string& key_product, const Manifest& manifest) {
  if (key_product.find("SPS") != std::string::npos && key_product.find('/') == std::string::npos) return "SPS";
  if (key_product.find("TXE") != std::string::npos && key_product.find('/') == std::string::npos) return "TXE";
  // Extension 0x32 stands in server firmware only.
  std::uint64_t at = manifest.header_size;
  for (unsigned i = 0; i < most_extensions && !manifest.is_man; ++i) {
    const auto type = manifest.bytes.u32(at);
    const auto length = manifest.bytes.u32(at + 4);
    if (!type || !length || *length < 8 || *type > 0x100) break;
    if (*type == 0x32) return "SPS";
    at += *length;
  }
  return "ME";
}

void take_manifest(FirmwareFacts& facts, const Manifest& manifest, const Signatures& signatures) {
  facts.region = Region::present;
  facts.version = manifest.version;
  facts.product = product_text(identify_key(manifest).product, manifest);
  facts.verified = is_verified(manifest, signatures);
  facts.variant = find_variant(manifest);
}

std::optional<Manifest> directory_manifest(ByteView partition) {
  const auto directory = parse_code_directory(partition);
  if (!directory || directory->entries.empty()) return std::nullopt;
  for (const CodeDirectoryEntry& entry : directory->entries) {
    if (!entry.is_manifest()) continue;
    const auto at = partition.from(entry.offset);
    if (!at) return std::nullopt;
    auto manifest = parse_manifest(*at);
    if (!manifest) return std::nullopt;
    return *std::move(manifest);
  }
  return std::nullopt;
}

// The directories of an IFWI region or a classic one of ME 11: the code partition gives the version unless it is known,
// PMCP the power management controller's.
void take_directories(FirmwareFacts& facts, ByteView region, const Signatures& signatures) {
  auto hit = region.find(as_bytes("$CPD"), 0, 4);
  for (unsigned tries = 0; hit && tries < most_directories; ++tries, hit = region.find(as_bytes("$CPD"), *hit + 4, 4)) {
    const std::string name = region.text(*hit + 0x0C, 4).value_or("");
    const bool code = name == "FTPR" || name == "MFTP";
    if (!(code && !facts.version) && !(name == "PMCP" && !facts.pmc)) continue;
    const auto manifest = directory_manifest(region.clip({*hit, region.size()}));
    if (!manifest) continue;
    if (code) {
      take_manifest(facts, *manifest, signatures);
    } else if (is_verified(*manifest, signatures)) {
      facts.pmc = {manifest->version.major, manifest->version.minor};
    }
    if (facts.version && facts.pmc) return;
  }
}

bool is_blank(ByteView region) { return region.empty() || region.filled_with(region.bytes().front()); }

}  // namespace

FirmwareFacts firmware_facts(ByteView region, const Result<MeRegion>& me, const Signatures& signatures) {
  FirmwareFacts facts;
  if (is_blank(region)) {
    facts.region = Region::blank;
    return facts;
  }
  facts.region = Region::unrecognised;
  if (me) {
    take_manifest(facts, me->manifest, signatures);
    if (me->product == Product::txe) facts.product = "TXE";
    if (me->product == Product::sps) facts.product = "SPS";
    if (me->generation != Generation::third) return facts;
  }
  take_directories(facts, region, signatures);
  return facts;
}

FirmwareFacts firmware_facts(const flash::FlashDescriptor& descriptor, ByteView image) {
  FirmwareFacts facts;
  const auto* me = descriptor.me();
  if (me == nullptr || !me->in_use()) {
    facts.region = Region::absent;
    return facts;
  }
  const auto region = image.sub(me->range);
  if (!region) {
    facts.region = Region::outside;
    return facts;
  }
  const Signatures signatures;
  return firmware_facts(*region, parse_me_region(*region, descriptor.is_ich(), signatures), signatures);
}

std::string to_string(const FirmwareFacts& facts) {
  switch (facts.region) {
    case Region::unread: return "the firmware was not read";
    case Region::absent: return "no ME region in use";
    case Region::outside: return "the ME region does not lie in the file";
    case Region::blank: return "the ME region is blank";
    case Region::unrecognised: return "the ME region holds no firmware that is known";
    case Region::present: break;
  }
  if (!facts.version) return "firmware of unknown version";
  std::string text = fmt::format("{} {}", facts.product, to_string(*facts.version));
  if (!facts.variant.empty()) text += " " + facts.variant;
  if (facts.pmc) text += fmt::format(", PMC {}.{}", facts.pmc->first, facts.pmc->second);
  if (!facts.verified) text += " (not signed with a known production key)";
  return text;
}

}  // namespace quell::intel
