// SPDX-License-Identifier: GPL-2.0-or-later
// BCM2711, last 284 bytes: u32 length of what precedes, u32 key number, RSA signature[256], HMAC-SHA1[20]; the keys are
// in the chip's ROM.
// BCM2712, last 532 bytes, several behind each other: u32 length of what precedes, u32 key number (16: the device's
// owner), u32 version, signature[256] (big-endian, PKCS#1 v1.5, SHA-256 over everything up to and with the version),
// modulus[256] and exponent[8] (little-endian).
// bootconf.sig: 64 hex digits SHA-256, "ts: " UNIX time, "rsa2048: " 512 hex digits (PKCS#1 v1.5, SHA-256).
#include "raspberrypi/signatures.h"

#include <algorithm>

#include "base/number.h"
#include "base/rsa.h"

namespace quell::raspberrypi {
namespace {

constexpr std::uint64_t block_2711 = 284;
constexpr std::uint64_t block_2712 = 532;
constexpr std::uint64_t modulus_size = 256;
constexpr std::uint32_t owner_key_number = 16;
constexpr std::size_t most_blocks = 4;
constexpr std::uint64_t longest_signature_file = 4096;

bool verify(ByteView key, Bytes content, Bytes signature) {
  const Bytes stored = key.clip({0, modulus_size}).bytes();
  const Buffer modulus(stored.rbegin(), stored.rend());
  const RsaPublicKey rsa{modulus, key.u64(modulus_size).value_or(0), ByteOrder::big};
  return verify_pkcs1(rsa, HashAlgorithm::sha256, sha256(content), signature);
}

StageSignature read_block_2712(ByteView stage, std::uint64_t at) {
  StageSignature out;
  out.length = stage.u32(at).value_or(0);
  out.key_number = stage.u32(at + 4).value_or(0);
  out.version = stage.u32(at + 8).value_or(0);
  out.owner = out.key_number == owner_key_number ? "customer" : "rpi";
  const ByteView key = stage.clip({at + 12 + 256, owner_key_size});
  out.public_key_sha256 = sha256(key.bytes());
  out.valid = verify(key, stage.clip({0, at + 12}).bytes(), stage.clip({at + 12, 256}).bytes());
  return out;
}

std::string_view as_text(Bytes bytes) {
  return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

// What follows `label` up to the end of the line; empty when the label is not there.
std::string_view after(std::string_view text, std::string_view label) {
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + label.size());
  return text.substr(0, std::min(text.find_first_of(std::string_view("\n\r\0", 3)), text.size()));
}

// The digits that `text` begins with.
std::optional<std::uint64_t> leading_number(std::string_view text) {
  return parse_decimal(text.substr(0, text.find_first_not_of("0123456789")));
}

}  // namespace

std::vector<StageSignature> read_stage_signatures(ByteView stage, bool bcm2712) {
  std::vector<StageSignature> out;
  if (!bcm2712) {
    if (stage.size() < block_2711) return out;
    const std::uint64_t at = stage.size() - block_2711;
    const std::uint32_t length = stage.u32(at).value_or(0);
    if (length == at) out.push_back({.owner = "rpi", .length = length, .key_number = stage.u32(at + 4).value_or(0)});
    return out;
  }
  std::uint64_t end = stage.size();
  while (end >= block_2712 && out.size() < most_blocks && stage.u32(end - block_2712).value_or(0) == end - block_2712) {
    end -= block_2712;
    out.push_back(read_block_2712(stage, end));
  }
  std::ranges::reverse(out);
  return out;
}

ConfigSignature check_config_signature(ByteView signature, ByteView config, ByteView key) {
  const std::string_view text = as_text(signature.clip({0, longest_signature_file}).bytes());
  ConfigSignature out;
  out.digest_matches =
      from_hex(text.substr(0, 64)).size() == 32 && equal(from_hex(text.substr(0, 64)), sha256(config.bytes()));
  out.timestamp = leading_number(after(text, "ts: "));
  const std::string_view digits = after(text, "rsa2048: ");
  if (!digits.empty() && !key.empty()) {
    const Buffer rsa = from_hex(digits.substr(0, 512));
    out.rsa_valid = rsa.size() == modulus_size && verify(key, config.bytes(), rsa);
  }
  return out;
}

void read_build_info(BuildInfo& out, ByteView code, bool from_bootmain) {
  const std::string_view text = as_text(code.bytes());
  // "VC_BUILD_ID_VERSION: " and others end the same way: only 8 hexadecimal digits make it the bootloader's own.
  constexpr std::string_view prefix = "VERSION:";
  std::string_view version;
  for (std::size_t at = text.find(prefix); at != std::string_view::npos; at = text.find(prefix, at + 1)) {
    version = text.substr(at + prefix.size(), 8);
    if (version.size() == 8 && from_hex(version).size() == 4) break;
    version = {};
  }
  if (version.empty()) return;
  out.version = version;
  const auto field = [&](std::string_view label, std::size_t width) {
    const std::string_view found = after(text, label).substr(0, width);
    const bool plain = std::ranges::all_of(found, [](char c) { return c >= 0x20 && c < 0x7F; });
    return plain ? std::string(found) : std::string();
  };
  out.date = field("DATE: ", 11);
  out.time = field("TIME: ", 8);
  out.timestamp = leading_number(after(text, "BUILD_TIMESTAMP="));
  out.from_bootmain = from_bootmain;
}

}  // namespace quell::raspberrypi
