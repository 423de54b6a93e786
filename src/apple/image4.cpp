// SPDX-License-Identifier: GPL-2.0-or-later
// IMG4 ::= SEQUENCE { "IMG4", IM4P, [0] IM4M OPTIONAL, [1] IM4R OPTIONAL }
// IM4P ::= SEQUENCE { "IM4P", type, description, OCTET STRING payload, OCTET STRING keybags OPTIONAL,
//                     SEQUENCE { algorithm, uncompressed size } OPTIONAL, [0] SEQUENCE { "PAYP", SET } OPTIONAL,
//                     OCTET STRING digest OPTIONAL }
// IM4M ::= SEQUENCE { "IM4M", INTEGER, SET { MANB }, OCTET STRING signature, SEQUENCE certificates }
// IM4R ::= SEQUENCE { "IM4R", SET of properties }
// Properties have private tags whose number is the 4-character code; content SEQUENCE { name, value }. The optional
// parts come in any order. Sources: img4tool, PyIMG4, ipsw.
#include "apple/image4.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/der.h"
#include "base/size.h"
#include "base/table.h"
#include "base/x509.h"
#include "data/image4-properties.h"
#include "data/image4-types.h"

namespace quell::apple {
namespace {

constexpr std::array<std::string_view, 4> container_names{"IMG4", "IM4P", "IM4M", "IM4R"};
constexpr std::size_t most_properties = 4096;
constexpr std::size_t most_certificates = 8;
constexpr std::size_t deepest = 32;

// How many elements a listing of the whole structure has; constructed ones are entered.
Result<std::uint64_t> count_elements(ByteView view) {
  std::vector<DerReader> open{DerReader(view)};
  std::uint64_t count = 0;
  while (!open.empty()) {
    if (open.back().at_end()) {
      open.pop_back();
      continue;
    }
    QUELL_TRY(const auto item, open.back().next());
    ++count;
    if (!item.constructed) continue;
    if (open.size() == deepest) return fail(Errc::damaged, "the elements are nested too deeply", item.whole.origin());
    open.emplace_back(item.content);
  }
  return count;
}

// Versions and names come as octet strings too.
bool holds_text(std::string_view name) {
  static const Table table(data::image4_properties);
  const auto row = table.find("name", name);
  return row && row->is({"content", "text"});
}

void set_value(Property& out, const DerItem& item) {
  const bool text = item.is(der_tag::ia5_string) || item.is(der_tag::utf8_string) ||
                    (item.is(der_tag::octet_string) && holds_text(out.name));
  if (item.is(der_tag::integer)) {
    const auto number = der_number(item);
    out.number = number ? std::optional(*number) : std::nullopt;
    out.text = number ? fmt::format("{}", *number) : to_hex(item.content.bytes());
  } else if (item.is(der_tag::boolean)) {
    out.text = item.content.u8(0).value_or(0) != 0 ? "true" : "false";
  } else if (text) {
    out.text = der_text(item);
  } else if (item.is(der_tag::octet_string)) {
    out.text = to_hex(item.content.bytes().first(to_size(std::min<std::uint64_t>(item.content.size(), 4096))));
  } else {
    out.text = fmt::format("({} bytes)", item.content.size());
  }
}

struct RawProperty {
  std::string name{};
  DerItem value{};
};

// One {name, value} with its private tag.
Result<RawProperty> next_property(DerReader& reader) {
  QUELL_TRY(const auto tagged, reader.next());
  if (tagged.tag_class != DerClass::exclusive) {
    return fail(Errc::damaged, "a property without a private tag", tagged.whole.origin());
  }
  DerReader outer(tagged.content);
  QUELL_TRY(const auto pair, outer.next(der_tag::sequence, "a property's content"));
  DerReader fields(pair.content);
  QUELL_TRY(const auto name, fields.next(der_tag::ia5_string, "a property's name"));
  QUELL_TRY(auto value, fields.next());
  return RawProperty{der_text(name), value};
}

Result<Properties> read_properties(ByteView set_content) {
  Properties out;
  DerReader reader(set_content);
  while (!reader.at_end() && out.size() < most_properties) {
    QUELL_TRY(const auto raw, next_property(reader));
    Property property{.name = raw.name};
    set_value(property, raw.value);
    out.push_back(std::move(property));
  }
  return out;
}

Result<void> read_keybags(Im4p& out, ByteView content) {
  DerReader outer(content);
  QUELL_TRY(const auto list, outer.next(der_tag::sequence, "the keybag list"));
  DerReader bags(list.content);
  while (!bags.at_end() && out.keybags.size() < 16) {
    QUELL_TRY(const auto bag, bags.next(der_tag::sequence, "a keybag"));
    DerReader fields(bag.content);
    QUELL_TRY(const auto kind, fields.next(der_tag::integer, "a keybag's kind"));
    QUELL_TRY(const auto iv, fields.next(der_tag::octet_string, "a keybag's IV"));
    QUELL_TRY(const auto key, fields.next(der_tag::octet_string, "a keybag's key"));
    QUELL_TRY(const auto number, der_number(kind));
    out.keybags.push_back({number, iv.content.bytes(), key.content.bytes()});
  }
  return {};
}

Result<void> read_compression(Im4p& out, ByteView content) {
  DerReader fields(content);
  QUELL_TRY(const auto algorithm, fields.next(der_tag::integer, "the compression algorithm"));
  QUELL_TRY(out.compression_algorithm, der_number(algorithm));
  QUELL_TRY(const auto size, fields.next(der_tag::integer, "the uncompressed size"));
  QUELL_TRY(out.uncompressed_size, der_number(size));
  return {};
}

Result<void> read_payload_properties(Im4p& out, ByteView content) {
  DerReader outer(content);
  QUELL_TRY(const auto list, outer.next(der_tag::sequence, "the payload properties"));
  DerReader fields(list.content);
  QUELL_CHECK(fields.next(der_tag::ia5_string, "the name PAYP"));
  QUELL_TRY(const auto set, fields.next(der_tag::set, "the payload properties"));
  QUELL_TRY(out.properties, read_properties(set.content));
  return {};
}

Result<void> read_im4p(Im4p& out, const DerItem& item) {
  out.whole = item.whole;
  DerReader reader(item.content);
  QUELL_CHECK(reader.next(der_tag::ia5_string, "the name IM4P"));
  QUELL_TRY(const auto type, reader.next(der_tag::ia5_string, "the payload's type"));
  out.type = type.content.text(0, std::min<std::uint64_t>(type.content.size(), 4)).value_or("");
  QUELL_TRY(const auto description, reader.next(der_tag::ia5_string, "the payload's description"));
  out.description = der_text(description);
  QUELL_TRY(const auto payload, reader.next(der_tag::octet_string, "the payload"));
  out.payload = payload.content;
  bool keybags_may_come = true;  // an octet string behind the first, or behind PAYP, is a digest
  while (!reader.at_end()) {
    QUELL_TRY(const auto part, reader.next());
    if (part.is(der_tag::octet_string) && keybags_may_come) {
      keybags_may_come = false;
      QUELL_CHECK(read_keybags(out, part.content));
    } else if (part.is(der_tag::octet_string)) {
      out.digest = part.content.bytes();
    } else if (part.is(der_tag::sequence)) {
      QUELL_CHECK(read_compression(out, part.content));
    } else if (part.is_context(0)) {
      keybags_may_come = false;
      QUELL_CHECK(read_payload_properties(out, part.content));
    }
  }
  return {};
}

Result<void> read_manifest_body(Im4m& out, ByteView set_content) {
  DerReader outer(set_content);
  QUELL_TRY(const auto body, next_property(outer));
  if (body.name != "MANB" || !body.value.is(der_tag::set)) {
    return fail(Errc::damaged, "the manifest body MANB is missing", set_content.origin());
  }
  DerReader entries(body.value.content);
  while (!entries.at_end() && out.images.size() < most_properties) {
    QUELL_TRY(const auto entry, next_property(entries));
    if (!entry.value.is(der_tag::set)) continue;
    QUELL_TRY(auto properties, read_properties(entry.value.content));
    if (entry.name == "MANP") {
      out.properties = std::move(properties);
      continue;
    }
    ManifestImage image{.name = entry.name, .properties = std::move(properties)};
    DerReader values(entry.value.content);
    while (!values.at_end()) {
      const auto value = next_property(values);
      if (!value) return tl::unexpected(value.error());
      if (value->name == "DGST") image.digest = value->value.content.bytes();
    }
    out.images.push_back(std::move(image));
  }
  return {};
}

// The signature covers the SET with its tag and length; RSA PKCS#1 v1.5 with SHA-384, or what older devices used.
void verify_manifest(Im4m& out, const Certificate& signer) {
  if (!signer.rsa) return;
  constexpr std::array<std::pair<HashAlgorithm, std::string_view>, 3> algorithms{
      {{HashAlgorithm::sha384, "SHA-384"}, {HashAlgorithm::sha256, "SHA-256"}, {HashAlgorithm::sha1, "SHA-1"}}};
  for (const auto& [algorithm, name] : algorithms) {
    const Buffer digest = hash(algorithm, out.signed_part.bytes());
    out.signature_valid = verify_pkcs1(*signer.rsa, algorithm, digest, out.signature.bytes());
    if (!*out.signature_valid) continue;
    out.signature_hash = name;
    return;
  }
}

void read_certificates(Im4m& out, ByteView content) {
  DerReader reader(content);
  while (!reader.at_end() && out.certificates.size() < most_certificates) {
    const auto item = reader.next();
    if (!item) return;
    if (!item->is(der_tag::sequence)) {
      out.im4c = true;
      continue;
    }
    out.certificates.push_back(item->whole);
    const auto certificate = parse_certificate(item->whole);
    if (!certificate) {
      out.im4c = out.im4c || item->content.find(as_bytes("IM4C")).has_value();
      continue;
    }
    if (!out.certificate.empty()) continue;
    out.certificate = certificate->subject;
    out.issuer = certificate->issuer;
    verify_manifest(out, *certificate);
  }
}

Result<void> read_im4m(Im4m& out, const DerItem& item) {
  out.whole = item.whole;
  DerReader reader(item.content);
  QUELL_CHECK(reader.next(der_tag::ia5_string, "the name IM4M"));
  QUELL_CHECK(reader.next(der_tag::integer, "the manifest's version"));
  QUELL_TRY(const auto set, reader.next(der_tag::set, "the manifest's SET"));
  out.signed_part = set.whole;
  QUELL_CHECK(read_manifest_body(out, set.content));
  QUELL_TRY(const auto signature, reader.next(der_tag::octet_string, "the manifest's signature"));
  out.signature = signature.content;
  QUELL_TRY(const auto certificates, reader.next(der_tag::sequence, "the certificates"));
  read_certificates(out, certificates.content);
  return {};
}

Result<void> read_im4r(Im4r& out, const DerItem& item) {
  out.whole = item.whole;
  DerReader reader(item.content);
  QUELL_CHECK(reader.next(der_tag::ia5_string, "the name IM4R"));
  QUELL_TRY(const auto set, reader.next(der_tag::set, "the restore properties"));
  QUELL_TRY(out.properties, read_properties(set.content));
  return {};
}

Result<void> read_img4(Image4& out, const DerItem& item) {
  DerReader reader(item.content);
  QUELL_CHECK(reader.next(der_tag::ia5_string, "the name IMG4"));
  QUELL_TRY(const auto payload, reader.next(der_tag::sequence, "the payload"));
  out.payload.emplace();
  QUELL_CHECK(read_im4p(*out.payload, payload));
  while (!reader.at_end()) {
    QUELL_TRY(const auto part, reader.next());
    DerReader inner(part.content);
    QUELL_TRY(const auto content, inner.next(der_tag::sequence, "an optional part"));
    if (part.is_context(0)) {
      out.manifest.emplace();
      QUELL_CHECK(read_im4m(*out.manifest, content));
    } else if (part.is_context(1)) {
      out.restore.emplace();
      QUELL_CHECK(read_im4r(*out.restore, content));
    }
  }
  return {};
}

Result<void> read_container(Image4& out, ByteView view) {
  DerReader outer(view);
  QUELL_TRY(const auto item, outer.next());
  out.range = item.whole.range();
  QUELL_TRY(out.elements, count_elements(item.whole));
  if (out.container == "IMG4") return read_img4(out, item);
  if (out.container == "IM4P") return read_im4p(out.payload.emplace(), item);
  if (out.container == "IM4M") return read_im4m(out.manifest.emplace(), item);
  return read_im4r(out.restore.emplace(), item);
}

// SHA-384 of the whole payload, cut off to 32 bytes in some entries; SHA-1 on old devices.
void check_digest(Image4& out) {
  if (!out.payload || !out.manifest) return;
  const auto entry = std::ranges::find(out.manifest->images, out.payload->type, &ManifestImage::name);
  if (entry == out.manifest->images.end()) {
    out.digest_in_manifest = false;
    return;
  }
  const Bytes whole = out.payload->whole.bytes();
  const Buffer digest = hash(entry->digest.size() == 20 ? HashAlgorithm::sha1 : HashAlgorithm::sha384, whole);
  const bool comparable = entry->digest.size() >= 20 && entry->digest.size() <= digest.size();
  out.digest_in_manifest = comparable && equal(Bytes(digest).first(entry->digest.size()), entry->digest);
}

}  // namespace

std::string container_of(ByteView view) {
  if (view.u8(0).value_or(0) != 0x30) return {};
  for (std::uint64_t at = 2; at <= 10; ++at) {
    if (!view.matches(at, "\x16\x04")) continue;
    for (const std::string_view name : container_names) {
      if (view.matches(at + 2, name)) return std::string(name);
    }
  }
  return {};
}

Result<Image4> parse_image4(ByteView view) {
  Image4 out;
  out.container = container_of(view);
  if (out.container.empty()) return fail(Errc::unrecognised, "no Image4 container", view.origin());
  out.range = view.range();
  if (const auto read = read_container(out, view); !read) {
    out.problems.push_back(
        {.id = "apple.image4.damaged",
         .question = Question::structure,
         .severity = Severity::error,
         .title = "the Image4 file is damaged",
         .detail = fmt::format("{}, at {:#x}.", read.error().message, read.error().offset.value_or(0)),
         .advice = "Fetch or read the file again.",
         .range = Range{read.error().offset.value_or(0), 0}});
  }
  check_digest(out);
  return out;
}

std::string_view type_meaning(std::string_view type) {
  static const auto known = [] {
    std::map<std::string, std::string, std::less<>> out;
    for (const auto row : Table(data::image4_types)) out.emplace(row["type"], row["meaning"]);
    return out;
  }();
  const auto found = known.find(type);
  return found == known.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace quell::apple
