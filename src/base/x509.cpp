// SPDX-License-Identifier: GPL-2.0-or-later
// Certificate ::= SEQUENCE { tbs, algorithm, BIT STRING }
// tbs ::= SEQUENCE { [0] version OPTIONAL, serial, algorithm, issuer, validity, subject, public key, ... [3] extensions
// }
#include "base/x509.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/der.h"

namespace quell {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;
constexpr std::array<Pair, 8> attribute_names{{
    {"2.5.4.3", "CN"},
    {"2.5.4.5", "serialNumber"},
    {"2.5.4.6", "C"},
    {"2.5.4.7", "L"},
    {"2.5.4.8", "ST"},
    {"2.5.4.10", "O"},
    {"2.5.4.11", "OU"},
    {"1.2.840.113549.1.9.1", "emailAddress"},
}};

constexpr std::string_view rsa_key = "1.2.840.113549.1.1.1";
constexpr std::string_view rsa_pss = "1.2.840.113549.1.1.10";
constexpr std::size_t most_extensions = 64;

std::optional<HashAlgorithm> hash_of(std::string_view oid) {
  if (oid == "1.2.840.113549.1.1.5" || oid == "1.3.14.3.2.26") return HashAlgorithm::sha1;
  if (oid == "1.2.840.113549.1.1.11" || oid == "2.16.840.1.101.3.4.2.1") return HashAlgorithm::sha256;
  if (oid == "1.2.840.113549.1.1.12" || oid == "2.16.840.1.101.3.4.2.2") return HashAlgorithm::sha384;
  if (oid == "1.2.840.113549.1.1.13" || oid == "2.16.840.1.101.3.4.2.3") return HashAlgorithm::sha512;
  return std::nullopt;
}

Result<std::string> read_name(ByteView view) {
  std::string out;
  DerReader names(view);
  while (!names.at_end()) {
    QUELL_TRY(const auto relative, names.next(der_tag::set, "a name part"));
    DerReader parts(relative.content);
    while (!parts.at_end()) {
      QUELL_TRY(const auto pair, parts.next(der_tag::sequence, "a name attribute"));
      DerReader fields(pair.content);
      QUELL_TRY(const auto type, fields.next(der_tag::object_id, "a name attribute's type"));
      QUELL_TRY(const auto value, fields.next());
      const std::string oid = der_object_id(type.content);
      const auto known = std::ranges::find(attribute_names, std::string_view(oid), &Pair::first);
      if (!out.empty()) out += ", ";
      out += known == attribute_names.end() ? oid : std::string(known->second);
      out += " = " + der_text(value);
    }
  }
  return out;
}

// AlgorithmIdentifier; for PSS the digest is the first context element of the parameters, SHA-1 by default.
Result<void> read_algorithm(Certificate& out, ByteView content) {
  DerReader reader(content);
  QUELL_TRY(const auto oid, reader.next(der_tag::object_id, "the signature algorithm"));
  out.signature_algorithm = der_object_id(oid.content);
  out.pss = out.signature_algorithm == rsa_pss;
  out.signature_hash = hash_of(out.signature_algorithm);
  if (!out.pss) return {};
  out.signature_hash = HashAlgorithm::sha1;
  if (reader.at_end()) return {};
  QUELL_TRY(const auto parameters, reader.next(der_tag::sequence, "the PSS parameters"));
  DerReader fields(parameters.content);
  if (fields.at_end()) return {};
  QUELL_TRY(const auto first, fields.next());
  if (!first.is_context(0)) return {};
  DerReader inner(first.content);
  QUELL_TRY(const auto algorithm, inner.next(der_tag::sequence, "the PSS digest"));
  DerReader digest(algorithm.content);
  QUELL_TRY(const auto digest_oid, digest.next(der_tag::object_id, "the PSS digest"));
  out.signature_hash = hash_of(der_object_id(digest_oid.content));
  return {};
}

ByteView without_leading_zero(ByteView number) {
  while (number.size() > 1 && number.u8(0).value_or(1) == 0) number = number.from(1).value_or(ByteView());
  return number;
}

Result<void> read_key(Certificate& out, const DerItem& info) {
  out.public_key = info.whole;
  DerReader reader(info.content);
  QUELL_TRY(const auto algorithm, reader.next(der_tag::sequence, "the key algorithm"));
  QUELL_TRY(const auto bits, reader.next(der_tag::bit_string, "the key"));
  DerReader names(algorithm.content);
  QUELL_TRY(const auto oid, names.next(der_tag::object_id, "the key algorithm"));
  const std::string name = der_object_id(oid.content);
  if (name != rsa_key && name != rsa_pss) return {};
  QUELL_TRY(const auto key, bits.content.from(1));
  DerReader outer(key);
  QUELL_TRY(const auto pair, outer.next(der_tag::sequence, "the RSA key"));
  DerReader numbers(pair.content);
  QUELL_TRY(const auto modulus, numbers.next(der_tag::integer, "the RSA modulus"));
  QUELL_TRY(const auto exponent, numbers.next(der_tag::integer, "the RSA exponent"));
  QUELL_TRY(const auto value, der_number(exponent));
  out.rsa = RsaPublicKey{without_leading_zero(modulus.content).bytes(), value, ByteOrder::big};
  return {};
}

Result<void> read_extensions(Certificate& out, ByteView content) {
  DerReader outer(content);
  QUELL_TRY(const auto list, outer.next(der_tag::sequence, "the extensions"));
  DerReader reader(list.content);
  while (!reader.at_end() && out.extensions.size() < most_extensions) {
    QUELL_TRY(const auto item, reader.next(der_tag::sequence, "an extension"));
    DerReader fields(item.content);
    QUELL_TRY(const auto oid, fields.next(der_tag::object_id, "an extension's id"));
    QUELL_TRY(auto value, fields.next());
    if (value.is(der_tag::boolean)) {  // critical
      QUELL_TRY(value, fields.next());
    }
    if (value.is(der_tag::octet_string)) out.extensions.push_back({der_object_id(oid.content), value.content});
  }
  return {};
}

// "2011-06-24" of UTCTime (two digits of the year: 50 to 99 are of the last century) or GeneralizedTime; empty for
// anything else.
std::string day_of(const DerItem& item) {
  constexpr std::uint32_t utc_time = 23;
  constexpr std::uint32_t generalized_time = 24;
  std::string text = der_text(item);
  if (item.is(utc_time) && text.size() >= 6) text.insert(0, text.front() >= '5' ? "19" : "20");
  if ((!item.is(utc_time) && !item.is(generalized_time)) || text.size() < 8) return {};
  text.resize(8);
  text.insert(6, 1, '-');
  text.insert(4, 1, '-');
  return text;
}

Result<void> read_validity(Certificate& out, ByteView content) {
  DerReader reader(content);
  QUELL_TRY(const auto before, reader.next());
  QUELL_TRY(const auto after, reader.next());
  out.not_before = day_of(before);
  out.not_after = day_of(after);
  return {};
}

Result<void> read_signed_part(Certificate& out, ByteView content) {
  DerReader reader(content);
  QUELL_TRY(auto first, reader.next());
  if (first.is_context(0)) {  // version
    QUELL_TRY(first, reader.next(der_tag::integer, "the serial number"));
  }
  out.serial = first.content;
  QUELL_CHECK(reader.next(der_tag::sequence, "the signature algorithm"));
  QUELL_TRY(const auto issuer, reader.next(der_tag::sequence, "the issuer"));
  QUELL_TRY(const auto validity, reader.next(der_tag::sequence, "the validity"));
  QUELL_TRY(const auto subject, reader.next(der_tag::sequence, "the subject"));
  QUELL_TRY(const auto key, reader.next(der_tag::sequence, "the public key"));
  QUELL_CHECK(read_validity(out, validity.content));
  QUELL_TRY(out.issuer, read_name(issuer.content));
  QUELL_TRY(out.subject, read_name(subject.content));
  QUELL_CHECK(read_key(out, key));
  while (!reader.at_end()) {
    QUELL_TRY(const auto item, reader.next());
    if (item.is_context(3)) QUELL_CHECK(read_extensions(out, item.content));
  }
  return {};
}

}  // namespace

