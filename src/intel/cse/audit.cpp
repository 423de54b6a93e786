// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "base/words.h"
#include "intel/cse/report.h"
#include "intel/region_report.h"

namespace quell::intel {
namespace {

constexpr std::string_view read_again = "the image is damaged or was changed: read the chip again and compare";

class Auditor {
 public:
  Auditor(const CseImage& image, const CseAuditOptions& options) : image_(image), options_(options) {}

  std::vector<Finding> run() {
    damage();
    containers();
    for (const CsePartition& partition : image_.partitions) {
      // The audit of a region of the classic kind says so of its main partition itself, and of every signature.
      if (options_.with_tables || &partition != image_.main()) tables(partition);
      keys(partition);
      if (image_.verified) digests(partition);
    }
    pre_production();
    file_system();
    if (image_.verified) open_ends();
    return std::move(findings_);
  }

 private:
  void damage();
  void containers();
  void tables(const CsePartition& partition);
  void keys(const CsePartition& partition);
  void digests(const CsePartition& partition);
  void partition_digest(const CsePartition& partition);
  void pre_production();
  void file_system();
  void open_ends();

  void checksum(std::string what, std::string id, Question question, ChecksumState state, Range range) {
    if (state != ChecksumState::invalid) return;
    findings_.push_back({.id = std::move(id),
                         .question = question,
                         .severity = Severity::error,
                         .title = fmt::format("the checksum of {} is wrong", what),
                         .advice = std::string(read_again),
                         .range = Range{image_.bytes.origin() + range.offset, range.size}});
  }

