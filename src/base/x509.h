// SPDX-License-Identifier: GPL-2.0-or-later
// As much of an X.509 certificate as firmware chains need: names, dates, key, extensions, signature. Dates are for
// people: firmware has no clock to trust. Policies play no part.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/rsa.h"
#include "quell/byte_view.h"
#include "quell/digest.h"

namespace quell {

struct CertificateExtension {
  std::string id{};  // "1.3.6.1.4.1.4128.2100.1"
  ByteView value{};  // content of the OCTET STRING
};

struct Certificate {
  ByteView whole{};
  ByteView signed_part{};
  std::string subject{};  // "CN = Trusted Key Certificate, O = ..."
  std::string issuer{};
  ByteView serial{};         // the number's bytes as stored, the highest first
  std::string not_before{};  // "2011-06-24"
  std::string not_after{};
  ByteView public_key{};              // SubjectPublicKeyInfo, DER
  std::optional<RsaPublicKey> rsa{};  // when it is an RSA key
  std::vector<CertificateExtension> extensions{};
  std::string signature_algorithm{};
  std::optional<HashAlgorithm> signature_hash{};
  bool pss = false;
  ByteView signature{};

  [[nodiscard]] const CertificateExtension* extension(std::string_view id) const noexcept;
};

// Reads the certificate at the start of the view.
Result<Certificate> parse_certificate(ByteView view);

// Whether the key made the certificate's signature; nothing when the algorithm is not one that is checked here (EC).
std::optional<bool> signed_by(const Certificate& certificate, const Certificate& issuer);

}  // namespace quell
