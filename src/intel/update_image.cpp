// SPDX-License-Identifier: GPL-2.0-or-later
// $UDC record: 00 tag, 04 size in dwords, 08 partition (4), 0C digest (20 or 32), then name (16), u32 offset from the
// record, u32 size. Found alike in real update files of ME 2, 3, 5 and 6.
#include "intel/update_image.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/size.h"
#include "intel/cse/report.h"
#include "intel/gen2.h"
#include "intel/manageability.h"
#include "intel/region_report.h"
#include "intel/sku.h"
#include "quell/digest.h"

namespace quell::intel {
namespace {

constexpr std::size_t most_partitions = 32;
constexpr std::uint32_t intel_vendor = 0x8086;
// Tools that cut files at the last byte that is not 0xFF take some of the last partition with it.
constexpr std::uint64_t most_lost_padding = 0x1000;

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

// What is wrong with the bytes of a partition.
std::optional<Finding> partition_finding(const UpdatePartition& partition, bool is_man) {
  if (partition.digest_matches(is_man)) return std::nullopt;
  if (const std::uint64_t lost = partition.lost_padding(is_man); lost != 0) {
    return Finding{.id = "intel.partition.padding-lost",
                   .question = Question::size,
                   .severity = Severity::warning,
                   .title = fmt::format("the last {} bytes of {} are missing; with 0xff the signature holds", lost,
                                        partition.name),
                   .advice = "nothing but padding is lost: append the bytes before the file is used",
                   .range = partition.bytes.range()};
  }
  return Finding{.id = "intel.partition.digest",
                 .question = Question::digests,
                 .severity = Severity::error,
                 .title = fmt::format("{} as a whole is not what was signed", partition.name),
                 .advice = "the file is damaged or was changed: fetch it again",
                 .range = partition.bytes.range()};
}

Component describe_partition(const UpdateImage& update, const UpdatePartition& partition, Depth depth) {
  Component out{"partition", partition.name, partition.bytes.range()};
  if (depth == Depth::everything) {
    const bool padded = partition.lost_padding(update.manifest.is_man) != 0;
    const bool matches = padded || partition.digest_matches(update.manifest.is_man);
    out.attributes.set("digest", std::string(padded    ? "matches with its last bytes 0xff"
                                             : matches ? "matches"
                                                       : "mismatch"));
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

std::uint64_t UpdatePartition::lost_padding(bool is_man) const {
  const std::uint64_t missing = range.size - bytes.size();
  if (missing == 0 || missing > most_lost_padding) return 0;
  const Buffer padding(to_size(missing), std::byte{0xFF});
  Buffer actual = hash(is_man ? HashAlgorithm::sha1 : HashAlgorithm::sha256, bytes.bytes(), padding);
  std::ranges::reverse(actual);
  return equal(actual, digest) ? missing : 0;
}

Manifest UpdateImage::installed() const {
  std::optional<Manifest> inner;
  for (const UpdatePartition& partition : partitions) {
    auto one = parse_manifest(partition.bytes);
    if (!one) continue;
    if (inner && inner->version != one->version) return manifest;
    inner = *std::move(one);
  }
  return inner.value_or(manifest);
}

bool UpdateImage::is_manifest_alone() const {
  const ByteView behind = bytes.clip(Range::between(manifest.bytes.size(), bytes.size()));
  return partitions.empty() && (behind.empty() || behind.filled_with(behind.bytes().front()));
}

namespace {

// The end of what a manifest of generation 2 lists: whole modules, and the stream of the Huffman ones.
std::uint64_t end_of_modules(ByteView body, std::uint64_t start, const Manifest& manifest) {
  const auto table = parse_gen2_modules(body, start + gen2_headers_offset, manifest.module_count);
  if (!table) return 0;
  std::uint64_t end = 0;
  std::uint64_t chunks = 0;
  for (const Gen2Module& module : table->modules) {
    if (module.is_huffman()) {
      chunks = start + module.data_offset;
    } else {
      end = std::max(end, start + module.data_offset + module.stored_size);
    }
  }
  // The stream is counted from where FTPR lies in the region it was made for; only its length is of use here.
  const auto llut = chunks == 0 ? std::nullopt : std::optional(parse_llut(body, chunks));
  if (llut && *llut) end = std::max(end, chunks + (*llut)->stream_length);
  return chunks != 0 && !*llut ? std::max(end, body.size() + 1) : end;
}

std::uint64_t needed_bytes(ByteView body) {
  constexpr unsigned most_hits = 64;
  std::uint64_t end = 0;
  auto hit = body.find(as_bytes("$MN2"), 0, 4);
  for (unsigned tries = 0; hit && tries < most_hits; ++tries, hit = body.find(as_bytes("$MN2"), *hit + 4, 4)) {
    if (*hit < Manifest::tag_offset) continue;
    const std::uint64_t start = *hit - Manifest::tag_offset;
    const auto manifest = parse_manifest(body.clip(Range::between(start, body.size())));
    if (manifest && manifest->vendor == intel_vendor) end = std::max(end, end_of_modules(body, start, *manifest));
  }
  return end;
}

}  // namespace

std::optional<UpdateImage> parse_update(ByteView body) {
  auto manifest = parse_manifest(body);
  if (!manifest || manifest->vendor != intel_vendor) return std::nullopt;
  UpdateImage update{.bytes = body, .manifest = *std::move(manifest)};
  update.key = identify_key(update.manifest);
  std::uint64_t at = update.manifest.header_size;
  while (const auto found = update.manifest.bytes.find(as_bytes("$UDC"), at, 4)) {
    at = *found + 4;
    auto partition = read_record(update, *found);
    if (partition && !partition->bytes.empty()) update.partitions.push_back(*std::move(partition));
    if (update.partitions.size() == most_partitions) break;
  }
  if (update.partitions.empty() && !update.manifest.is_man) update.needed = needed_bytes(body);
  return update;
}

namespace {

// Which partition a manifest of ME 11 and later is of; empty where it does not say.
std::string partition_of(const Manifest& manifest) {
  if (manifest.is_man) return {};
  const ExtensionList extensions = parse_extensions(manifest);
  if (const PartitionInformation* information = extensions.partition()) return information->name;
  return extensions.package ? extensions.package->name : std::string();
}

void set_facts(Attributes& facts, const UpdateImage& update, SignatureState signature, const std::string& family) {
  const Manifest& manifest = update.manifest;
  const bool alone = update.is_manifest_alone();
  facts.set("family", family);
  const Manifest installed = update.installed();
  facts.set("version", to_string(installed.version));
  if (installed.version != manifest.version) facts.set("head_version", to_string(manifest.version));
  if (!alone) {
    const auto sku = sku_of(manifest, family);
    facts.set("sku", sku ? Value(*sku) : Value(Unknown{}));
  }
  facts.set("type", std::string(alone ? "Manifest" : "Update"));
  facts.set("date", installed.date_text());
  facts.set("signature", std::string(to_string(signature)), as_check(signature));
  facts.set("signer", signer_text(update.key, signature));
  const bool early = update.key.status == "pre-production" || manifest.debug_signed();
  facts.set("release", std::string(early ? "Pre-Production" : "Production"));
  if (const auto ready = production_ready(manifest, family)) facts.set("production_ready", *ready);
  facts.set("key_md5", to_hex(key_identifier(manifest)));
}

Action no_removal(bool alone) {
  return {
      .id = "strip",
      .title = "remove partitions and modules",
      .state = Action::State::impossible,
      .reason = alone ? "a manifest alone holds nothing that could be removed"
                      : "an update image is installed by the running engine, which accepts it only as Intel signed it"};
}

}  // namespace

EngineReport report_update(const UpdateImage& update, Depth depth) {
  const Manifest& manifest = update.manifest;
  const bool alone = update.is_manifest_alone();
  const std::string partition_name = alone ? partition_of(manifest) : std::string();
  const std::string family =
      partition_name.empty() ? family_of(update.key) : part_family(partition_name).value_or(family_of(update.key));
  const SignatureState signature = verify_signature(manifest);
  EngineReport report{.engine = "intel-me"};
  report.title = alone ? fmt::format("Intel {} {} manifest{}{}", family, to_string(manifest.version),
                                     partition_name.empty() ? "" : " of ", partition_name)
                       : fmt::format("Intel {} {} update image", family, to_string(update.installed().version));
  set_facts(report.facts, update, signature, family);
  report.manageability =
      manageability_of(family == "TXE" ? Product::txe : Product::me,
                       manifest.is_man ? Generation::first : Generation::second, sku_of(manifest, family));
  report.tree = {alone ? "me-manifest" : "me-update",
                 alone ? "manifest" : "update image",
                 update.bytes.range(),
                 {},
                 {describe_manifest(manifest, signature, "manifest")}};
  if (family == "ME" || family == "TXE")
    name_advisories(report, family == "TXE" ? AdvisedProduct::txe : AdvisedProduct::me, update.installed().version);
  if (auto finding = signature_finding(manifest, signature, alone ? "the manifest" : "the update"))
    report.findings.push_back(*std::move(finding));
  if (update.needed > update.bytes.size()) {
    report.findings.push_back({.id = "intel.update.cut-short",
                               .question = Question::size,
                               .severity = Severity::error,
                               .title = "the update is cut short: modules that its manifests list are not all there",
                               .advice = "fetch the file again",
                               .range = update.bytes.range()});
  }
  for (const UpdatePartition& partition : update.partitions) {
    report.tree.children.push_back(describe_partition(update, partition, depth));
    if (depth != Depth::everything) continue;
    if (auto finding = partition_finding(partition, manifest.is_man)) report.findings.push_back(*std::move(finding));
  }
  add_structure_check(report, alone ? "manifest" : "update image");
  report.actions.push_back(no_removal(alone));
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
