// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>

#include <fmt/format.h>

#include "model/judged.h"
#include "raspberrypi/eeprom.h"

namespace quell::raspberrypi {
namespace {

std::string_view kind_name(SectionKind kind) {
  switch (kind) {
    case SectionKind::second_stage: return "second stage";
    case SectionKind::file: return "modifiable file";
    case SectionKind::stored_file: return "stored file";
    case SectionKind::compressed: return "compressed file";
    case SectionKind::lz4: return "LZ4 file";
    case SectionKind::padding: return "padding";
    case SectionKind::other: return "unknown";
  }
  return "unknown";
}

Component describe_signature(const StageSignature& signature) {
  Component out{"stage-signature", signature.owner == "customer" ? "device owner" : "Raspberry Pi", {}};
  Attributes& a = out.attributes;
  a.set("owner", signature.owner);
  a.set("length", std::uint64_t{signature.length});
  a.set("keynum", std::uint64_t{signature.key_number});
  a.set("version", signature.version ? Value(std::uint64_t{*signature.version}) : Value(Unknown{}));
  if (signature.public_key_sha256) a.set("public_key_sha256", to_hex(*signature.public_key_sha256));
  a.set("signature", std::string(!signature.valid   ? "not checked: the key is in the chip"
                                 : *signature.valid ? "valid"
                                                    : "invalid"));
  const Judged verdict = judged(signature.valid, "the key is in the chip", "the bytes that were signed are not these");
  out.checks.push_back({.question = Question::signatures,
                        .state = verdict.state,
                        .subject = "stage signature",
                        .reason = verdict.reason,
                        .algorithm = signature.valid ? "RSA-2048 PKCS#1 v1.5 SHA-256" : ""});
  return out;
}

// bootconf.sig, over bootconf.txt.
void check_configuration(const ConfigSignature& signature, Component& out) {
  out.checks.push_back({.question = Question::digests,
                        .state = check_state(signature.digest_matches),
                        .subject = "digest of bootconf.txt",
                        .reason = signature.digest_matches ? "" : "bootconf.txt has another digest",
                        .algorithm = "SHA-256"});
  const auto valid = signature.rsa_valid;
  const Judged verdict =
      judged(valid, "there is no key or no RSA signature in the image", "the bytes that were signed are not these");
  out.checks.push_back({.question = Question::signatures,
                        .state = verdict.state,
                        .subject = "signature of bootconf.txt",
                        .reason = verdict.reason,
                        .algorithm = valid ? "RSA-2048 PKCS#1 v1.5 SHA-256" : ""});
}

Component describe_section(const Section& section) {
  Component out{"eeprom-section", section.name.empty() ? std::string(kind_name(section.kind)) : section.name,
                section.range};
  Attributes& a = out.attributes;
  a.set("magic", std::uint64_t{section.magic}, Show::hex);
  a.set("length", std::uint64_t{section.length});
  a.set("type", std::string(kind_name(section.kind)));
  if (section.packed()) {
    a.set("decompressed_size", section.unpacked_size ? Value(*section.unpacked_size) : Value(Unknown{}), Show::size);
    a.set("sha256_matches_trailer", section.digest_matches);
    out.checks.push_back({.question = Question::digests,
                          .state = check_state(section.digest_matches),
                          .subject = "section digest",
                          .range = section.range,
                          .reason = section.digest_matches ? "" : "it does not unpack to its digest",
                          .algorithm = "SHA-256"});
  } else if (section.kind == SectionKind::file || section.kind == SectionKind::second_stage) {
    a.set("content_size", section.content.size(), Show::size);
    a.set("content_sha256", to_hex(sha256(section.content.bytes())));
    a.set("blank", section.content.filled_with(std::byte{0}));
  }
  return out;
}

Finding info(std::string_view id, Question question, std::string title, std::string detail) {
  return {.id = std::string(id), .question = question, .title = std::move(title), .detail = std::move(detail)};
}

void judge_signatures(std::vector<Finding>& out, const std::vector<StageSignature>& list, std::string_view stage) {
  if (list.empty()) {
    out.push_back(
        {.id = "raspberrypi.stage.unsigned",
         .question = Question::signatures,
         .severity = Severity::warning,
         .title = fmt::format("{} has no signature block", stage),
         .detail = "The length word of the block does not fit: the file is cut, damaged or of an unknown kind."});
  }
  for (const StageSignature& signature : list) {
    if (signature.valid == false) {
      out.push_back({.id = "raspberrypi.stage.signature-bad",
                     .question = Question::signatures,
                     .severity = Severity::error,
                     .title = fmt::format("the signature of {} is wrong", stage),
                     .detail = "The boot ROM refuses this second stage; the board does not start from it."});
    }
    if (signature.owner == "customer") {
      out.push_back(
          info("raspberrypi.secure-boot.counter-signed", Question::signatures,
               "the second stage is counter-signed by the device's owner",
               "A Pi 5 that holds the owner's key hash in OTP demands it; one without that hash does not boot "
               "such an image."));
    }
  }
}

void judge_config(std::vector<Finding>& out, const Eeprom& eeprom) {
  const bool signed_boot = eeprom.setting("SIGNED_BOOT").value_or("0") == "1";
  if (eeprom.config_signature && !eeprom.config_signature->digest_matches) {
    out.push_back({.id = "raspberrypi.config.digest",
                   .question = Question::digests,
                   .severity = Severity::error,
                   .title = "the configuration does not match its digest",
                   .detail = "bootconf.txt no longer matches bootconf.sig: the digest fails. On a device with the key "
                             "hash in OTP the bootloader refuses this configuration.",
                   .advice = "Sign the configuration again with rpi-eeprom-digest, or take the unedited one."});
  }
  if (eeprom.config_signature &&
      (!eeprom.config_signature->digest_matches || eeprom.config_signature->rsa_valid == false)) {
    const ConfigSignature& s = *eeprom.config_signature;
    const bool both = !s.digest_matches && s.rsa_valid == false;
    out.push_back(
        {.id = "raspberrypi.config.signature-bad",
         .question = Question::signatures,
         .severity = Severity::error,
         .title = "the configuration does not match its signature",
         .detail = fmt::format("bootconf.txt no longer matches bootconf.sig: {}. On a device with the key hash "
                               "in OTP the bootloader refuses this configuration.",
                               both                ? "digest and RSA signature both fail"
                               : !s.digest_matches ? "the digest fails"
                                                   : "the RSA signature fails"),
         .advice = "Sign the configuration again with rpi-eeprom-digest, or take the unedited one."});
  }
  if (signed_boot) {
    out.push_back(info("raspberrypi.secure-boot.signed-boot", Question::signatures,
                       "the bootloader loads only a signed boot.img", "SIGNED_BOOT=1."));
  }
  if (eeprom.owner_key_sha256) {
    out.push_back(info("raspberrypi.secure-boot.owner-key", Question::signatures, "an owner's key is in the image",
                       fmt::format("SHA-256 of pubkey.bin: {}.", to_hex(*eeprom.owner_key_sha256))));
  } else if (!eeprom.config_signature && !signed_boot) {
    out.push_back(info("raspberrypi.secure-boot.not-configured", Question::signatures,
                       "secure boot is not configured in this image",
                       "pubkey.bin and bootconf.sig are empty and SIGNED_BOOT is not set. Whether the board's OTP "
                       "demands it cannot be seen here."));
  }
}

// A Pi 5 whose OTP holds the hash of the owner's key starts only a second stage that this key has signed as well.
void judge_counter_signature(std::vector<Finding>& out, const Eeprom& eeprom) {
  const bool demanded = eeprom.owner_key_sha256 && eeprom.setting("SIGNED_BOOT").value_or("0") == "1";
  if (!demanded || eeprom.chip() != "BCM2712") return;
  const auto& list = eeprom.bootcode_signatures;
  const auto owners = std::ranges::find(list, "customer", &StageSignature::owner);
  const bool signed_so = owners != list.end();
  if (signed_so && owners->public_key_sha256 == eeprom.owner_key_sha256) return;
  out.push_back(
      {.id = "raspberrypi.secure-boot.not-counter-signed",
       .question = Question::signatures,
       .severity = Severity::warning,
       .title = signed_so ? "the second stage is counter-signed by another key than the owner's key in the image"
                          : "the second stage is not counter-signed by the owner whose key is in the image",
       .detail =
           fmt::format("pubkey.bin holds an owner's key and SIGNED_BOOT=1 is set, but {}. A board whose OTP holds "
                       "the hash of that key does not start from this image.",
                       signed_so ? "the second stage carries the counter-signature of another key"
                                 : "the second stage carries Raspberry Pi's signature alone"),
       .advice = "Counter-sign the second stage with the same key (rpi-sign-bootcode, as update-pieeprom.sh -f does), "
                 "or leave key and SIGNED_BOOT out."});
}

void judge_network(std::vector<Finding>& out, const Eeprom& eeprom) {
  std::string set;
  for (const std::string_view key : {"BOOT_ORDER", "NET_INSTALL_AT_POWER_ON", "NET_INSTALL_ENABLED", "HTTP_HOST",
                                     "TFTP_IP", "ENABLE_SELF_UPDATE", "FREEZE_VERSION"}) {
    if (const auto value = eeprom.setting(key)) set += fmt::format("{}{}={}", set.empty() ? "" : ", ", key, *value);
  }
  out.push_back(info("raspberrypi.network-while-booting", Question::structure,
                     "the boot firmware can use the network only while booting",
                     "Network boot and the network installer use Ethernet before the operating system starts; nothing "
                     "listens afterwards. Settings that matter here: " +
                         (set.empty() ? std::string("none, all at their defaults") : set) + "."));
}

}  // namespace

Component describe(const Eeprom& eeprom, ByteView view) {
  Component out{"eeprom", "boot EEPROM",
                view.clip({0, eeprom.image_size == 0 ? view.size() : eeprom.image_size}).range()};
  bool bootcode = true;
  if (eeprom.config_signature) check_configuration(*eeprom.config_signature, out);
  for (const Section& section : eeprom.sections) {
    Component child = describe_section(section);
    const bool first_stage = section.kind == SectionKind::second_stage && bootcode;
    if (first_stage || section.name == "bootsys") {
      for (const StageSignature& s : first_stage ? eeprom.bootcode_signatures : eeprom.bootsys_signatures) {
        child.children.push_back(describe_signature(s));
      }
      if (first_stage) bootcode = false;
    }
    out.children.push_back(std::move(child));
  }
  return out;
}

std::vector<Finding> audit(const Eeprom& eeprom) {
  std::vector<Finding> out = eeprom.problems;
  judge_signatures(out, eeprom.bootcode_signatures, "the second stage");
  if (eeprom.two_slots) judge_signatures(out, eeprom.bootsys_signatures, "bootsys");
  judge_config(out, eeprom);
  judge_counter_signature(out, eeprom);
  judge_network(out, eeprom);
  return out;
}

}  // namespace quell::raspberrypi
