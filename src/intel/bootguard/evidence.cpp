// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/size.h"
#include "flash/coreboot.h"
#include "intel/boot_guard.h"
#include "intel/bootguard/manifest_signature.h"

namespace quell::intel {
namespace {

using flash::FitEntry;
namespace fit_type = flash::fit_type;

// More structures of one kind than this are never real, and each costs a signature check.
constexpr std::size_t most_of_a_kind = 16;
constexpr std::size_t most_grounds = 64;
constexpr std::size_t most_findings = 256;

class Reader {
 public:
  Reader(const Image& image, BootGuard& out) : image_(image), out_(out) {}

  void read() {
    if (read_bare()) return;
    out_.window = flash::bios_window(image_);
    if (!out_.window) {
      out_.evidence.missing = "the input holds no BIOS region; the full dump of the chip is needed";
      return;
    }
    out_.fit = flash::find_fit(*out_.window, image_.landmarks());
    out_.findings = out_.fit.problems;
    for (const flash::Fit& fit : out_.fit.tables) {
      for (const FitEntry& entry : fit.entries) follow(entry);
    }
    look_elsewhere();
    look_in_coreboot();
    decide();
    collect_protected();
  }

 private:
  // A file that is one structure alone says nothing about an image.
  bool read_bare() {
    const ByteView body = image_.body();
    out_.bare = looks_like_acm(body) || looks_like_key_manifest(body) || looks_like_boot_policy(body);
    if (!out_.bare) return false;
    if (looks_like_acm(body)) {
      take_acm(body);
    } else if (looks_like_key_manifest(body)) {
      take_key_manifest(body);
    } else {
      take_boot_policy(body);
    }
    out_.evidence.missing = "the file is a part of Boot Guard alone, not an image";
    return true;
  }

  void damaged(std::string_view id, std::string_view what, const Error& error, ByteView view) {
    if (out_.findings.size() >= most_findings) return;
    out_.findings.push_back(
        {.id = std::string(id),
         .question = Question::structure,
         .severity = Severity::error,
         .title = fmt::format("{} is damaged", what),
         .detail = error.message + ".",
         .range = Range{error.offset.value_or(view.origin()), std::min<std::uint64_t>(view.size(), 8)}});
  }

  bool take_acm(ByteView view) {
    if (out_.acms.size() >= most_of_a_kind) return true;
    auto acm = parse_acm(view);
    if (!acm) {
      damaged("intel.bootguard.acm.damaged", "an ACM", acm.error(), view);
      return has_acm_header(view);
    }
    for (Finding& finding : audit(*acm)) out_.findings.push_back(std::move(finding));
    out_.acms.push_back(*std::move(acm));
    return true;
  }

  void take_key_manifest(ByteView view) {
    if (out_.key_manifest) return;
    auto manifest = parse_key_manifest(view);
    if (!manifest) return damaged("intel.bootguard.km.damaged", "the key manifest", manifest.error(), view);
    for (Finding& finding : audit(*manifest)) out_.findings.push_back(std::move(finding));
    set_generation(manifest->cbnt);
    out_.key_manifest = *std::move(manifest);
  }

  void take_boot_policy(ByteView view) {
    if (out_.boot_policy) return;
    auto policy = parse_boot_policy(view);
    if (!policy) return damaged("intel.bootguard.bpm.damaged", "the boot policy manifest", policy.error(), view);
    for (Finding& finding : audit(*policy)) out_.findings.push_back(std::move(finding));
    set_generation(policy->cbnt);
    out_.boot_policy = *std::move(policy);
  }

  void set_generation(bool cbnt) { out_.evidence.generation = cbnt ? "CBnT" : "Boot Guard 1.0"; }

  void ground(std::string text) {
    if (out_.evidence.grounds.size() < most_grounds) out_.evidence.grounds.push_back(std::move(text));
  }

