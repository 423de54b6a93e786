// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "quell/byte_view.h"
#include "quell/digest.h"

namespace quell {

// Byte order in which a format stores its big numbers: Intel and AMD little-endian, Boot Guard and X.509 vary.
enum class ByteOrder { little, big };

// An RSA public key as it stands in an image. `modulus` is a view; nothing is copied.
struct RsaPublicKey {
  Bytes modulus;
  std::uint64_t exponent = 0;
  ByteOrder order = ByteOrder::little;
};

// Which salt lengths of a PSS signature to accept.
struct PssSalt {
  std::uint64_t length = 0;
  bool any = false;  // derive the length from the padding, as most verifiers do
};

// All check the complete padding, in time bounded by the key size (at most 8192 bits; larger keys, a zero or even
// modulus, an exponent below 3 and a signature not shorter than the modulus in value are simply "false").
// `signature` is in the key's byte order.
bool verify_pkcs1(const RsaPublicKey& key, HashAlgorithm algorithm, Bytes digest, Bytes signature);
// PKCS#1 v1.5 padding around the bare digest, without the DigestInfo (Intel's ACMs).
bool verify_pkcs1_bare(const RsaPublicKey& key, Bytes digest, Bytes signature);
bool verify_pss(const RsaPublicKey& key, HashAlgorithm algorithm, Bytes digest, Bytes signature,
                PssSalt salt = {.length = 0, .any = true});

}  // namespace quell
