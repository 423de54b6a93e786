// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "intel/clean/workspace.h"
#include "intel/region_report.h"
#include "intel/sku.h"

namespace quell::intel {
namespace {

Range in_image(const MeRegion& me, Range range) { return {me.bytes.origin() + range.offset, range.size}; }

Finding cut_short(const MeRegion& me, const FptEntry& entry) {
  return {.id = "intel.partition.beyond-region",
          .question = Question::size,
          .severity = Severity::error,
          .title = fmt::format("partition {} reaches {:#x} bytes past the end of the ME region", entry.name,
                               entry.range(me.bytes.size()).end() - me.bytes.size()),
          .advice = "the file was cut short or the region is the wrong size: read the chip again",
          .range = in_image(me, {entry.row_offset, FlashPartitionTable::row_size})};
}

void audit_table(std::vector<Finding>& findings, const MeRegion& me, const CleanState& state) {
  const Range table = in_image(me, me.table.range);
  if (me.table.checksum_placeholder) {
    findings.push_back({.id = "intel.fpt.checksum-placeholder",
                        .question = Question::checksums,
                        .severity = Severity::info,
                        .title = "the partition table's checksum is the placeholder 0, as extraction tools leave it",
                        .range = table});
  } else if (!me.table.checksum_valid) {
    findings.push_back({.id = "intel.fpt.checksum",
                        .question = Question::checksums,
                        .severity = Severity::error,
                        .title = "the partition table's checksum is wrong",
                        .advice = "read the chip again; if it stays, the table was edited by hand",
                        .range = table});
  }
  for (const FptEntry& entry : me.table.entries) {
    if (!entry.has_data() || entry.range(me.bytes.size()).end() <= me.bytes.size()) continue;
    const bool by_design = state.shortened && entry.row_offset == me.code_partition.row_offset;
    if (!by_design) findings.push_back(cut_short(me, entry));
  }
  if (state.shortened) {
    findings.push_back({.id = "intel.region.shortened",
                        .question = Question::size,
                        .severity = Severity::info,
                        .title = "the region is shortened by design: everything that FTPR still needs is in it",
                        .range = me.bytes.range()});
  }
}

void audit_modules(std::vector<Finding>& findings, const MeRegion& me) {
  if (me.module_error) {
    findings.push_back({.id = "intel.modules.unreadable",
                        .question = Question::structure,
                        .severity = me.module_error->code == Errc::unsupported ? Severity::warning : Severity::error,
                        .title = "the module table of FTPR cannot be read",
                        .detail = me.module_error->message,
                        .advice = "read the chip again",
                        .range = in_image(me, {me.code_offset() + gen2_headers_offset, 0})});
  }
  if (me.directory && !me.directory->checksum_valid) {
    const bool known = me.product == Product::sps;
    findings.push_back({.id = "intel.directory.checksum",
                        .question = Question::checksums,
                        .severity = known ? Severity::info : Severity::error,
                        .title = "the checksum of the FTPR directory is wrong",
                        .detail = known ? "known of the SPS Ignition firmware as Intel published it" : "",
                        .range = me.directory->bytes.clip({0, me.directory->table_size()}).range()});
  }
}

// Manifests of the other partitions; FTPR's own comes first.
void audit_signatures(std::vector<Finding>& findings, const MeRegion& me) {
  if (auto finding = signature_finding(me.manifest, me.signatures.of(me.manifest), me.code_partition.name))
    findings.push_back(*std::move(finding));
  for (const FptEntry& entry : me.table.entries) {
    if (!entry.has_data() || entry.row_offset == me.code_partition.row_offset) continue;
    const ByteView partition = me.bytes.clip(entry.range(me.bytes.size()));
    if (partition.matches(0, "$CPD")) {
      const auto directory = parse_code_directory(partition);
      if (!directory) continue;
      for (const CodeDirectoryEntry& file : directory->entries) {
        if (!file.is_manifest()) continue;
        const auto manifest = parse_manifest(partition.clip(Range::between(file.offset, partition.size())));
        if (!manifest) continue;
        if (auto finding = signature_finding(*manifest, me.signatures.of(*manifest), entry.name + "/" + file.name))
          findings.push_back(*std::move(finding));
      }
    } else if (const auto manifest = parse_manifest(partition)) {
      if (auto finding = signature_finding(*manifest, me.signatures.of(*manifest), entry.name))
        findings.push_back(*std::move(finding));
    }
  }
}

}  // namespace

std::optional<Finding> signature_finding(const Manifest& manifest, SignatureState state, const std::string& where) {
  if (state != SignatureState::invalid) return std::nullopt;
  return Finding{.id = "intel.signature.invalid",
                 .question = Question::signatures,
                 .severity = Severity::error,
                 .title = fmt::format("the signature of {} {} does not hold", where, to_string(manifest.version)),
                 .detail = "the bytes that Intel signed are not the bytes in this file",
                 .advice = "the image is damaged: read the chip again, and do not write this file to a machine",
                 .range = manifest.bytes.range()};
}

// Of generation 2 from ME 8 on and of TXE the header has a version control number at 0x34; ME 8 keeps the security
// version at 0x30. Both as an independent analyser recorded them of 14 real images.
void add_versions(Attributes& out, const MeRegion& me) {
  const Manifest& manifest = me.manifest;
  const bool numbered =
      me.generation == Generation::second && (me.product != Product::me || manifest.version.major >= 8);
  const bool me8 = me.product == Product::me && manifest.version.major == 8;
  out.set("security_version", std::uint64_t{me8 ? manifest.bytes.u32(0x30).value_or(0) : manifest.security_version});
  if (numbered) out.set("version_control_number", std::uint64_t{manifest.bytes.u32(0x34).value_or(0)});
}

// $DAT record: 00 tag, 04 size in dwords, 10 u32 whether the firmware is ready for production. As an independent
// analyser recorded it of 14 real images of ME 8 to 10, TXE 1 and TXE 2.
std::optional<bool> production_ready(const Manifest& manifest, std::string_view family) {
  const bool has_flag = family == "TXE" || (family == "ME" && manifest.version.major >= 8);
  if (manifest.is_man || !has_flag || manifest.version.major > 10) return std::nullopt;
  const auto record = manifest.bytes.find(as_bytes("$DAT"), manifest.header_size, 4);
  const auto flag = record ? manifest.bytes.u32(*record + 0x10) : tl::unexpected<Error>(Error{});
  if (!flag) return std::nullopt;
  return *flag == 1;
}

bool is_stripped(const FlashPartitionTable& table, ByteView base) {
  // Cleaning leaves the old rows of the table erased; a stock table is followed by its first partition or by zeros.
  const Range gone{table.range.end(), FlashPartitionTable::row_size};
  const bool rows_erased = base.clip(gone).filled_with(std::byte{0xFF});
  const bool others_gone =
      std::ranges::none_of(table.entries, [](const FptEntry& entry) { return entry.name == "NFTP"; });
  return rows_erased && others_gone && table.find("FTPR") != nullptr && table.entries.size() <= 8;
}

CleanState clean_state(const MeRegion& me) {
  CleanState state;
  if (me.generation == Generation::first) return state;
  state.stripped = is_stripped(me.table, me.bytes);
  const auto size = minimum_region_size(me);
  if (size) state.minimum_size = *size;
  const Range code = me.code_partition.range(me.bytes.size());
  const std::uint64_t end = me.bytes.size();
  state.shortened = state.stripped && code.end() > end && state.minimum_size && *state.minimum_size <= end;
  return state;
}

std::vector<Finding> audit(const MeRegion& me, const CleanState& state) {
  std::vector<Finding> findings;
  audit_table(findings, me, state);
  audit_modules(findings, me);
  audit_signatures(findings, me);
  if (!me.key.known) {
    findings.push_back({.id = "intel.key.unknown",
                        .question = Question::signatures,
                        .severity = Severity::warning,
                        .title = "FTPR is signed by a key that is in no table",
                        .detail = fmt::format("key MD5 {}", to_hex(key_identifier(me.manifest))),
                        .range = me.manifest.bytes.range()});
  }
  return findings;
}

Attributes facts(const MeRegion& me, const CleanState& state) {
  const SignatureState signature = me.signatures.of(me.manifest);
  Attributes out;
  out.set("family", std::string(me.family()));
  out.set("version", to_string(me.manifest.version));
  out.set("generation", static_cast<std::uint64_t>(me.generation));
  if (me.generation != Generation::third) {
    const auto sku = sku_of(me.manifest, me.family());
    out.set("sku", sku ? Value(*sku) : Value(Unknown{}));
    const auto type = type_of(me);
    out.set("type", type ? Value(*type) : Value(Unknown{}));
  }
  out.set("date", me.manifest.date_text());
  out.set("signature", std::string(to_string(signature)), as_check(signature));
  out.set("signer", signer_text(me.key, signature));
  out.set("release", std::string(me.key.status == "pre-production" || me.manifest.debug_signed() ? "Pre-Production"
                                                                                                 : "Production"));
  if (const auto ready = production_ready(me.manifest, me.family())) out.set("production_ready", *ready);
  out.set("key_md5", to_hex(key_identifier(me.manifest)));
  add_versions(out, me);
  out.set("stripped", state.stripped);
  if (state.minimum_size) out.set("minimum_size", *state.minimum_size, Show::size);
  return out;
}

}  // namespace quell::intel
