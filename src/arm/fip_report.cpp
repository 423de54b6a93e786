// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "arm/fip.h"
#include "model/judged.h"

namespace quell::arm {
namespace {

Component describe_encryption(const FipEncryption& e) {
  Component out{"encryption", "encrypted image", {}};
  out.attributes.set("algorithm", std::uint64_t{e.algorithm});
  out.attributes.set("algorithm_name", std::string(e.algorithm == 0 ? "AES-GCM" : "unknown"));
  out.attributes.set("flags", std::uint64_t{e.flags});
  out.attributes.set("key", std::string((e.flags & 1U) == 0 ? "SSK" : "BSSK"));
  out.attributes.set("iv_length", std::uint64_t{e.iv_length});
  out.attributes.set("tag_length", std::uint64_t{e.tag_length});
  out.attributes.set("iv", to_hex(e.iv));
  return out;
}

Component describe_certificate(const FipCertificate& c) {
  Component out{"certificate", c.subject, {}};
  out.attributes.set("subject", c.subject);
  const Judged verdict =
      judged(c.self_consistent, "its algorithm is not known", "the bytes that were signed are not these");
  out.checks.push_back({.question = Question::signatures,
                        .state = verdict.state,
                        .subject = "certificate signature",
                        .reason = verdict.reason});
  out.attributes.set("public_key_der_sha256", to_hex(c.public_key_sha256));
  if (c.trusted_counter) out.attributes.set("nv_counter_trusted", *c.trusted_counter);
  if (c.non_trusted_counter) out.attributes.set("nv_counter_non_trusted", *c.non_trusted_counter);
  out.attributes.set("signature", std::string(!c.self_consistent   ? "not checked"
                                              : *c.self_consistent ? "valid"
                                                                   : "invalid"));
  for (const auto& [id, digest] : c.hashes) {
    Component child{"certificate-hash", id, {}};
    child.attributes.set("hash", to_hex(digest));
    out.children.push_back(std::move(child));
  }
  return out;
}

Component describe_entry(const FipEntry& entry) {
  Component out{"fip-entry", entry.name, entry.content.range()};
  if (entry.content.empty()) out.range = {entry.header_offset, 40};
  Attributes& a = out.attributes;
  out.checks = entry.checks;
  a.set("uuid", entry.uuid);
  a.set("option", entry.option);
  a.set("fip_offset", entry.offset, Show::hex);
  a.set("fip_size", entry.size, Show::size);
  a.set("sha256", entry.digest ? Value(to_hex(*entry.digest)) : Value(Unknown{}));
  a.set("encrypted", entry.encryption.has_value());
  if (entry.encryption) out.children.push_back(describe_encryption(*entry.encryption));
  if (entry.certificate) out.children.push_back(describe_certificate(*entry.certificate));
  if (const auto optee = read_optee(entry.content)) out.children.push_back(describe(*optee));
  return out;
}

}  // namespace

Component describe(const Fip& fip) {
  Component out{"fip", "firmware image package", fip.range};
  out.attributes.set("serial", std::uint64_t{fip.serial}, Show::hex);
  out.attributes.set("flags", fip.flags, Show::hex);
  for (const FipEntry& entry : fip.entries) out.children.push_back(describe_entry(entry));
  return out;
}

std::vector<Finding> audit(const Fip& fip) {
  std::vector<Finding> out = fip.problems;
  bool certificates = false;
  for (const FipEntry& entry : fip.entries) certificates = certificates || entry.certificate;
  if (certificates) {
    const FipEntry* root = fip.find("trusted-key-cert");
    if (root == nullptr || !root->certificate) root = fip.find("tb-fw-cert");
    out.push_back({.id = "arm.trusted-boot.certificates",
                   .question = Question::signatures,
                   .title = "the package carries a trusted-boot certificate chain",
                   .detail = fmt::format(
                       "Whether the chip's boot ROM demands it, and which root key its fuses hold, cannot be "
                       "seen in an image. {}",
                       root == nullptr || !root->certificate
                           ? std::string("The root certificate is not in the package.")
                           : "SHA-256 of the root public key: " + to_hex(root->certificate->public_key_sha256) + ".")});
  }
  if (const FipEntry* optee = fip.find("tos-fw")) {
    const auto header = read_optee(optee->content);
    for (const OpteeImage& image : header ? header->images : std::vector<OpteeImage>{}) {
      const FipEntry* part = fip.find(image.id == 0 ? "tos-fw-extra1" : "tos-fw-extra2");
      if (part == nullptr || part->encryption || part->size == image.size) continue;
      out.push_back({.id = "arm.optee.size",
                     .question = Question::structure,
                     .severity = Severity::error,
                     .title = "an OP-TEE part has another size than its header says",
                     .detail = fmt::format("{} has {} bytes, the header says {}.", part->name, part->size, image.size),
                     .range = part->content.range()});
    }
  }
  return out;
}

}  // namespace quell::arm
