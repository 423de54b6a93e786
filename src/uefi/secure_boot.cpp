// SPDX-License-Identifier: GPL-2.0-or-later
// Signature lists (UEFI specification, 32.4): 00 GUID of the type, 10 u32 size of the list, 14 u32 size of its header,
// 18 u32 size of one signature; signatures: 00 GUID of the owner, 10 data.
// Stored with their signature: 00 time (16 bytes), 10 u32 size of the certificate block from here on (PKCS #7 at 18 of
// it), then the lists.
#include "uefi/secure_boot.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/der.h"
#include "base/table.h"
#include "base/x509.h"
#include "data/uefi-certificates.h"
#include "data/uefi-dbx.h"
#include "data/uefi-platform-keys.h"
#include "data/uefi-test-keys.h"

namespace quell::uefi {
namespace {

constexpr Guid x509 = Guid::of("A5C059A1-94E4-4AA7-87B5-AB155C2BF072");
constexpr Guid sha256_hash = Guid::of("C1C41626-504C-4092-ACA9-41F936934328");
constexpr Guid global = Guid::of("8BE4DF61-93CA-11D2-AA0D-00E098032B8C");
constexpr Guid image_security = Guid::of("D719B2CB-3D3A-4596-A3BC-DAD00E67656F");
constexpr std::string_view hash_of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::uint64_t list_header = 0x1C;
constexpr std::uint64_t owner_size = 16;
constexpr std::size_t most_signatures = 16384;
constexpr std::size_t most_signers = 8;

bool distrusted_by_name(std::string_view name) {
  return name.find("DO NOT TRUST") != std::string_view::npos || name.find("DO NOT SHIP") != std::string_view::npos;
}

bool is_test_key(const KnownCertificate& one) {
  if (distrusted_by_name(one.subject) || distrusted_by_name(one.issuer)) return true;
  const std::string sha256 = to_hex(one.sha256);
  const std::string sha1 = to_hex(one.sha1);
  static const Table table(data::uefi_test_keys);
  for (const auto row : table) {
    if (row["sha256"] == sha256 || row["sha1"] == sha1 || (!one.serial.empty() && row["serial"] == one.serial))
      return true;
  }
  return false;
}

std::string whose_is(const KnownCertificate& one) {
  static const Table certificates(data::uefi_certificates);
  if (const auto row = certificates.find("sha256", to_hex(one.sha256))) return std::string((*row)["subject"]);
  static const Table keys(data::uefi_platform_keys);
  if (const auto row = keys.find("sha1", to_hex(one.sha1))) return std::string((*row)["vendor"]);
  return {};
}

struct Published {
  std::map<std::string, std::string, std::less<>> added{};  // x64 hash: day
};
const Published& published() {
  static const auto all = [] {
    Published out;
    for (const auto row : Table(data::uefi_dbx)) {
      if (row.is({"architecture", "x64"})) out.added.emplace(row["sha256"], row["added"]);
    }
    return out;
  }();
  return all;
}

void compare_with_published(KeyList& list) {
  const auto& all = published().added;
  list.published = all.size();
  std::uint64_t known = 0;
  for (const std::string& hash : list.hashes) {
    const auto found = all.find(hash);
    if (found == all.end()) continue;
    ++known;
    list.newest = std::max(list.newest, found->second);
  }
  list.missing = list.published - std::min(known, list.published);
}

void take_signature(KeyList& list, const Guid& type, ByteView signature) {
  const Guid owner = Guid::at(signature, 0);
  const ByteView data = signature.clip(Range::between(owner_size, signature.size()));
  if (type == x509) {
    list.certificates.push_back(known_certificate(data));
    list.owners.push_back(owner);
    return;
  }
  if (type != sha256_hash || data.size() != Sha256().size()) {
    ++list.others;
    return;
  }
  std::string hash = to_hex(data.bytes());
  if (hash == hash_of_nothing) {
    list.empty_marker = true;
    return;
  }
  list.hashes.push_back(std::move(hash));
}

// The certificates of a PKCS #7 SignedData, with or without the ContentInfo around it.
std::vector<KnownCertificate> signers_of(ByteView content) {
  std::vector<KnownCertificate> out;
  const auto outer = DerReader(content).next(der_tag::sequence, "the signature");
  if (!outer) return out;
  ByteView body = outer->content;
  DerReader reader(body);
  if (reader.next_is(der_tag::object_id)) {
    static_cast<void>(reader.next());
    const auto wrapped = reader.next();
    if (!wrapped || !wrapped->is_context(0)) return out;
    const auto inner = DerReader(wrapped->content).next(der_tag::sequence, "the signed data");
    if (!inner) return out;
    body = inner->content;
  }
  DerReader fields(body);
  while (!fields.at_end()) {
    const auto field = fields.next();
    if (!field) return out;
    if (!field->is_context(0)) continue;
    DerReader certificates(field->content);
    while (!certificates.at_end() && out.size() < most_signers) {
      const auto one = certificates.next();
      if (!one) return out;
      out.push_back(known_certificate(one->whole));
    }
  }
  return out;
}

}  // namespace

KnownCertificate known_certificate(ByteView der) {
  KnownCertificate out;
  out.der.assign(der.bytes().begin(), der.bytes().end());
  out.sha256 = sha256(der.bytes());
  out.sha1 = sha1(der.bytes());
  if (const auto read = parse_certificate(der)) {
    out.readable = true;
    out.subject = read->subject;
    out.issuer = read->issuer;
    out.serial = to_hex(read->serial.bytes());
    // A positive number whose highest bit is set has a zero byte before it.
    if (out.serial.size() > 2 && out.serial.starts_with("00")) out.serial.erase(0, 2);
    out.not_before = read->not_before;
    out.not_after = read->not_after;
    if (read->rsa) out.bits = read->rsa->modulus.size() * 8;
  }
  out.test_key = is_test_key(out);
  out.whose = whose_is(out);
  return out;
}

KeyList read_key_list(std::string name, std::string source, ByteView content) {
  KeyList out{.name = std::move(name), .source = std::move(source), .range = content.range()};
  std::uint64_t at = 0;
  std::size_t seen = 0;
  while (content.has(at, list_header)) {
    const Guid type = Guid::at(content, at);
    const std::uint64_t size = content.u32(at + 0x10).value_or(0);
    const std::uint64_t header = content.u32(at + 0x14).value_or(0);
    const std::uint64_t one = content.u32(at + 0x18).value_or(0);
    const auto list = content.sub(at, size);
    if (!list || size < list_header || header > size - list_header || one < owner_size) break;
    for (std::uint64_t place = list_header + header; list->has(place, one) && seen < most_signatures; place += one) {
      take_signature(out, type, list->clip({place, one}));
      ++seen;
    }
    at += size;
  }
  out.whole = at == content.size();
  if (out.name == "dbx") compare_with_published(out);
  return out;
}

KeyList read_signed_key_list(std::string name, std::string source, ByteView content) {
  constexpr std::uint64_t block_at = 16;
  constexpr std::uint64_t block_header = 0x18;  // u32 size, u16 revision, u16 type, GUID
  const std::uint64_t block = content.u32(block_at).value_or(0);
  const auto lists = content.from(block_at + block);
  if (!lists || block < block_header) return read_key_list(std::move(name), std::move(source), content);
  KeyList out = read_key_list(std::move(name), std::move(source), *lists);
  out.signers = signers_of(content.clip({block_at + block_header, block - block_header}));
  return out;
}

const KeyList* SecureBoot::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(variables, name, &KeyList::name);
  return found == variables.end() ? nullptr : &*found;
}