  const CseImage& image_;
  const CseAuditOptions& options_;
  std::vector<Finding> findings_{};
};

void Auditor::damage() {
  for (const Error& error : image_.damage) {
    constexpr std::size_t most = 32;
    if (findings_.size() == most) return;
    findings_.push_back({.id = "intel.cse.damaged",
                         .question = Question::structure,
                         .severity = Severity::error,
                         .title = error.message,
                         .advice = std::string(read_again),
                         .range = error.offset ? std::optional(Range{*error.offset, 0}) : std::nullopt});
  }
  for (const Error& error : image_.cut_off) {
    // The audit of a region of the classic kind says so itself, and knows of cleaners that cut on purpose.
    if (!options_.with_tables) break;
    findings_.push_back({.id = "intel.cse.cut-off",
                         .question = Question::size,
                         .severity = Severity::error,
                         .title = error.message,
                         .advice = "the file was cut short: read the chip again",
                         .range = error.offset ? std::optional(Range{*error.offset, 0}) : std::nullopt});
  }
  if (image_.budget_exhausted) {
    findings_.push_back({.id = "intel.cse.implausible",
                         .question = Question::structure,
                         .severity = Severity::error,
                         .title = "the image claims far more content than it can hold; part of it was not checked",
                         .range = image_.bytes.range()});
  }
}

void Auditor::containers() {
  if (image_.layout) {
    checksum("the CSE layout table", "intel.layout.checksum", Question::checksums, image_.layout->checksum,
             image_.layout->range);
  }
  for (const Bpdt& table : image_.boot_tables) {
    checksum("a boot partition table", "intel.bpdt.checksum", Question::checksums, table.checksum, table.range);
  }
  if (!options_.with_tables || !image_.table) return;
  const Range range{image_.data_partition.origin() + image_.table->range.offset, image_.table->range.size};
  if (image_.table->checksum_placeholder) {
    findings_.push_back({.id = "intel.fpt.checksum-placeholder",
                         .question = Question::checksums,
                         .severity = Severity::info,
                         .title = "the partition table's checksum is the placeholder 0, as extraction tools leave it",
                         .range = range});
  } else if (!image_.table->checksum_valid) {
    findings_.push_back({.id = "intel.fpt.checksum",
                         .question = Question::checksums,
                         .severity = Severity::error,
                         .title = "the partition table's checksum is wrong",
                         .advice = std::string(read_again),
                         .range = range});
  }
}

void Auditor::tables(const CsePartition& partition) {
  if (!partition.directory.checksum_valid) {
    const bool known = image_.family == CseFamily::cssps;
    findings_.push_back({.id = "intel.directory.checksum",
                         .question = Question::checksums,
                         .severity = known ? Severity::info : Severity::error,
                         .title = fmt::format("the checksum of the {} directory is wrong", partition.name),
                         .detail = known ? "known of server firmware as Intel published it" : "",
                         .range = partition.bytes.clip({0, partition.directory.table_size()}).range()});
  }
  if (!partition.manifest || !options_.with_tables) return;
  if (auto finding = signature_finding(*partition.manifest, partition.signature, partition.name))
    findings_.push_back(*std::move(finding));
}

void Auditor::keys(const CsePartition& partition) {
  if (!partition.manifest || partition.signature != SignatureState::valid) return;
  if (partition.listed_key == false) {
    findings_.push_back({.id = "intel.key.not-listed",
                         .question = Question::signatures,
                         .severity = Severity::warning,
                         .title = fmt::format("the key of {} is in no key manifest of this image", partition.name),
                         .detail = "the engine accepts only keys that rot.key or the OEM's key manifest lists",
                         .range = partition.manifest->bytes.range()});
  }
  const bool oem = partition.name == "OEMP" || partition.name == "SMIP" || partition.name == "IBBP";
  if (!partition.key.known && !oem && partition.listed_key != true && options_.with_tables) {
    findings_.push_back({.id = "intel.key.unknown",
                         .question = Question::signatures,
                         .severity = in_outline(image_) ? Severity::info : Severity::warning,
                         .title = fmt::format("{} is signed by a key that is in no table", partition.name),
                         .detail = fmt::format("key MD5 {}", to_hex(key_identifier(*partition.manifest))),
                         .range = partition.manifest->bytes.range()});
  }
}

void Auditor::digests(const CsePartition& partition) {
  partition_digest(partition);
  std::string names;
  std::size_t failed = 0;
  for (const CseModule& module : partition.modules) {
    if (module.integrity != Integrity::failed || module.kind == CseModule::Kind::manifest) continue;
    if (module.kind == CseModule::Kind::key) {
      findings_.push_back(
          {.id = "intel.signature.invalid",
           .question = Question::signatures,
           .severity = Severity::error,
           .title = fmt::format("the key manifest {} of {} is not signed validly", module.name, partition.name),
           .detail = module.reason,
           .advice = std::string(read_again),
           .range = module.stored});
      continue;
    }
    constexpr std::size_t most_named = 12;
    if (++failed <= most_named) names += fmt::format("{}{}: {}", names.empty() ? "" : "; ", module.name, module.reason);
  }
  if (failed == 0) return;
  findings_.push_back({.id = "intel.module.digest",
                       .question = Question::digests,
                       .severity = Severity::error,
                       .title = fmt::format("{} of the files in {} are not what was signed", failed, partition.name),
                       .detail = names,
                       .advice = std::string(read_again),
                       .range = partition.bytes.range()});
}

// Two kinds of firmware were published with a digest that does not fit them, and a cleaned partition cannot have one
// that does.
void Auditor::partition_digest(const CsePartition& partition) {
  if (partition.digest != Integrity::failed) return;
  const CsePartition* main = image_.main();
  const Version version = main->manifest ? main->manifest->version : Version{};
  const bool slim = sku_of(image_).value_or("").starts_with("Slim");
  const bool published_so = image_.family == CseFamily::cssps || (slim && version.major == 11 && version.minor == 8);
  const bool erased = partition.tally.erased != 0;
  Finding finding{.id = "intel.partition.digest",
                  .question = Question::digests,
                  .severity = Severity::error,
                  .title = fmt::format("{} as a whole is not what was signed", partition.name),
                  .detail = partition.digest_reason,
                  .advice = std::string(read_again),
                  .range = partition.bytes.range()};
  if (published_so && partition.tally.failed == 0) {
    finding.severity = Severity::info;
    finding.detail = "known of this firmware as Intel published it; everything in it verifies";
    finding.advice.clear();
  } else if ((options_.stripped || erased) && partition.tally.failed == 0) {
    finding.severity = Severity::info;
    finding.title = fmt::format("{} is not whole: modules have been removed from it", partition.name);
    finding.detail = "everything that is left verifies";
    finding.advice.clear();
  }
  findings_.push_back(std::move(finding));
}

void Auditor::pre_production() {
  const CsePartition* main = image_.main();
  if (main == nullptr || !main->manifest) return;
  if (main->key.status != "pre-production" && !main->manifest->debug_signed()) return;
  findings_.push_back({.id = "intel.release.pre-production",
                       .question = Question::signatures,
                       .severity = Severity::warning,
                       .title = "this is pre-production firmware",
                       .detail = "production chipsets do not accept its signature",
                       .range = main->manifest->bytes.range()});
}

void Auditor::file_system() {
  if (!image_.mfs) return;
  const MfsVolume& mfs = *image_.mfs;
  if (mfs.page_checksums.wrong != 0 || mfs.chunk_checksums.wrong != 0) {
    findings_.push_back(
        {.id = "intel.mfs.checksum",
         .question = Question::checksums,
         .severity = Severity::warning,
         .title = fmt::format("{} pages and {} chunks of the engine's file system have a wrong checksum",
                              mfs.page_checksums.wrong, mfs.chunk_checksums.wrong),
         .advice = std::string(read_again),
         .range = mfs.bytes.range()});
  }
  if (mfs.initialised && mfs.volume_size != mfs.expected_size) {
    findings_.push_back({.id = "intel.mfs.size",
                         .question = Question::structure,
                         .severity = Severity::warning,
                         .title = "the volume of the engine's file system is not as large as its pages",
                         .range = mfs.bytes.range()});
  }
  if (file_system_state(image_) == "Initialized") {
    findings_.push_back({.id = "intel.mfs.initialised",
                         .question = Question::structure,
                         .severity = Severity::info,
                         .title = "the engine's file system holds the state of one machine: it has run",
                         .detail = "it may hold secrets of that machine; do not publish the image, and do not write it "
                                   "to another one",
                         .range = mfs.bytes.range()});
  }
}

void Auditor::open_ends() {
  const CseTally tally = image_.tally();
  if (tally.uncheckable + tally.unsigned_modules == 0) return;
  std::string names;
  std::size_t count = 0;
  for (const CsePartition& partition : image_.partitions) {
    for (const CseModule& module : partition.modules) {
      const bool open = module.integrity == Integrity::uncheckable || module.integrity == Integrity::unsigned_part;
      const bool bytes = !module.absent && !module.cut_off;
      constexpr std::size_t most_named = 24;
      if (!open || !bytes || module.kind == CseModule::Kind::manifest || ++count > most_named) continue;
      names += fmt::format("{}{}/{}: {}", names.empty() ? "" : "; ", partition.name, module.name,
                           module.reason.empty() ? to_string(module.integrity) : module.reason);
    }
  }
  if (count == 0) return;
  findings_.push_back({.id = "intel.module.not-verifiable",
                       .question = Question::digests,
                       .severity = Severity::info,
                       .title = count_text(count, "module") + " cannot be verified by anyone but the engine",
                       .detail = names});
}

}  // namespace

std::vector<Finding> audit(const CseImage& image, const CseAuditOptions& options) {
  return Auditor(image, options).run();
}

}  // namespace quell::intel
