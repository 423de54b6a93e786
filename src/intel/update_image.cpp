// SPDX-License-Identifier: GPL-2.0-or-later
// $UDC record: 00 tag, 04 size in dwords, 08 partition (4), 0C digest (20 or 32), then name (16), u32 offset from the
// record, u32 size. Found alike in real update files of ME 2, 3, 5 and 6.
#include "intel/update_image.h"

#include <algorithm>

#include <fmt/format.h>

#include "intel/cse/report.h"
#include "intel/manageability.h"
#include "intel/region_report.h"
#include "intel/sku.h"
#include "quell/digest.h"

namespace quell::intel {
namespace {

constexpr std::size_t most_partitions = 32;

std::optional<UpdatePartition> read_record(const UpdateImage& update, std::uint64_t at) {
  const std::uint64_t digest_size = update.manifest.is_man ? 20 : 32;
  const ByteView record = update.manifest.bytes.clip(Range::between(at, update.manifest.bytes.size()));
  Fields f(record, "$UDC record");
  UpdatePartition partition{.name = f.text(0x08, 4)};
  partition.digest = f.sub(0x0C, digest_size).bytes();
  const std::uint64_t place = 0x0C + digest_size + 0x10;
  partition.range = {at + f.u32(place), f.u32(place + 4)};
  if (!f.done()) return std::nullopt;
  partition.bytes = update.bytes.clip(partition.range);
  return partition;
}

std::string family_of(const SigningKey& key) {
  const bool txe = key.product.find("TXE") != std::string::npos && key.product.find('/') == std::string::npos;
  return txe ? "TXE" : "ME";
}

Component describe_partition(const UpdateImage& update, const UpdatePartition& partition, Depth depth) {
  Component out{"partition", partition.name, partition.bytes.range()};
  if (depth == Depth::everything) {
    const bool matches = partition.digest_matches(update.manifest.is_man);
    out.attributes.set("digest", std::string(matches ? "matches" : "mismatch"));
    out.checks.push_back({.question = Question::digests,
                          .state = check_state(matches),
                          .subject = "partition digest",
                          .range = partition.bytes.range(),
                          .reason = matches ? "" : "the partition is not as it was signed",
                          .algorithm = update.manifest.is_man ? "SHA-1" : "SHA-256",
                          .stored = to_hex(partition.digest)});
  }
  if (const auto manifest = parse_manifest(partition.bytes)) {
    out.children.push_back(describe_manifest(*manifest, verify_signature(*manifest), partition.name + " manifest"));
  }
  return out;
}

}  // namespace

bool UpdatePartition::digest_matches(bool is_man) const {
  if (bytes.size() != range.size) return false;
  Buffer actual = hash(is_man ? HashAlgorithm::sha1 : HashAlgorithm::sha256, bytes.bytes());
  std::ranges::reverse(actual);
  return equal(actual, digest);
}

std::optional<UpdateImage> parse_update(ByteView body) {
  auto manifest = parse_manifest(body);
  if (!manifest) return std::nullopt;
  UpdateImage update{.bytes = body, .manifest = *std::move(manifest)};
  update.signature = verify_signature(update.manifest);
  update.key = identify_key(update.manifest);
  std::uint64_t at = update.manifest.header_size;
  while (const auto found = update.manifest.bytes.find(as_bytes("$UDC"), at, 4)) {
    at = *found + 4;
    auto partition = read_record(update, *found);
    if (partition && !partition->bytes.empty()) update.partitions.push_back(*std::move(partition));
    if (update.partitions.size() == most_partitions) break;
  }
  return update;
}

EngineReport report_update(const UpdateImage& update, Depth depth) {
  const Manifest& manifest = update.manifest;
  const std::string family = family_of(update.key);
  EngineReport report{.engine = "intel-me",
                      .title = fmt::format("Intel {} {} update image", family, to_string(manifest.version))};
  const auto sku = sku_of(manifest, family);
  const bool early = update.key.status == "pre-production" || manifest.debug_signed();
  report.facts.set("family", family);
  report.facts.set("version", to_string(manifest.version));
  report.facts.set("sku", sku ? Value(*sku) : Value(Unknown{}));
  report.facts.set("type", std::string("Update"));
  report.facts.set("date", manifest.date_text());
  report.facts.set("signature", std::string(to_string(update.signature)), as_check(update.signature));
  report.facts.set("signer", signer_text(update.key, update.signature));
  report.facts.set("release", std::string(early ? "Pre-Production" : "Production"));
  report.facts.set("key_md5", to_hex(key_identifier(manifest)));
  report.manageability = manageability_of(family == "TXE" ? Product::txe : Product::me,
                                          manifest.is_man ? Generation::first : Generation::second, sku);
  report.tree = {"me-update",
                 "update image",
                 update.bytes.range(),
                 {},
                 {describe_manifest(manifest, update.signature, "manifest")}};
  name_advisories(report, family == "TXE" ? AdvisedProduct::txe : AdvisedProduct::me, manifest.version);
  if (auto finding = signature_finding(manifest, update.signature, "the update"))
    report.findings.push_back(*std::move(finding));
  for (const UpdatePartition& partition : update.partitions) {
    report.tree.children.push_back(describe_partition(update, partition, depth));
    if (depth != Depth::everything || partition.digest_matches(manifest.is_man)) continue;
    report.findings.push_back({.id = "intel.partition.digest",
                               .question = Question::digests,
                               .severity = Severity::error,
                               .title = fmt::format("{} as a whole is not what was signed", partition.name),
                               .advice = "the file is damaged or was changed: fetch it again",
                               .range = partition.bytes.range()});
  }
  add_structure_check(report, "update image");
  report.actions.push_back(
      {.id = "strip",
       .title = "remove partitions and modules",
       .state = Action::State::impossible,
       .reason = "an update image is installed by the running engine, which accepts it only as Intel signed it"});
  return report;
}

std::vector<Artifact> artifacts_of(const UpdateImage& update) {
  std::vector<Artifact> out;
  out.push_back({.path = "intel/manifest.bin", .kind = "manifest", .range = update.manifest.bytes.range()});
  out.back().attributes.set("version", to_string(update.manifest.version));
  for (const UpdatePartition& partition : update.partitions) {
    const Range range = partition.bytes.range();
    out.push_back({.path = fmt::format("intel/partitions/{:08x}-{}.bin", range.offset, partition.name),
                   .kind = "partition",
                   .range = range});
    out.back().attributes.set("name", partition.name);
  }
  const std::string text = public_key_pem(update.manifest);
  const Bytes bytes = as_bytes(text);
  out.push_back({.path = fmt::format("intel/keys/{}.pem", to_hex(key_identifier(update.manifest))), .kind = "key"});
  out.back().unpack = [content = Buffer(bytes.begin(), bytes.end())]() { return Result<Buffer>(content); };
  return out;
}

}  // namespace quell::intel
