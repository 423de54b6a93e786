// SPDX-License-Identifier: GPL-2.0-or-later
// The chain: the manifest's signature covers the digests of metadata files, those the digests of modules. Firmware
// since 12.0.30 has few metadata files; there, `rbe` and `pm` hold tables of digests of the modules they start.
#include "intel/cse/verify.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/budget.h"
#include "base/rsa.h"
#include "base/size.h"
#include "base/table.h"
#include "data/intel-cse-direct-digests.h"
#include "flash/microcode.h"
#include "intel/cse/partition.h"
#include "quell/digest.h"

namespace quell::intel {
namespace {

// What each module costs besides its bytes.
constexpr std::uint64_t least_cost = 1024;
constexpr std::uint64_t most_unpacked = std::uint64_t{16} << 20U;

constexpr const char* cut_off_reason = "lies beyond the end of the file";

// The digests of a partition that stand directly in an extension, and which module each is for.
class DirectDigests {
 public:
  explicit DirectDigests(const CsePartition& partition) {
    add(partition.extensions.direct_digests);
    for (const CseModule& module : partition.modules) {
      if (module.kind == CseModule::Kind::metadata) add(module.extensions.direct_digests);
    }
  }

  // Whether a digest for a module of this name is there at all.
  [[nodiscard]] bool expected(const std::string& module) const {
    return std::ranges::any_of(digests_, [&](const DirectDigest& digest) { return is_for(digest, module); });
  }
  [[nodiscard]] bool matches(const std::string& module, Bytes content) const {
    return std::ranges::any_of(digests_, [&](const DirectDigest& digest) {
      const Bytes covered =
          digest.size == 0 ? content : content.first(std::min<std::size_t>(digest.size, content.size()));
      return is_for(digest, module) && equal(forward_digest(covered, digest.digest.size()), digest.digest);
    });
  }

 private:
  void add(const std::vector<DirectDigest>& more) { digests_.insert(digests_.end(), more.begin(), more.end()); }

  static bool is_for(const DirectDigest& digest, const std::string& module) {
    static const Table table(data::intel_cse_direct_digests);
    return std::any_of(table.begin(), table.end(), [&](const auto& row) {
      return row["module"] == module && row.number("tag") == digest.tag &&
             row.optional_number("type").value_or(digest.type) == digest.type;
    });
  }

  std::vector<DirectDigest> digests_;
};

bool microcode_holds(ByteView bytes) {
  const auto update = flash::parse_microcode(bytes);
  return update && update->checksum_valid;
}

// Which salt an RSA-PSS signature has: 48 bytes on Intel's, 32 on OEM key manifests; nothing tells but trying.
std::optional<std::uint64_t> salt_of(const Manifest& manifest) {
  constexpr std::array<std::uint64_t, 2> usual{48, 32};
  const Bytes bytes = manifest.bytes.bytes();
  const auto digest = hash(HashAlgorithm::sha384, bytes.first(0x80), bytes.subspan(to_size(manifest.header_size)));
  const RsaPublicKey key{manifest.modulus, manifest.exponent, ByteOrder::little};
  for (const std::uint64_t salt : usual) {
    if (verify_pss(key, HashAlgorithm::sha384, digest, manifest.signature, {.length = salt})) return salt;
  }
  return std::nullopt;
}

class Verifier {
 public:
  Verifier(CseImage& image, Budget& budget) : image_(image), budget_(budget) {}

  void run() {
    for (CsePartition& partition : image_.partitions) check_partition(partition);
    for (const std::string_view name : {"rbe", "pm"}) {
      for_each_module([&](CsePartition& partition, CseModule& module) {
        if (module.name == name) check_module(partition, module);
      });
    }
    for_each_module([&](CsePartition& partition, CseModule& module) {
      if (module.integrity == Integrity::not_checked) check_module(partition, module);
    });
    image_.verified = true;
  }

 private:
  template <class Function>
  void for_each_module(Function function) {
    for (CsePartition& partition : image_.partitions) {
      for (CseModule& module : partition.modules) function(partition, module);
    }
  }

  bool spend(std::uint64_t bytes) {
    const bool there = budget_.spend(bytes);
    if (!there) image_.budget_exhausted = true;
    return there;
  }

