// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "amd/describe.h"

namespace quell::amd {
namespace {

void set_text(Attributes& a, std::string_view key, std::string_view value) {
  if (!value.empty()) a.set(key, std::string(value));
}

void set_hex(Attributes& a, std::string_view key, std::uint64_t value) { a.set(key, value, Show::hex); }

void describe_flags(const Entry& entry, Attributes& a) {
  set_hex(a, "flags_raw", entry.raw_flags);
  if (entry.bios) {
    a.set("flags_region_type", std::uint64_t{entry.region_type});
    a.set("flags_reset_image", entry.reset_image);
    a.set("flags_copy_image", entry.copy_image);
    a.set("flags_read_only", entry.read_only);
    a.set("flags_compressed", entry.compressed);
  }
  a.set("flags_writable", entry.writable);
}

void describe_fields(const Rom& rom, const Entry& entry, Attributes& a) {
  a.set("name", entry.name());
  a.set("index", entry.index);
  set_hex(a, "entry_offset", entry.entry_offset);
  set_hex(a, "type", entry.type);
  if (entry.known != nullptr) set_text(a, "meaning", entry.known->meaning);
  a.set("subprogram", std::uint64_t{entry.subprogram});
  a.set("instance", std::uint64_t{entry.instance});
  a.set("rom_id", std::uint64_t{entry.rom_id});
  describe_flags(entry, a);
  if (entry.destination) set_hex(a, "destination", *entry.destination);
  a.set("size", std::uint64_t{entry.size});
  set_hex(a, "raw_address", entry.raw_address);
  if (entry.offset && *entry.offset < rom.efs.window.end) set_hex(a, "offset", *entry.offset);
  if (entry.mode) a.set("address_mode", std::uint64_t{static_cast<unsigned>(*entry.mode)});
  set_text(a, "quirk", to_string(entry.quirk));
  if (entry.value) set_hex(a, "value", *entry.value);
  if (entry.stored) a.set("stored_size", entry.stored->size);
}

void describe_signature(const Rom& rom, const Signature& signature, Attributes& a) {
  a.set("signature_present", signature.present);
  a.set("signature_result", std::string(to_string(signature.result)));
  set_text(a, "signature_reason", signature.reason);
  if (signature.signed_by) a.set("signature_signed_by", to_hex(*signature.signed_by));
  if (signature.size != 0) a.set("signature_size", signature.size);
  if (signature.present) set_text(a, "signature_byte_order", signature.byte_order);
  set_text(a, "signature_scheme", signature.scheme);
  set_text(a, "signature_covers", signature.covers);
  if (!signature.key) return;
  const Key& key = rom.keys[*signature.key];
  a.set("signature_key_usage", std::uint64_t{key.usage});
  set_hex(a, "signature_key_location", key.location);
  set_text(a, "signature_key_container", key.container);
  set_text(a, "signature_key_form", to_string(key.form));
  set_text(a, "signature_key_trust", to_string(key.trust));
}

void describe_header(const PspHeader& header, Attributes& a) {
  a.set("header_magic", header.magic_text());
  a.set("header_version", version_hex(header.version));
  a.set("header_size_signed", std::uint64_t{header.size_signed});
  a.set("header_encrypted", header.encrypted);
  a.set("header_compressed", header.compressed);
  a.set("header_uncompressed_size", std::uint64_t{header.uncompressed_size});
  a.set("header_compressed_size", std::uint64_t{header.compressed_size});
  a.set("header_security_patch_level", std::uint64_t{header.security_patch_level});
  set_hex(a, "header_load_address", header.load_address);
  a.set("header_total_size", std::uint64_t{header.total_size});
  set_hex(a, "header_fw_id", header.fw_id);
  set_hex(a, "header_header_flags", header.flags);
  set_hex(a, "header_fw_type", header.type);
}

void describe_token(const KeyToken& token, Attributes& a) {
  a.set("key_key_id", to_hex(token.id));
  a.set("key_certifying_id", to_hex(token.certifying_id));
  a.set("key_usage", std::uint64_t{token.usage});
  a.set("key_bits", token.bits);
  a.set("key_token_version", std::uint64_t{token.version});
  a.set("key_platform_bytes", to_hex(token.platform));
}

CheckState state_of(SignatureResult result) {
  switch (result) {
    case SignatureResult::none: return CheckState::absent;
    case SignatureResult::valid: return CheckState::held;
    case SignatureResult::invalid: return CheckState::failed;
    case SignatureResult::unknown: return CheckState::not_checked;
  }
  return CheckState::not_checked;
}

std::string_view why(SignatureResult result) {
  switch (result) {
    case SignatureResult::none: return "there is none";
    case SignatureResult::valid: return {};
    case SignatureResult::invalid: return "it does not match";
    case SignatureResult::unknown: return "it cannot be verified";
  }
  return {};
}

Check signature_check(const Signature& signature, Range range) {
  const bool held = signature.result == SignatureResult::valid;
  std::string reason(signature.reason);
  if (reason.empty() && !held) reason = why(signature.result);
  return {.question = Question::signatures,
          .state = state_of(signature.result),
          .subject = "signature",
          .range = range,
          .reason = held ? std::string() : std::move(reason),
          .algorithm = std::string(signature.scheme)};
}

// The digest of the plain content that the header announces, and the checksum of the board's configuration.
void check_content(const Payload& payload, Component& out) {
  if (payload.payload_hash) {
    const bool held = payload.payload_hash->result == SignatureResult::valid;
    std::string reason(payload.payload_hash->reason);
    if (reason.empty() && !held) reason = why(payload.payload_hash->result);
    // Sound images of vendors hold entries (types 0x45, 0x86) whose digest is not that of the plain content: what it
    // covers there is not known, so a digest that differs proves no damage.
    out.checks.push_back({.question = Question::digests,
                          .state = held ? CheckState::held : CheckState::not_checked,
                          .subject = "content digest",
                          .range = payload.range,
                          .reason = held ? std::string() : std::move(reason),
                          .algorithm = std::string(payload.payload_hash->algorithm)});
  }
  if (payload.apcb) {
    const bool right = payload.apcb->checksum_valid;
    out.checks.push_back({.question = Question::checksums,
                          .state = check_state(right),
                          .subject = "board configuration checksum",
                          .range = payload.range,
                          .reason = right ? "" : "its bytes do not sum to zero",
                          .algorithm = "8-bit sum"});
  }
}

Component describe_sub_image(const SubImage& image, std::uint64_t base) {
  Component out{
      .kind = "sub-image", .name = fmt::format("0x{:04x}", image.id), .range = {base + image.offset, image.size}};
  Attributes& a = out.attributes;
  a.set("summary", fmt::format("{}signature {}", image.header ? version_hex(image.header->version) + ", " : "",
                               to_string(image.signature.result)));
  set_hex(a, "id", image.id);
  a.set("offset", image.offset);
  a.set("size", image.size);
  if (image.header) {
    a.set("version", version_hex(image.header->version));
    a.set("security_patch_level", std::uint64_t{image.header->security_patch_level});
    a.set("compressed", image.header->compressed);
    a.set("encrypted", image.header->encrypted);
  }
  a.set("signature", std::string(to_string(image.signature.result)));
  if (image.signature.signed_by) a.set("signed_by", to_hex(*image.signature.signed_by));
  set_text(a, "reason", image.signature.reason);
  out.checks.push_back(signature_check(image.signature, out.range));
  return out;
}

Component describe_spl_record(const SplRecord& record) {
  Component out{.kind = "spl-record"};
  Attributes& a = out.attributes;
  if (record.id) {
    set_hex(a, "id", *record.id);
    out.name = fmt::format("0x{:04x}", *record.id);
  } else {
    a.set("uuid", record.uuid);
    out.name = trusted_application(record.uuid).empty() ? record.uuid : std::string(trusted_application(record.uuid));
  }
  a.set("minimum", std::uint64_t{record.minimum});
  if (record.sub_image == 0xFF) {
    a.set("sub_image", std::string("container"));
  } else if (record.sub_image != 0) {
    a.set("sub_image", std::uint64_t{record.sub_image});
  }
  return out;
}

void describe_tables(const Payload& payload, Component& out) {
  Attributes& a = out.attributes;
  if (payload.spl) {
    a.set("spl_count", std::uint64_t{payload.spl->count});
    a.set("spl_highest", std::uint64_t{payload.spl->highest()});
    a.set("spl_identity_style", std::string(payload.spl->by_firmware_id ? "fw_id" : "type"));
    for (const SplRecord& record : payload.spl->records) out.children.push_back(describe_spl_record(record));
  }
  if (payload.microcode) {
    a.set("microcode_date", payload.microcode->date_text());
    set_hex(a, "microcode_patch_id", payload.microcode->patch_level);
    set_hex(a, "microcode_equivalent_id", payload.microcode->processor);
  }
  if (payload.apcb) {
    set_hex(a, "apcb_version", payload.apcb->version);
    a.set("apcb_size", std::uint64_t{payload.apcb->size});
    set_hex(a, "apcb_unique_id", payload.apcb->unique_id);
    a.set("apcb_checksum_valid", payload.apcb->checksum_valid);
  }
}

void describe_payload(const Rom& rom, const Payload& payload, Component& out) {
  Attributes& a = out.attributes;
  if (!payload.examined) {
    a.set("sha256", Unknown{});
    return;
  }
  a.set("sha256", to_hex(payload.sha256));
  a.set("blank", payload.blank);
  if (payload.uncompressed_size) a.set("uncompressed_size", *payload.uncompressed_size);
  if (payload.inflates) a.set("inflates", *payload.inflates);
  if (payload.signature) {
    describe_signature(rom, *payload.signature, a);
    out.checks.push_back(signature_check(*payload.signature, payload.range));
  }
  check_content(payload, out);
  if (payload.token) describe_token(*payload.token, a);
  if (payload.header) describe_header(*payload.header, a);
  if (payload.payload_hash) {
    set_text(a, "payload_hash_algorithm", payload.payload_hash->algorithm);
    set_text(a, "payload_hash_result", to_string(payload.payload_hash->result));
    set_text(a, "payload_hash_reason", payload.payload_hash->reason);
  }
  set_text(a, "smu_version", payload.smu_version);
  set_text(a, "ta_uuid", payload.ta_uuid);
  set_text(a, "trusted_application", trusted_application(payload.ta_uuid));
  set_text(a, "ftpm_version", payload.ftpm_version);
  if (payload.unsigned_tail != 0) a.set("unsigned_tail", payload.unsigned_tail);
  describe_tables(payload, out);
  for (const SubImage& image : payload.sub_images) {
    out.children.push_back(describe_sub_image(image, out.range.offset));
  }
}

// "00.3C.05.18, encrypted, signature valid": what a reader of the tree wants to know first.
std::string summary_of(const Rom& rom, const Entry& entry) {
  if (entry.value) return fmt::format("value {:#x}", *entry.value);
  if (entry.links()) return fmt::format("leads to {:#x}", entry.offset.value_or(entry.raw_address));
  if (entry.kind() == PayloadKind::memory) return "a range of memory";
  const Payload* payload = rom.payload_of(entry);
  if (payload == nullptr) return "outside the file";
  if (payload->range.empty()) return "empty";
  if (payload->blank) return "blank";
  std::string out;
  const auto add = [&out](std::string_view text) { out += fmt::format("{}{}", out.empty() ? "" : ", ", text); };
  if (payload->header && payload->header->version != 0) add(version_hex(payload->header->version));
  if (!payload->smu_version.empty()) add(payload->smu_version);
  if (payload->token) add(fmt::format("key {}", to_hex(payload->token->id).substr(0, 8)));
  if (payload->microcode) add(fmt::format("patch 0x{:08x}", payload->microcode->patch_level));
  if (payload->header && payload->header->encrypted) add("encrypted");
  if ((payload->header && payload->header->compressed) || entry.compressed) add("compressed");
  if (payload->signature) {
    add(fmt::format("signature {}{}{}", to_string(payload->signature->result),
                    payload->signature->reason.empty() ? "" : ": ", payload->signature->reason));
  }
  return out.empty() ? "data" : out;
}

// Several entries of one type are told apart by what distinguishes them for the firmware.
std::string title_of(const Entry& entry) {
  std::string title = entry.name();
  if (entry.subprogram != 0) title += fmt::format(", sub-program {}", entry.subprogram);
  if (entry.instance != 0) title += fmt::format(", instance {}", entry.instance);
  return title;
}

}  // namespace

Component describe_entry(const Rom& rom, const Entry& entry) {
  Component out{.kind = "entry", .name = title_of(entry), .range = entry.stored.value_or(Range{})};
  out.attributes.set("summary", summary_of(rom, entry));
  describe_fields(rom, entry, out.attributes);
  if (const Payload* payload = rom.payload_of(entry)) describe_payload(rom, *payload, out);
  return out;
}

}  // namespace quell::amd