SecureBoot read_secure_boot(const std::vector<VariableStore>& stores) {
  struct Wanted {
    std::string_view name;
    Guid owner;
  };
  constexpr std::array<Wanted, 4> lists{
      {{"PK", global}, {"KEK", global}, {"db", image_security}, {"dbx", image_security}}};
  constexpr std::array<std::string_view, 4> defaults{"PKDefault", "KEKDefault", "dbDefault", "dbxDefault"};
  constexpr Guid switch_owner = Guid::of("F0A30BC7-AF08-4556-99C4-001009C93A44");
  constexpr Guid vendor_owner = Guid::of("9073E4E0-60EC-4B6E-9903-4C223C260F3C");
  SecureBoot out;
  for (const VariableStore& store : stores) {
    const bool holds = store.kind != StoreKind::fault_tolerant && store.kind != StoreKind::unknown;
    if (!holds || store.older || !store.inside.empty()) continue;
    out.readable = out.readable || !store.variables.empty();
    for (const Wanted& wanted : lists) {
      const Variable* found = store.find(wanted.name, wanted.owner);
      if (found == nullptr || found->data.empty()) continue;
      out.variables.push_back(read_key_list(std::string(wanted.name), "variable", found->data));
    }
    for (std::size_t i = 0; i < defaults.size(); ++i) {
      const Variable* found = store.find(defaults.at(i), global);
      if (found == nullptr || found->data.empty()) continue;
      std::string source = "variable ";
      source += defaults.at(i);
      out.defaults.push_back(read_key_list(std::string(lists.at(i).name), std::move(source), found->data));
    }
    const auto flag = [&](std::string_view name, const Guid& owner) -> std::optional<std::uint8_t> {
      const Variable* found = store.find(name, owner);
      if (found == nullptr || found->data.empty()) return std::nullopt;
      return found->data.u8(0).value_or(0);
    };
    if (const auto enabled = flag("SecureBootEnable", switch_owner)) out.enabled = *enabled == 1;
    if (const auto vendor = flag("VendorKeysNv", vendor_owner)) out.keys_changed = *vendor == 0;
  }
  return out;
}

DefaultFile default_file(const Guid& file) {
  struct Row {
    Guid guid;
    DefaultFile what;
  };
  // AMI's hold the lists with their signature, EDK II's the lists alone.
  constexpr std::array<Row, 9> rows{{
      {Guid::of("CC0F8A3F-3DEA-4376-9679-5426BA0A907E"), {"PK", true}},
      {Guid::of("9FE7DE69-0AEA-470A-B50A-139813649189"), {"KEK", true}},
      {Guid::of("FBF95065-427F-47B3-8077-D13C60710998"), {"db", true}},
      {Guid::of("9D7A05E9-F740-44C3-858B-75586A8F9C8E"), {"dbx", true}},
      {Guid::of("85254EA7-4759-4FC4-82D4-5EED5FB0A4A0"), {"PK", false}},
      {Guid::of("6F64916E-9F7A-4C35-B952-CD041EFB05A3"), {"KEK", false}},
      {Guid::of("C491D352-7623-4843-ACCC-2791A7574421"), {"db", false}},
      {Guid::of("5740766A-718E-4DC0-9935-C36F7D3F884F"), {"dbx", false}},
      {Guid::of("36C513EE-A338-4976-A0FB-6DDBA3DAFE87"), {"dbt", false}},
  }};
  const auto found = std::ranges::find(rows, file, &Row::guid);
  return found == rows.end() ? DefaultFile{} : found->what;
}

}  // namespace quell::uefi