  void follow(const FitEntry& entry) {
    const bool interesting = entry.type == fit_type::microcode || entry.type == fit_type::startup_acm ||
                             entry.type == fit_type::key_manifest || entry.type == fit_type::boot_policy;
    if (entry.type == fit_type::cse_secure_boot) {
      elsewhere_ = true;
      ground(fmt::format("FIT type 0x10 (CSE secure boot, subtype {}) at {:#x}", entry.subtype, entry.range.offset));
    }
    if (!interesting || !seen_.insert({entry.type, entry.address}).second) return;
    if (!entry.target) {
      outside(entry);
      return;
    }
    const ByteView target = out_.window->bytes.clip(Range::between(*entry.target, out_.window->bytes.size()));
    switch (entry.type) {
      case fit_type::startup_acm: return follow_acm(entry, target);
      case fit_type::key_manifest: return follow_key_manifest(entry, target);
      case fit_type::boot_policy: return follow_boot_policy(entry, target);
      default: return follow_microcode(target);
    }
  }

  void outside(const FitEntry& entry) {
    out_.findings.push_back({.id = "intel.fit.address",
                             .question = Question::structure,
                             .severity = Severity::warning,
                             .title = "a FIT entry points outside the image",
                             .detail = fmt::format("{} at {:#x} is not in the part that is mapped below 4 GiB.",
                                                   flash::fit_type_name(entry.type), entry.address),
                             .range = entry.range});
    // An ACM or manifest that lies elsewhere still is one.
    if (entry.type == fit_type::microcode) return;
    elsewhere_ = true;
    ground(fmt::format("FIT type {:#04x} ({}) points to {:#x}, outside the image", entry.type,
                       flash::fit_type_name(entry.type), entry.address));
  }

  void follow_acm(const FitEntry& entry, ByteView target) {
    if (!has_acm_header(target)) return empty_slot(entry, target);
    if (!take_acm(target)) return;
    acm_ = true;
    ground(fmt::format("FIT type 0x02 at {:#x}: ACM", entry.address));
  }

  void follow_key_manifest(const FitEntry& entry, ByteView target) {
    if (!looks_like_key_manifest(target)) return empty_slot(entry, target);
    take_key_manifest(target);
    km_ = true;
    ground(fmt::format("FIT type 0x0B at {:#x}: __KEYM__ {:#x}", entry.address, target.u8(8).value_or(0)));
  }

  void follow_boot_policy(const FitEntry& entry, ByteView target) {
    if (!looks_like_boot_policy(target)) return empty_slot(entry, target);
    take_boot_policy(target);
    bpm_ = true;
    ground(fmt::format("FIT type 0x0C at {:#x}: __ACBP__ {:#x}", entry.address, target.u8(8).value_or(0)));
  }

  // A slot that is reserved but blank is no evidence; anything else that should be there and is not is odd.
  void empty_slot(const FitEntry& entry, ByteView target) {
    if (target.clip({0, 16}).filled_with(std::byte{0xFF}) || target.clip({0, 16}).filled_with(std::byte{0})) return;
    elsewhere_ = true;
    ground(fmt::format("FIT type {:#04x} ({}) at {:#x}, but no such structure stands there", entry.type,
                       flash::fit_type_name(entry.type), entry.address));
    out_.findings.push_back(
        {.id = "intel.fit.content",
         .question = Question::structure,
         .severity = Severity::warning,
         .title = "a FIT entry leads to something else than it says",
         .detail = fmt::format("No {} stands at {:#x}.", flash::fit_type_name(entry.type), entry.address),
         .range = entry.range});
  }

  void follow_microcode(ByteView target) {
    if (out_.microcode.size() >= most_of_a_kind * 2 || !flash::looks_like_microcode(target)) return;
    auto update = flash::parse_microcode(target);
    if (!update) {
      out_.findings.push_back({.id = "flash.microcode.damaged",
                               .question = Question::structure,
                               .severity = Severity::error,
                               .title = "a microcode update is damaged",
                               .detail = update.error().message + ".",
                               .range = Range{target.origin(), 16}});
      return;
    }
    for (Finding& finding : flash::audit(*update)) out_.findings.push_back(std::move(finding));
    out_.microcode.push_back(*std::move(update));
  }

