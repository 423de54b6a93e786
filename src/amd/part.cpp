// SPDX-License-Identifier: GPL-2.0-or-later
// Microcode container (Linux arch/x86/kernel/cpu/microcode/amd.c): u32 0x00414D44, u32 type 0, u32 size, table of
// equivalent processors (16 bytes each); then sections {u32 type 1, u32 size, patch}; maybe another container behind.
// The other formats are those of directory entries (header.cpp, content.cpp, directory.cpp).
#include "amd/part.h"

#include <algorithm>

#include <fmt/format.h>

#include "amd/content.h"
#include "amd/cookies.h"
#include "amd/directory.h"
#include "amd/efs.h"
#include "amd/inflate.h"
#include "amd/payload.h"
#include "amd/tables.h"
#include "base/checksum.h"
#include "model/cut_short.h"

namespace quell::amd {
namespace {

constexpr std::uint32_t microcode_magic = 0x00414D44;
constexpr std::size_t most_patches = 256;

Part make(std::string kind, std::string title, ByteView file) {
  Part out{.kind = std::move(kind), .title = std::move(title)};
  out.tree = {"part", out.title, file.range()};
  return out;
}

void note_cut(Part& out, ByteView file, std::uint64_t needed) {
  if (needed <= file.size()) return;
  out.findings.push_back(cut_short("amd.part.cut", "the part", needed, file, "fetch or extract the file again"));
}

bool has_magic(const PspHeader& header) {
  const std::string text = header.magic_text();
  return text.size() == 4 && text.front() == '$';
}

std::uint64_t end_of(const PspHeader& header) {
  return header.signature_offset() + (header.is_signed ? header.signature_size() : 0);
}

// The header's magic, or, where it has none, its total size, which must be that of the file.
bool is_part(const PspHeader& header, ByteView file) {
  if (header.size_signed == 0) return false;
  if (has_magic(header)) return true;
  return header.total_size == file.size() && end_of(header) <= file.size() &&
         (header.is_signed || header.type != 0 || header.version != 0);
}

void check_digest(Part& out, const PspHeader& header, ByteView file) {
  std::optional<Buffer> inflated;
  if (header.compressed && !header.encrypted && header.stored_payload_size() <= file.size()) {
    const std::uint64_t size = header.compressed_size != 0 ? header.compressed_size : header.size_signed;
    Budget budget(file.size());
    auto plain = inflate(file.clip({psp_header_size, size}).bytes(), header.plain_size(), budget);
    if (plain) inflated = *std::move(plain);
  }
  const Entry none{};
  const auto hash = check_payload_hash(header, {none, file, inflated, false});
  if (!hash) return;
  const bool known = hash->result == SignatureResult::valid || hash->result == SignatureResult::invalid;
  const bool right = hash->result == SignatureResult::valid;
  out.tree.checks.push_back({.question = Question::digests,
                             .state = known ? check_state(right) : CheckState::not_checked,
                             .subject = "digest of the payload",
                             .range = file.range(),
                             .reason = right   ? std::string()
                                       : known ? "the payload has another digest"
                                               : std::string(hash->reason),
                             .algorithm = std::string(hash->algorithm)});
  if (!known || right) return;
  out.findings.push_back({.id = "amd.part.digest",
                          .question = Question::digests,
                          .severity = Severity::error,
                          .title = "the payload does not match the digest in its header",
                          .advice = "fetch or extract the file again",
                          .range = file.range()});
}

std::optional<Part> headed_part(ByteView file) {
  const auto header = read_psp_header(file);
  if (!header || !is_part(*header, file)) return std::nullopt;
  const EntryType* type = header->type == 0 ? nullptr : entry_type(false, header->type);
  const std::string what = has_magic(*header) ? header->magic_text() : "without a magic";
  std::string title = fmt::format("AMD PSP firmware part {}", what);
  if (header->version != 0) title += fmt::format(", version {}", version_hex(header->version));
  Part out = make("amd.psp-part", std::move(title), file);
  Attributes& facts = out.facts;
  facts.set("type", std::uint64_t{header->type}, Show::hex);
  if (type != nullptr) facts.set("name", std::string(type->name));
  facts.set("version", header->version == 0 ? Value(Unknown{}) : Value(version_hex(header->version)));
  facts.set("security_patch_level", std::uint64_t{header->security_patch_level});
  facts.set("encrypted", header->encrypted);
  facts.set("compressed", header->compressed);
  facts.set("signed", header->is_signed);
  if (header->is_signed) facts.set("key_id", to_hex(header->key_id));
  facts.set("not_knowable", std::vector<std::string>{"whether the signature holds: its key is in a whole image"});
  out.tree.checks.push_back(
      {.question = Question::signatures,
       .state = header->is_signed ? CheckState::not_checked : CheckState::absent,
       .subject = "signature of the part",
       .range = file.range(),
       .reason = header->is_signed ? "the key that signed it is not in this file" : "the header announces none"});
  note_cut(out, file, end_of(*header));
  if (end_of(*header) <= file.size()) check_digest(out, *header, file);
  return out;
}

std::optional<Part> token_part(ByteView file) {
  const auto token = read_key_token(file);
  if (!token) return std::nullopt;
  const std::uint64_t rest = file.size() - token->body_size();
  if (rest != 0 && rest != 256 && rest != 512) return std::nullopt;  // the certifier's signature
  Part out = make("amd.key-token", fmt::format("AMD public key token of {} bits", token->bits), file);
  out.facts.set("key_id", to_hex(token->id));
  out.facts.set("certifying_id", to_hex(token->certifying_id));
  out.facts.set("usage", std::uint64_t{token->usage}, Show::hex);
  if (const auto signs = key_usage(token->usage); !signs.empty()) out.facts.set("signs", std::string(signs));
  const RootKey* root = root_key(to_hex(token->id));
  out.facts.set("root_key_of", root == nullptr ? Value(Unknown{}) : Value(std::string(root->platform)));
  return out;
}

std::optional<Part> apcb_part(ByteView file) {
  const std::uint64_t size = file.u32(8).value_or(0);
  if (!file.matches(0, "APCB") || size < 0x20 || size > largest_window) return std::nullopt;
  Part out = make("amd.apcb", "AMD board configuration (APCB)", file);
  out.facts.set("version", std::uint64_t{file.u16(6).value_or(0)}, Show::hex);
  note_cut(out, file, size);
  const Bytes bytes = file.clip({0, size}).bytes();
  const bool whole = bytes.size() == size;
  const bool right = whole && sum_of(bytes) == 0;
  out.tree.checks.push_back({.question = Question::checksums,
                             .state = whole ? check_state(right) : CheckState::not_checked,
                             .subject = "checksum of the board configuration",
                             .range = file.range(),
                             .reason = right ? "" : "its bytes do not sum to zero",
                             .algorithm = "8-bit sum"});
  if (whole && !right) {
    out.findings.push_back({.id = "amd.apcb-checksum-mismatch",
                            .question = Question::checksums,
                            .severity = Severity::error,
                            .title = "the checksum of the board configuration is wrong",
                            .range = file.range()});
  }
  return out;
}

// Reads the sections of one container from `at` on; gives where they end, which may be behind the file.
std::uint64_t read_patches(Part& out, ByteView file, std::uint64_t at) {
  while (out.tree.children.size() < most_patches && file.u32(at).value_or(0) == 1) {
    const std::uint64_t size = file.u32(at + 4).value_or(0);
    const ByteView patch = file.clip({at + 8, size});
    Component child{"microcode", fmt::format("patch {:#010x}", patch.u32(4).value_or(0)), patch.range()};
    child.attributes.set("revision", std::uint64_t{patch.u32(4).value_or(0)}, Show::hex);
    child.attributes.set("processor", std::uint64_t{patch.u16(0x18).value_or(0)}, Show::hex);
    const Microcode date{.date = patch.u32(0).value_or(0)};
    child.attributes.set("date", date.date_text());
    out.tree.children.push_back(std::move(child));
    at += 8 + size;
    if (size == 0 || at >= file.size()) break;
  }
  return at;
}

std::optional<Part> microcode_part(ByteView file) {
  if (file.u32(0).value_or(0) != microcode_magic || file.u32(4).value_or(1) != 0) return std::nullopt;
  Part out = make("amd.microcode", "AMD microcode updates", file);
  std::uint64_t at = 0;
  while (file.u32(at).value_or(0) == microcode_magic && out.tree.children.size() < most_patches) {
    const std::uint64_t table = file.u32(at + 8).value_or(0);
    if (table % 16 != 0) return std::nullopt;
    const std::size_t before = out.tree.children.size();
    at = read_patches(out, file, at + 12 + table);
    if (out.tree.children.size() == before) break;
  }
  note_cut(out, file, at);
  if (at < file.size()) {
    out.findings.push_back({.id = "amd.part.trailing",
                            .question = Question::structure,
                            .severity = Severity::error,
                            .title = "the list of microcode patches is broken",
                            .detail = fmt::format("What stands at {:#x} is neither a patch nor another container.", at),
                            .range = Range::between(at, file.size())});
  }
  out.facts.set("patches", std::uint64_t{out.tree.children.size()});
  return out;
}

// A directory table, as `extract` writes it: the checksum over its entries must hold.
std::optional<Part> directory_part(ByteView file) {
  constexpr std::uint64_t header = 0x10;
  const Cookie* cookie = cookie_at(file, 0);
  const std::uint64_t count = file.u32(8).value_or(0);
  if (cookie == nullptr || count > 1024) return std::nullopt;
  const std::uint64_t size = cookie->combo ? 0x20 + count * 0x10 : header + count * (cookie->bios ? 0x18U : 0x10U);
  if (!file.has(0, size) || fletcher32(file.clip({8, size - 8}).bytes()) != file.u32(4).value_or(0))
    return std::nullopt;
  Part out = make("amd.directory",
                  fmt::format("table of an AMD {} directory ({}) with {} entries", cookie->bios ? "BIOS" : "PSP",
                              cookie->text, count),
                  file);
  out.facts.set("entries", count);
  out.tree.checks.push_back({.question = Question::checksums,
                             .state = CheckState::held,
                             .subject = "directory checksum",
                             .range = {0, size},
                             .algorithm = "Fletcher-32"});
  return out;
}

std::optional<Part> efs_part(ByteView file) {
  if (file.size() != efs_size || file.u32(0).value_or(0) != 0x55AA55AA) return std::nullopt;
  return make("amd.efs", "AMD Embedded Firmware Structure alone", file);
}

}  // namespace

std::optional<Part> read_part(ByteView file) {
  constexpr std::array steps{&directory_part, &efs_part, &apcb_part, &microcode_part, &token_part, &headed_part};
  for (const auto step : steps) {
    if (auto found = step(file)) return found;
  }
  return std::nullopt;
}

}  // namespace quell::amd