const CertificateExtension* Certificate::extension(std::string_view id) const noexcept {
  const auto found = std::ranges::find(extensions, id, &CertificateExtension::id);
  return found == extensions.end() ? nullptr : &*found;
}

Result<Certificate> parse_certificate(ByteView view) {
  Certificate out;
  DerReader outer(view);
  QUELL_TRY(const auto whole, outer.next(der_tag::sequence, "the certificate"));
  out.whole = whole.whole;
  DerReader reader(whole.content);
  QUELL_TRY(const auto body, reader.next(der_tag::sequence, "the signed part of the certificate"));
  QUELL_TRY(const auto algorithm, reader.next(der_tag::sequence, "the signature algorithm"));
  QUELL_TRY(const auto signature, reader.next(der_tag::bit_string, "the signature"));
  out.signed_part = body.whole;
  QUELL_CHECK(read_algorithm(out, algorithm.content));
  QUELL_TRY(out.signature, signature.content.from(1));
  QUELL_CHECK(read_signed_part(out, body.content));
  return out;
}

std::optional<bool> signed_by(const Certificate& certificate, const Certificate& issuer) {
  const bool rsa = certificate.signature_algorithm.starts_with("1.2.840.113549.1.1.");
  if (!rsa || !certificate.signature_hash || !issuer.rsa) return std::nullopt;
  const Buffer digest = hash(*certificate.signature_hash, certificate.signed_part.bytes());
  const Bytes signature = certificate.signature.bytes();
  return certificate.pss ? verify_pss(*issuer.rsa, *certificate.signature_hash, digest, signature)
                         : verify_pkcs1(*issuer.rsa, *certificate.signature_hash, digest, signature);
}

}  // namespace quell