  void check_partition(CsePartition& partition);
  void check_digest(CsePartition& partition, const PartitionInformation& information);
  void check_metadata(CsePartition& partition);
  void check_module(CsePartition& partition, CseModule& module);
  void check_content(CsePartition& partition, CseModule& module);
  void check_by_metadata(CsePartition& partition, CseModule& module, const ModuleContent& content);
  void check_by_tables(CsePartition& partition, CseModule& module, const ModuleContent& content);
  void check_plain(CsePartition& partition, CseModule& module, ByteView bytes);
  void check_key(CsePartition& partition, CseModule& module);
  [[nodiscard]] bool is_default_configuration(const CsePartition& partition, Bytes content) const;

  static void good(CseModule& module, std::string how, std::uint64_t& count, CseTally& tally) {
    module.integrity = Integrity::verified;
    module.reason = std::move(how);
    ++count;
    if (module.kind == CseModule::Kind::module) ++tally.modules_verified;
  }
  // What is known in outline only is not called damaged.
  void bad(CseModule& module, std::string why, CseTally& tally) const {
    if (in_outline(image_)) return open(module, why.insert(0, "known in outline only: "), tally.uncheckable);
    module.integrity = Integrity::failed;
    module.reason = std::move(why);
    ++tally.failed;
  }
  static void open(CseModule& module, std::string why, std::uint64_t& count) {
    module.integrity = Integrity::uncheckable;
    module.reason = std::move(why);
    ++count;
  }
  static void absent(CseModule& module, std::string why, std::uint64_t& count) {
    module.absent = true;
    open(module, std::move(why), count);
  }

