// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "base/base64.h"
#include "intel/cse/report.h"

namespace quell::intel {
namespace {

void append(Buffer& out, const Buffer& more) { out.insert(out.end(), more.begin(), more.end()); }

// A DER element; sizes here stay below 64 KiB.
Buffer der(std::uint8_t tag, const Buffer& content) {
  Buffer out{std::byte{tag}};
  const std::size_t size = content.size();
  if (size >= 0x100) {
    append(out, {std::byte{0x82}, static_cast<std::byte>(size >> 8U), static_cast<std::byte>(size & 0xFFU)});
  } else if (size >= 0x80) {
    append(out, {std::byte{0x81}, static_cast<std::byte>(size)});
  } else {
    out.push_back(static_cast<std::byte>(size));
  }
  append(out, content);
  return out;
}

// A DER integer from big-endian bytes: no leading zeros but the one that keeps it positive.
Buffer der_integer(Buffer bytes) {
  const auto first = std::ranges::find_if(bytes, [](std::byte byte) { return byte != std::byte{0}; });
  bytes.erase(bytes.begin(), first);
  if (bytes.empty() || (bytes.front() & std::byte{0x80}) != std::byte{0}) bytes.insert(bytes.begin(), std::byte{0});
  return der(0x02, bytes);
}

std::string base64_lines(const Buffer& bytes) {
  constexpr std::size_t line = 64;
  const std::string text = base64(bytes);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += line) out.append(text.substr(at, line)).append("\n");
  return out;
}

}  // namespace

std::string public_key_pem(const Manifest& manifest) {
  Buffer modulus(manifest.modulus.rbegin(), manifest.modulus.rend());
  Buffer exponent;
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    exponent.push_back(static_cast<std::byte>(manifest.exponent >> (shift - 8) & 0xFFU));
  }
  Buffer key = der_integer(std::move(modulus));
  append(key, der_integer(std::move(exponent)));
  return "-----BEGIN RSA PUBLIC KEY-----\n" + base64_lines(der(0x30, key)) + "-----END RSA PUBLIC KEY-----\n";
}

}  // namespace quell::intel
