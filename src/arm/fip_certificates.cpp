// SPDX-License-Identifier: GPL-2.0-or-later
// Trusted board boot (TF-A docs/design/trusted-board-boot.rst): X.509 certificates whose private extensions below
// 1.3.6.1.4.1.4128.2100 hold NV counters, image digests (DigestInfo) and the keys that make the next certificates. A
// certificate carries the key that made it; the root key's hash is in fuses or BL1, so only consistency can be checked.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "arm/fip.h"
#include "base/der.h"
#include "base/table.h"
#include "base/x509.h"
#include "data/tbbr-extensions.h"
#include "model/problems.h"

namespace quell::arm {
namespace {

constexpr std::string_view arc = "1.3.6.1.4.1.4128.2100.";

struct Meaning {
  std::string kind;    // "trusted-counter", "non-trusted-counter", "hash", "key"
  std::string target;  // images or certificates, separated by spaces
};

const Meaning* meaning_of(std::string_view id) {
  static const auto known = [] {
    std::map<std::string, Meaning, std::less<>> out;
    for (const auto row : Table(data::tbbr_extensions)) {
      out.emplace(std::string(arc) + std::string(row["id"]),
                  Meaning{std::string(row["kind"]), std::string(row["target"])});
    }
    return out;
  }();
  const auto found = known.find(id);
  return found == known.end() ? nullptr : &found->second;
}

std::optional<std::uint64_t> counter(ByteView value) {
  DerReader reader(value);
  const auto item = reader.next();
  if (!item) return std::nullopt;
  const auto number = der_number(*item);
  return number ? std::optional(*number) : std::nullopt;
}

// DigestInfo ::= SEQUENCE { SEQUENCE { OID, ... }, OCTET STRING }
std::optional<Buffer> digest_of(ByteView value) {
  DerReader outer(value);
  const auto info = outer.next();
  if (!info) return std::nullopt;
  DerReader reader(info->content);
  const auto algorithm = reader.next();
  const auto digest = reader.next();
  if (!algorithm || !digest || !digest->is(der_tag::octet_string)) return std::nullopt;
  const Bytes bytes = digest->content.bytes();
  return Buffer(bytes.begin(), bytes.end());
}

std::optional<HashAlgorithm> by_size(std::size_t size) {
  switch (size) {
    case 20: return HashAlgorithm::sha1;
    case 32: return HashAlgorithm::sha256;
    case 48: return HashAlgorithm::sha384;
    case 64: return HashAlgorithm::sha512;
    default: return std::nullopt;
  }
}

bool all_zero(const Buffer& digest) {
  return std::ranges::all_of(digest, [](std::byte byte) { return byte == std::byte{0}; });
}

void compare_hash(Fip& fip, const FipEntry& holder, const Meaning& meaning, const Buffer& digest) {
  // All zero: the image is not part of the chain.
  if (all_zero(digest)) return;
  FipEntry* image = fip.find(meaning.target);
  const auto algorithm = by_size(digest.size());
  if (image == nullptr || image->content.empty() || !algorithm || image->encryption) return;
  const bool same = *algorithm == HashAlgorithm::sha256 && image->digest
                        ? equal(*image->digest, digest)
                        : equal(hash(*algorithm, image->content.bytes()), digest);
  fip.hashes_match = fip.hashes_match.value_or(true) && same;
  image->checks.push_back({.question = Question::digests,
                           .state = check_state(same),
                           .subject = "digest in " + holder.name,
                           .range = image->content.range(),
                           .reason = same ? "" : "the image has another digest",
                           .stored = to_hex(digest)});
  if (same) return;
  note_error(
      fip.problems, "arm.fip.hash-mismatch", Question::digests, "an image does not match the digest in its certificate",
      fmt::format("{} does not match the digest that {} names: trusted boot refuses it.", image->name, holder.name),
      image->content.range());
}

void compare_key(Fip& fip, const FipEntry& holder, const Meaning& meaning, ByteView key) {
  const Sha256 named = sha256(key.bytes());
  std::string_view rest = meaning.target;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    FipEntry* next = fip.find(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (next == nullptr || !next->certificate) continue;
    const bool same = next->certificate->public_key_sha256 == named;
    fip.chain_consistent = fip.chain_consistent.value_or(true) && same;
    next->checks.push_back({.question = Question::signatures,
                            .state = check_state(same),
                            .subject = "key named by " + holder.name,
                            .range = next->content.range(),
                            .reason = same ? "" : "it was made with another key"});
    if (!same) {
      note_error(fip.problems, "arm.fip.key-mismatch", Question::signatures,
                 "a certificate was made with another key than the chain names",
                 fmt::format("{} names another key for {}.", holder.name, next->name), next->content.range());
    }
  }
}

}  // namespace

std::optional<FipCertificate> read_fip_certificate(ByteView content) {
  const auto certificate = parse_certificate(content);
  if (!certificate) return std::nullopt;
  FipCertificate out;
  out.subject = certificate->subject;
  out.public_key_sha256 = sha256(certificate->public_key.bytes());
  out.self_consistent = signed_by(*certificate, *certificate);
  for (const CertificateExtension& extension : certificate->extensions) {
    const Meaning* meaning = meaning_of(extension.id);
    if (meaning == nullptr) continue;
    if (meaning->kind == "trusted-counter") out.trusted_counter = counter(extension.value);
    if (meaning->kind == "non-trusted-counter") out.non_trusted_counter = counter(extension.value);
    if (meaning->kind != "hash") continue;
    if (auto digest = digest_of(extension.value)) out.hashes.emplace(extension.id, *std::move(digest));
  }
  return out;
}

void check_certificates(Fip& fip) {
  for (std::size_t i = 0; i < fip.entries.size(); ++i) {
    const FipEntry holder = fip.entries[i];
    if (!holder.option.ends_with("-cert")) continue;
    if (!holder.certificate) {
      if (!holder.content.empty()) {
        note_error(fip.problems, "arm.fip.certificate", Question::structure, "a certificate cannot be read",
                   holder.name + ".", holder.content.range());
      }
      continue;
    }
    if (holder.certificate->self_consistent == false) {
      note_error(fip.problems, "arm.fip.certificate-signature", Question::signatures,
                 "a certificate's signature does not match its content", holder.name + ".", holder.content.range());
    }
    for (const auto& [id, digest] : holder.certificate->hashes) compare_hash(fip, holder, *meaning_of(id), digest);
    const auto certificate = parse_certificate(holder.content);
    if (!certificate) continue;
    for (const CertificateExtension& extension : certificate->extensions) {
      const Meaning* meaning = meaning_of(extension.id);
      if (meaning != nullptr && meaning->kind == "key") compare_key(fip, holder, *meaning, extension.value);
    }
  }
}

}  // namespace quell::arm
