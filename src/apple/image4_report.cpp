// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "apple/image4.h"
#include "model/judged.h"

namespace quell::apple {
namespace {

// Payloads up to this size are unpacked on the way to check their checksum.
constexpr std::uint64_t check_limit = std::uint64_t{4} << 20U;

// "NAME=value" each: the names are 4-character codes of the format, not keys of this program's reports.
void set_properties(Attributes& into, const Properties& properties) {
  std::vector<std::string> list;
  for (const Property& property : properties) list.push_back(property.name + "=" + property.text);
  into.set("properties", std::move(list));
}

Component describe_payload(const Im4p& p) {
  Component out{"im4p", p.type, p.whole.range()};
  Attributes& a = out.attributes;
  a.set("type", p.type);
  if (const auto meaning = type_meaning(p.type); !meaning.empty()) a.set("meaning", std::string(meaning));
  a.set("description", p.description);
  a.set("payload_offset", p.payload.origin(), Show::hex);
  a.set("payload_size", p.payload.size(), Show::size);
  a.set("encrypted", p.encrypted());
  std::vector<std::string> kinds;
  for (const Keybag& bag : p.keybags) kinds.push_back(fmt::format("{}", bag.kind));
  a.set("keybags", std::move(kinds));
  if (p.compression_algorithm) a.set("compression_algorithm", *p.compression_algorithm);
  if (p.uncompressed_size) a.set("uncompressed_size", *p.uncompressed_size, Show::size);
  if (const auto name = compression_of(p.payload); !name.empty()) a.set("compression", std::string(name));
  a.set("im4p_sha384", to_hex(sha384(p.whole.bytes())));
  if (!p.properties.empty()) {
    Component child{"payload-properties", "PAYP", {}};
    set_properties(child.attributes, p.properties);
    out.children.push_back(std::move(child));
  }
  return out;
}

Component describe_manifest(const Im4m& m) {
  Component out{"im4m", "manifest", m.whole.range()};
  set_properties(out.attributes, m.properties);
  Component signature{"manifest-signature", m.certificate.empty() ? "signature" : m.certificate, m.signature.range()};
  signature.attributes.set("signature", std::string(!m.signature_valid   ? "not checked"
                                                    : *m.signature_valid ? "valid"
                                                                         : "invalid"));
  const Judged verdict = judged(m.signature_valid, "no RSA key of its certificate can be read",
                                "the bytes that were signed are not these");
  signature.checks.push_back({.question = Question::signatures,
                              .state = verdict.state,
                              .subject = "manifest signature",
                              .range = m.signed_part.range(),
                              .reason = verdict.reason,
                              .algorithm = m.signature_hash.empty() ? "" : "RSA PKCS#1 v1.5 " + m.signature_hash});
  signature.attributes.set("signature_bytes", m.signature.size());
  if (!m.signature_hash.empty()) {
    signature.attributes.set("algorithm", "RSA PKCS#1 v1.5 " + m.signature_hash);
    signature.attributes.set("signed", std::string("the DER of the SET element, tag and length included"));
  }
  if (!m.certificate.empty()) signature.attributes.set("certificate", m.certificate);
  if (!m.issuer.empty()) signature.attributes.set("issuer", m.issuer);
  signature.attributes.set("im4c", m.im4c);
  out.children.push_back(std::move(signature));
  for (const ManifestImage& image : m.images) {
    Component child{"manifest-image", image.name, {}};
    set_properties(child.attributes, image.properties);
    out.children.push_back(std::move(child));
  }
  return out;
}

void judge_payload(std::vector<Finding>& out, const Im4p& p) {
  if (p.encrypted()) {
    out.push_back({.id = "apple.payload.encrypted",
                   .question = Question::structure,
                   .title = "the payload is encrypted; its content is not readable",
                   .detail =
                       "AES-256-CBC with a key that is itself wrapped with the chip family's GID key, which never "
                       "leaves the chip.",
                   .range = p.payload.range()});
  } else if (compression_of(p.payload) == "LZSS" && p.payload.size() <= check_limit) {
    if (const auto content = unpack(p); !content) {
      out.push_back({.id = "apple.payload.damaged",
                     .question = Question::structure,
                     .severity = Severity::error,
                     .title = "the payload does not unpack",
                     .detail = content.error().message + ".",
                     .range = p.payload.range()});
    }
  }
  if (p.type == "sepi" || p.type == "rsep") {
    out.push_back(
        {.id = "apple.sep.present",
         .question = Question::structure,
         .title = "the file holds the Secure Enclave's operating system",
         .detail = "The Secure Enclave has its own boot ROM, which verifies sepOS independently of iBoot. It guards "
                   "keys and biometrics; it has no network stack of its own and is no management engine.",
         .range = p.whole.range()});
  }
}

}  // namespace

Component describe(const Image4& image) {
  Component out{"image4", image.container, image.range};
  out.attributes.set("container", image.container);
  out.attributes.set("der_elements", image.elements);
  if (image.payload) {
    out.children.push_back(describe_payload(*image.payload));
    if (image.digest_in_manifest) {
      out.children.back().checks.push_back(
          {.question = Question::digests,
           .state = check_state(*image.digest_in_manifest),
           .subject = "payload digest",
           .range = image.payload->whole.range(),
           .reason = *image.digest_in_manifest ? "" : "the manifest does not name it"});
    }
  }
  if (image.manifest) out.children.push_back(describe_manifest(*image.manifest));
  if (image.restore) {
    Component child{"im4r", "restore info", image.restore->whole.range()};
    set_properties(child.attributes, image.restore->properties);
    out.children.push_back(std::move(child));
  }
  return out;
}

std::vector<Finding> audit(const Image4& image) {
  std::vector<Finding> out = image.problems;
  if (image.payload && !image.payload->payload.empty()) judge_payload(out, *image.payload);
  if (image.digest_in_manifest == false) {
    out.push_back({.id = "apple.digest-mismatch",
                   .question = Question::digests,
                   .severity = Severity::error,
                   .title = "the manifest does not name this payload's digest",
                   .detail = fmt::format("No entry {} with the SHA-384 of this payload: a device refuses the pair.",
                                         image.payload->type),
                   .range = image.payload->whole.range()});
  }
  if (image.manifest && image.manifest->signature_valid == false) {
    out.push_back({.id = "apple.manifest.signature-bad",
                   .question = Question::signatures,
                   .severity = Severity::error,
                   .title = "the manifest's signature is wrong",
                   .detail = "The manifest signature does not verify with the certificate inside the manifest.",
                   .range = image.manifest->whole.range()});
  }
  return out;
}

}  // namespace quell::apple