  // Manifests that no FIT entry leads to, also as coreboot files.
  void look_elsewhere() {
    for (const Landmark& mark : image_.landmarks()) {
      const bool km = mark.mark == Mark::key_manifest;
      if ((!km && mark.mark != Mark::boot_policy) || !out_.window->bytes.range().contains(mark.offset)) continue;
      const ByteView view = image_.bytes().clip(Range::between(mark.offset, out_.window->bytes.range().end()));
      if (km ? !looks_like_key_manifest(view) : !looks_like_boot_policy(view)) continue;
      const bool known = km ? out_.key_manifest && out_.key_manifest->range.offset == mark.offset
                            : out_.boot_policy && out_.boot_policy->range.offset == mark.offset;
      if (known) continue;
      elsewhere_ = true;
      ground(fmt::format("{} at {:#x}, not reached through the FIT", km ? "__KEYM__" : "__ACBP__", mark.offset));
      if (km && !km_) take_key_manifest(view);
      if (!km && !bpm_) take_boot_policy(view);
    }
  }

  // coreboot's names for the same things.
  void look_in_coreboot() {
    const flash::Coreboot coreboot = flash::read_coreboot(out_.window->bytes, image_.landmarks());
    for (const std::string_view name : {"key_manifest.bin", "boot_policy_manifest.bin", "txt_bios_acm.bin"}) {
      if (const flash::CbfsFile* file = coreboot.file(name)) {
        elsewhere_ = true;
        ground(fmt::format("coreboot file {} at {:#x}", name, file->content.offset));
      }
    }
  }

  void decide() {
    BootGuardEvidence& evidence = out_.evidence;
    if (acm_ && km_ && bpm_) {
      evidence.verdict = BootGuardVerdict::present;
    } else if (acm_ || km_ || bpm_ || elsewhere_) {
      evidence.verdict = BootGuardVerdict::likely;
    } else if (out_.fit.found() && out_.window->true_top && sound_table()) {
      evidence.verdict = BootGuardVerdict::absent;
      ground(fmt::format("a sound FIT at {:#x} without ACM, key manifest and boot policy",
                         out_.fit.tables.front().range.offset));
    } else {
      evidence.verdict = BootGuardVerdict::unknown;
      evidence.missing = !out_.window->true_top ? "the BIOS region is cut off, so its top is not known"
                         : out_.fit.found()     ? "the FIT is damaged"
                                                : "no FIT is reached from the top of the BIOS region";
    }
  }

  // Only a table that is whole can prove that something is not in it.
  [[nodiscard]] bool sound_table() const {
    return !out_.fit.tables.front().top_swap &&
           std::ranges::none_of(out_.fit.problems, [](const Finding& f) { return f.severity >= Severity::error; });
  }

  void protect(std::uint64_t physical, std::uint64_t size) {
    const auto offset = out_.window->offset_of(physical);
    if (!offset || size == 0) return;
    const Range inside = Range{*offset, size}.intersection({0, out_.window->bytes.size()});
    out_.evidence.protected_ranges.push_back({out_.window->bytes.origin() + inside.offset, inside.size});
  }

  void collect_protected() {
    for (const flash::Fit& fit : out_.fit.tables) {
      for (const FitEntry& entry : fit.entries) {
        if (entry.type == fit_type::bios_startup_module) protect(entry.address, entry.module_size());
      }
    }
    if (!out_.boot_policy) return;
    for (const IbbElement& ibb : out_.boot_policy->ibb) {
      for (const IbbSegment& segment : ibb.segments) {
        if (segment.hashed()) protect(segment.base, segment.size);
      }
    }
    for (const PmdaEntry& entry : out_.boot_policy->pmda) protect(entry.base, entry.size);
    std::ranges::sort(out_.evidence.protected_ranges);
    auto& ranges = out_.evidence.protected_ranges;
    ranges.erase(std::unique(ranges.begin(), ranges.end()), ranges.end());
  }

