// SPDX-License-Identifier: GPL-2.0-or-later
// Signatures for specimens, by keys whose secret halves stand in this source code. They vouch for nothing.
#pragma once

#include <cstdint>

#include "base/rsa.h"
#include "quell/byte_view.h"
#include "quell/digest.h"

namespace quell::specimen {

// One of the project's worthless RSA keys. Signing is deterministic.
class TestKey {
 public:
  // Sizes: 2048, 3072, 4096 bits; anything else throws std::invalid_argument. The public exponent may be 3, 17 or
  // 65537.
  static TestKey of_bits(unsigned bits, std::uint32_t exponent = 65537);

  [[nodiscard]] std::uint64_t size() const noexcept { return bits_ / 8; }
  [[nodiscard]] std::uint32_t exponent() const noexcept { return exponent_; }
  // As long as the key, in the order in which the format stores it.
  [[nodiscard]] Buffer modulus(ByteOrder order) const;
  [[nodiscard]] Buffer sign_pkcs1(HashAlgorithm algorithm, Bytes digest, ByteOrder order) const;
  // The same padding around the bare digest, as Intel's ACMs have it.
  [[nodiscard]] Buffer sign_pkcs1_bare(Bytes digest, ByteOrder order) const;
  // The salt is a fixed pattern of that length.
  [[nodiscard]] Buffer sign_pss(HashAlgorithm algorithm, Bytes digest, std::uint64_t salt_length,
                                ByteOrder order) const;
  // The secret operation on a big-endian message as long as the key and below its modulus, however that is padded:
  // what signatures are made of that a verifier must refuse.
  [[nodiscard]] Buffer sign_encoded(Bytes message, ByteOrder order) const;

 private:
  TestKey(unsigned bits, std::uint32_t exponent) : bits_(bits), exponent_(exponent) {}

  unsigned bits_;
  std::uint32_t exponent_;
};

struct CertificateStyle {
  HashAlgorithm algorithm = HashAlgorithm::sha384;
  bool pss = false;  // with 32 bytes of salt, otherwise PKCS#1 v1.5
};

// A self-signed X.509 certificate (RFC 5280) of a key with exponent 65537, "CN = specimen".
Buffer certificate(const TestKey& key, const CertificateStyle& style);

}  // namespace quell::specimen