  CseImage& image_;
  DigestTables tables_{};
  Budget& budget_;
};

void Verifier::check_partition(CsePartition& partition) {
  constexpr std::uint64_t rsa_3072 = 0x180;
  if (partition.manifest && partition.manifest->key_size >= rsa_3072 && partition.signature == SignatureState::valid) {
    partition.pss_salt = salt_of(*partition.manifest);
  }
  check_metadata(partition);
  const PartitionInformation* information = partition.extensions.partition();
  if (information == nullptr) {
    partition.digest = Integrity::uncheckable;
    partition.digest_reason = "the manifest holds no digest of the whole partition";
  } else if (ByteView(information->digest).filled_with(std::byte{0})) {
    partition.digest = Integrity::uncheckable;
    partition.digest_reason = "the digest in the manifest is blank";
  } else {
    check_digest(partition, *information);
  }
}

// The partition without its manifest, up to the size that the extension states.
void Verifier::check_digest(CsePartition& partition, const PartitionInformation& information) {
  const std::uint64_t end = information.size;
  const std::uint64_t manifest_end = partition.manifest_offset + partition.manifest->size;
  if (end > partition.bytes.size() || manifest_end > end) {
    partition.digest = in_outline(image_) ? Integrity::uncheckable : Integrity::failed;
    partition.digest_reason =
        fmt::format("{:#x} bytes are covered, of which {:#x} are there", end, partition.bytes.size());
    return;
  }
  if (!spend(Budget::hashing(end))) return;
  const Bytes bytes = partition.bytes.bytes();
  const Buffer digest = reversed_digest(bytes.first(to_size(partition.manifest_offset)), information.digest.size(),
                                        bytes.subspan(to_size(manifest_end), to_size(end - manifest_end)));
  const bool holds = equal(digest, information.digest);
  partition.digest = holds ? Integrity::verified : in_outline(image_) ? Integrity::uncheckable : Integrity::failed;
  if (holds) return;
  partition.digest_reason = in_outline(image_) ? "known in outline only: the digest covers something else"
                                               : "the partition is not as it was signed";
}

void Verifier::check_metadata(CsePartition& partition) {
  std::map<std::string, const ListedMetadata*, std::less<>> listed;
  for (const ListedMetadata& one : partition.extensions.metadata) listed.emplace(one.name, &one);
  for (CseModule& module : partition.modules) {
    if (module.kind != CseModule::Kind::metadata) continue;
    // Listed without the suffix, but with it in IOMP and IUNP.
    auto found = listed.find(module.name);
    if (found == listed.end()) found = listed.find(module.name.substr(0, module.name.size() - 4));
    const ListedMetadata* one = found == listed.end() ? nullptr : found->second;
    if (found != listed.end()) listed.erase(found);
    const ByteView bytes = image_.bytes.clip({module.stored.offset - image_.bytes.origin(), module.stored.size});
    if (module.cut_off) {
      open(module, cut_off_reason, partition.tally.cut_off);
    } else if (one == nullptr) {
      open(module, "the manifest does not list it", partition.tally.uncheckable);
    } else if (bytes.filled_with(std::byte{0xFF})) {
      absent(module, "erased", partition.tally.erased);
    } else if (equal(reversed_digest(bytes.bytes(), one->digest.size()), one->digest)) {
      good(module, "by the manifest", partition.tally.metadata_verified, partition.tally);
    } else {
      bad(module, "its digest is not the one in the manifest", partition.tally);
    }
  }
  partition.tally.metadata_elsewhere = listed.size();
}

void Verifier::check_module(CsePartition& partition, CseModule& module) {
  switch (module.kind) {
    case CseModule::Kind::metadata: return;
    case CseModule::Kind::key: check_key(partition, module); return;
    case CseModule::Kind::manifest:
      module.integrity = partition.signature == SignatureState::valid        ? Integrity::verified
                         : partition.signature == SignatureState::empty      ? Integrity::unsigned_part
                         : partition.signature == SignatureState::unverified ? Integrity::uncheckable
                                                                             : Integrity::failed;
      return;
    case CseModule::Kind::module: check_content(partition, module); return;
  }
}

void Verifier::check_key(CsePartition& partition, CseModule& module) {
  if (module.unpacked_size == 0) return open(module, "has no bytes", partition.tally.empty);
  const ByteView bytes = partition.bytes.clip({module.stored.offset - partition.bytes.origin(), module.stored.size});
  const auto manifest = find_key_manifest(bytes);
  const auto state = manifest ? verify_signature(*manifest) : SignatureState::invalid;
  if (module.cut_off) {
    open(module, cut_off_reason, partition.tally.cut_off);
  } else if (state == SignatureState::valid) {
    good(module, "by its own signature", partition.tally.keys, partition.tally);
  } else if (state == SignatureState::empty) {
    module.integrity = Integrity::unsigned_part;
    ++partition.tally.unsigned_modules;
  } else if (bytes.filled_with(std::byte{0xFF})) {
    absent(module, "erased", partition.tally.erased);
  } else {
    bad(module, manifest ? "its signature does not hold" : "holds no signed manifest", partition.tally);
  }
}

void Verifier::check_content(CsePartition& partition, CseModule& module) {
  CseTally& tally = partition.tally;
  if (module.unpacked_size == 0) return absent(module, "has no bytes", tally.empty);
  if (module.cut_off) return open(module, cut_off_reason, tally.cut_off);
  const ByteView stored = partition.bytes.clip({module.stored.offset - partition.bytes.origin(), module.stored.size});
  if (stored.filled_with(std::byte{0xFF})) return absent(module, "erased", tally.erased);
  if (module.encrypted) return open(module, "encrypted", tally.uncheckable);
  if (!spend(Budget::hashing(stored.size()) + least_cost)) {
    return open(module, "the image claims more content than it can hold", tally.uncheckable);
  }
  // LZMA is slow to unpack, and nearly always the digest covers the stored bytes.
  if (module.compression == ModuleCompression::lzma) {
    if (module.has_metadata && equal(reversed_digest(stored.bytes(), module.digest.size()), module.digest)) {
      return good(module, "as stored, by its metadata", tally.lzma_packed, tally);
    }
    if (!module.has_metadata && tables_.cover(stored.bytes())) {
      return good(module, "as stored, by the tables of rbe and pm", tally.tabled_lzma, tally);
    }
  }
  if (!spend(unpacking_cost(partition, module, most_unpacked))) {
    return open(module, "the image claims more content than it can hold", tally.uncheckable);
  }
  const auto content = read_content(partition, module, dictionary_of(image_, partition), most_unpacked);
  if (!content) return bad(module, content.error().message, tally);
  module.compression = content->compression;
  module.stored = content->packed.empty() ? module.stored : content->packed.range();
  module.unknown_symbols = content->unknown_symbols;
  if (content->unknown_symbols != 0) {
    return open(
        module,
        fmt::format("{} Huffman symbols in it are unknown: {}", content->unknown_symbols, content->unknown_names),
        tally.uncheckable);
  }
  if (module.has_metadata) {
    check_by_metadata(partition, module, *content);
  } else {
    check_by_tables(partition, module, *content);
  }
  const bool holds_tables = module.name == "rbe" || module.name == "pm";
  if (holds_tables && module.integrity == Integrity::verified) {
    tables_.add_from(content->unpacked.empty() ? content->packed.bytes() : Bytes(content->unpacked));
  }
}

void Verifier::check_by_metadata(CsePartition& partition, CseModule& module, const ModuleContent& content) {
  CseTally& tally = partition.tally;
  const auto matches = [&](Bytes bytes) { return equal(reversed_digest(bytes, module.digest.size()), module.digest); };
  switch (content.compression) {
    case ModuleCompression::huffman:
      if (matches(content.unpacked)) return good(module, "unpacked, by its metadata", tally.huffman, tally);
      break;
    case ModuleCompression::lzma:
      if (matches(content.unpacked)) return good(module, "unpacked, by its metadata", tally.lzma_unpacked, tally);
      break;
    case ModuleCompression::none:
      if (matches(content.packed.bytes())) return good(module, "by its metadata", tally.plain, tally);
      break;
  }
  bad(module, "its digest is not the one in its metadata", tally);
}

void Verifier::check_by_tables(CsePartition& partition, CseModule& module, const ModuleContent& content) {
  CseTally& tally = partition.tally;
  const ByteView packed = content.packed;
  if (content.compression == ModuleCompression::none) {
    if (tables_.cover(packed.bytes())) return good(module, "by the tables of rbe and pm", tally.tabled_plain, tally);
    return check_plain(partition, module, packed);
  }
  const bool lzma = content.compression == ModuleCompression::lzma;
  std::uint64_t& count = lzma ? tally.tabled_lzma : tally.tabled_huffman;
  if ((lzma && tables_.cover(packed.bytes())) || tables_.cover(content.unpacked)) {
    return good(module, "by the tables of rbe and pm", count, tally);
  }
  if (tables_.empty()) {
    return open(module, "its digest stands in rbe, which is not in this file or not verified", tally.uncheckable);
  }
  bad(module, "its digest is in no table of rbe and pm", tally);
}

bool Verifier::is_default_configuration(const CsePartition& partition, Bytes content) const {
  const Bytes digest = partition.extensions.default_configuration;
  return !digest.empty() && equal(reversed_digest(content, digest.size()), digest);
}

// Plain modules without metadata: other extensions, other checksums, or nothing at all.
void Verifier::check_plain(CsePartition& partition, CseModule& module, ByteView bytes) {
  CseTally& tally = partition.tally;
  const DirectDigests direct(partition);
  if (direct.matches(module.name, bytes.bytes()) || is_default_configuration(partition, bytes.bytes())) {
    return good(module, "by another signed extension", tally.other_extensions, tally);
  }
  if (module.name.starts_with("upatch")) {
    if (microcode_holds(bytes)) return good(module, "by its own checksum", tally.microcode, tally);
    return bad(module, "the checksum of the microcode update is wrong", tally);
  }
  if (module.name == "fitc.cfg" || (partition.manifest && partition.signature == SignatureState::empty)) {
    module.integrity = Integrity::unsigned_part;
    module.reason = module.name == "fitc.cfg" ? "configuration of the board's maker" : "its partition is not signed";
    ++tally.unsigned_modules;
    return;
  }
  if (direct.expected(module.name)) return bad(module, "its digest is not the one in the extension", tally);
  if (module.name == "intl.cfg" && !partition.extensions.default_configuration.empty()) {
    return bad(module, "its digest is not the one in the manifest", tally);
  }
  open(module, module.name == "pavp" ? "encrypted" : "no digest of it is known", tally.uncheckable);
}

}  // namespace

void verify(CseImage& image) {
  Budget budget(image.bytes.size());
  verify(image, budget);
}

void verify(CseImage& image, Budget& budget) {
  if (!image.verified) Verifier(image, budget).run();
}

}  // namespace quell::intel