  const Image& image_;
  BootGuard& out_;
  std::set<std::pair<std::uint8_t, std::uint64_t>> seen_{};
  bool acm_ = false;
  bool km_ = false;
  bool bpm_ = false;
  bool elsewhere_ = false;
};

struct IbbContent {
  Buffer bytes{};
  std::string obstacle{};
};

IbbContent collect_ibb(const BootGuard& guard, const IbbElement& ibb, std::uint64_t limit) {
  std::uint64_t total = 0;
  for (const IbbSegment& segment : ibb.segments) {
    if (!segment.hashed()) continue;
    const auto offset = guard.window->offset_of(segment.base);
    if (!offset) return {{}, "not computable: a segment lies below the image"};
    if (!guard.window->bytes.has(*offset, segment.size)) return {{}, "not computable: a segment runs past 4 GiB"};
    total += segment.size;
  }
  if (total == 0) return {{}, "not computable: no segment is hashed"};
  // Segments never overlap in a real policy; a total beyond the image would hash the same bytes again and again.
  if (total > guard.window->bytes.size()) return {{}, "not computable: the segments are larger than the image"};
  if (total > limit) return {{}, fmt::format("not checked: {} KiB of segments", total / 1024)};
  IbbContent out;
  out.bytes.reserve(to_size(total));
  for (const IbbSegment& segment : ibb.segments) {
    if (!segment.hashed()) continue;
    const Bytes part = guard.window->bytes.clip({*guard.window->offset_of(segment.base), segment.size}).bytes();
    out.bytes.insert(out.bytes.end(), part.begin(), part.end());
  }
  return out;
}

void check_ibb(BootGuard& guard, std::uint64_t limit) {
  if (!guard.boot_policy || guard.boot_policy->ibb.empty() || !guard.window) return;
  const IbbElement& ibb = guard.boot_policy->ibb.front();
  const IbbContent content = collect_ibb(guard, ibb, limit);
  guard.ibb_digest = content.obstacle;
  if (!content.obstacle.empty()) return;
  std::set<std::uint16_t> done;
  guard.ibb_matches.resize(ibb.digests.size());
  for (std::size_t i = 0; i < ibb.digests.size(); ++i) {
    const TcgHash& stored = ibb.digests[i];
    const auto algorithm = hash_of(stored.algorithm);
    if (!algorithm || !done.insert(stored.algorithm).second) continue;
    const bool same = equal(hash(*algorithm, content.bytes), stored.digest);
    guard.ibb_matches[i] = same;
    guard.ibb_mismatch = guard.ibb_mismatch || !same;
    if (!guard.ibb_digest.empty()) guard.ibb_digest += ", ";
    guard.ibb_digest += fmt::format("{} {}", tcg_name(stored.algorithm), same ? "matches" : "does not match");
  }
  if (guard.ibb_digest.empty()) guard.ibb_digest = "not checked: no digest of a known algorithm";
}

}  // namespace

std::string_view to_string(BootGuardVerdict verdict) noexcept {
  switch (verdict) {
    case BootGuardVerdict::present: return "present";
    case BootGuardVerdict::likely: return "likely";
    case BootGuardVerdict::absent: return "absent";
    case BootGuardVerdict::unknown: return "unknown";
  }
  return "unknown";
}

BootGuard read_boot_guard(const Image& image, std::uint64_t hash_limit) {
  BootGuard out;
  Reader(image, out).read();
  if (out.key_manifest && out.boot_policy) out.policy_key_matches = names_key_of(*out.key_manifest, *out.boot_policy);
  check_ibb(out, hash_limit);
  return out;
}

BootGuardEvidence boot_guard_evidence(const Image& image) { return read_boot_guard(image, 0).evidence; }

const Edit* protected_edit(const Plan& plan, const Image& image) {
  const auto window = flash::bios_window(image);
  const auto inside = [&window](const Edit& edit) { return window->bytes.range().intersects(edit.range); };
  if (!window || std::ranges::none_of(plan.edits, inside)) return nullptr;
  const BootGuardEvidence evidence = boot_guard_evidence(image);
  for (const Edit& edit : plan.edits) {
    const auto meets = [&edit](const Range& range) { return range.intersects(edit.range); };
    if (std::ranges::any_of(evidence.protected_ranges, meets)) return &edit;
  }
  return nullptr;
}

}  // namespace quell::intel
