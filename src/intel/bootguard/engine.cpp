// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "flash/bios_window.h"
#include "flash/uefi_volume.h"
#include "intel/boot_guard.h"
#include "intel/firmware.h"
#include "quell/engine.h"

namespace quell {
namespace intel {
namespace {

constexpr std::uint64_t no_limit = ~std::uint64_t{0};

// Read with every byte of the initial boot block.
struct Whole {
  BootGuard guard;
};

Value text_of(std::optional<bool> value) { return value ? Value(*value) : Value(Unknown{}); }

void set_facts(Attributes& facts, const BootGuard& guard) {
  const BootGuardEvidence& evidence = guard.evidence;
  if (!guard.bare) {
    facts.set("boot_guard", std::string(to_string(evidence.verdict)));
    facts.set("grounds", evidence.grounds);
    facts.set("fuses", std::string("not knowable from the image"));
    facts.set("module_removal",
              std::string(evidence.forbids_stripping()                   ? "refused: only the disable bit is offered"
                          : evidence.verdict == BootGuardVerdict::absent ? "not refused by this rule"
                                                                         : "not decided by this rule"));
  }
  if (!evidence.missing.empty()) facts.set("missing", evidence.missing);
  facts.set("generation", evidence.generation.empty() ? Value(Unknown{}) : Value(evidence.generation));
  if (guard.key_manifest) {
    facts.set("km_id", std::uint64_t{guard.key_manifest->id});
    facts.set("km_svn", std::uint64_t{guard.key_manifest->svn});
    const SignatureVerdict state = guard.key_manifest->signature.state;
    facts.set("km_signature", std::string(to_string(state)), as_check(state));
  }
  if (guard.boot_policy) {
    facts.set("bpm_svn", std::uint64_t{guard.boot_policy->svn});
    facts.set("acm_svn_required", std::uint64_t{guard.boot_policy->acm_svn});
    if (const auto& signature = guard.boot_policy->signature) {
      facts.set("bpm_signature", std::string(to_string(signature->state)), as_check(signature->state));
    } else {
      facts.set("bpm_signature", Unknown{});
    }
    if (guard.key_manifest) facts.set("bpm_key_matches_km", text_of(guard.policy_key_matches));
    if (!guard.ibb_digest.empty()) facts.set("ibb_digest", guard.ibb_digest);
  }
  if (!guard.acms.empty()) {
    const Acm& acm = guard.acms.front();
    facts.set("acm_svn", std::uint64_t{acm.txt_svn});
    facts.set("acm_date", acm.date);
    facts.set("acm_signature",
              acm.signature == SignatureVerdict::not_checked
                  ? fmt::format("not checked for header version {}.{}", acm.header_version >> 16U,
                                acm.header_version & 0xFFFFU)
                  : std::string(to_string(acm.signature)),
              as_check(acm.signature));
    facts.set("acm_pre_production", acm.pre_production());
  }
}

Component tree_of(const BootGuard& guard, const Image& image) {
  Component tree{"boot-guard", "Boot Guard", image.body().range()};
  if (guard.window) tree.range = guard.window->bytes.range();
  for (const flash::Fit& fit : guard.fit.tables) tree.children.push_back(flash::describe(fit));
  for (const std::uint64_t offset : guard.fit.candidates) {
    if (tree.children.size() > 16) break;
    tree.children.push_back({"fit-candidate", "unreached FIT signature", {offset, 16}});
  }
  for (const flash::Microcode& update : guard.microcode) tree.children.push_back(flash::describe(update));
  for (const Acm& acm : guard.acms) tree.children.push_back(describe(acm));
  if (guard.key_manifest) tree.children.push_back(describe(*guard.key_manifest, guard.policy_key_matches));
  if (guard.boot_policy) tree.children.push_back(describe(*guard.boot_policy, guard.ibb_matches));
  for (const Range& range : guard.evidence.protected_ranges) {
    tree.children.push_back({"protected-range", "covered by Boot Guard", range});
  }
  return tree;
}

std::string_view id_of(BootGuardVerdict verdict) {
  switch (verdict) {
    case BootGuardVerdict::present: return "intel.bootguard.present";
    case BootGuardVerdict::likely: return "intel.bootguard.likely";
    case BootGuardVerdict::absent: return "intel.bootguard.absent";
    case BootGuardVerdict::unknown: return "intel.bootguard.unknown";
  }
  return "intel.bootguard.unknown";
}

Finding verdict_finding(const BootGuardEvidence& evidence) {
  Finding out{.id = std::string(id_of(evidence.verdict)), .question = Question::structure};
  std::string grounds;
  for (const std::string& line : evidence.grounds) grounds += line + ". ";
  switch (evidence.verdict) {
    case BootGuardVerdict::present:
    case BootGuardVerdict::likely:
      out.title = evidence.verdict == BootGuardVerdict::present ? "Boot Guard is present in this image"
                                                                : "Boot Guard is likely present in this image";
      out.detail = grounds + "Whether this machine's fuses enforce it cannot be seen in an image.";
      out.advice =
          "Do not remove modules or partitions of the ME: the ACM asks the ME for the boot policy, and a "
          "machine whose ME cannot answer may not power on. The disable bit is safe.";
      break;
    case BootGuardVerdict::absent:
      out.title = "no Boot Guard in this image";
      out.detail = grounds;
      break;
    case BootGuardVerdict::unknown:
      out.title = "whether Boot Guard is used cannot be told from this image";
      out.detail = evidence.missing.empty() ? std::string() : fmt::format("Reason: {}.", evidence.missing);
      break;
  }
  return out;
}

void add_judgements(EngineReport& report, const BootGuard& guard) {
  report.findings = guard.findings;
  if (guard.policy_key_matches == false) {
    report.findings.push_back({.id = "intel.bootguard.bpm.key-mismatch",
                               .question = Question::digests,
                               .severity = Severity::error,
                               .title = "the boot policy is signed with a key that the key manifest does not name",
                               .range = guard.boot_policy->range});
  }
  if (guard.ibb_mismatch) {
    report.findings.push_back({.id = "intel.bootguard.ibb.digest-mismatch",
                               .question = Question::digests,
                               .severity = Severity::error,
                               .title = "the initial boot block does not match the digest of the boot policy",
                               .detail = guard.ibb_digest + ". With verified boot fused, this image does not start.",
                               .range = guard.boot_policy->range});
  }
  if (guard.bare) return;
  report.findings.push_back(verdict_finding(guard.evidence));
  if (guard.evidence.forbids_stripping()) {
    report.actions.push_back({.id = "boot-guard",
                              .title = "switch Boot Guard off",
                              .state = Action::State::impossible,
                              .reason = "its policy is in the processor's or chipset's fuses, not in the flash chip"});
  }
}

// Where an image has none of it, or does not tell, nothing general can be said of it.
void add_answers(EngineReport& report, const BootGuard& guard) {
  const BootGuardVerdict verdict = guard.evidence.verdict;
  if (guard.bare || verdict == BootGuardVerdict::present || verdict == BootGuardVerdict::likely) return;
  const bool absent = verdict == BootGuardVerdict::absent;
  for (const Asked asked : {Asked::starts_before, Asked::runs_beside}) {
    report.answers.push_back({asked, absent ? Holds::no : Holds::unknown, Basis::observed,
                              absent ? "it is not in this image" : "whether this image uses it cannot be told"});
  }
  report.answers.push_back({Asked::switch_off, absent ? Holds::yes : Holds::unknown, Basis::observed,
                            absent ? "there is nothing to switch off" : "whether this image uses it cannot be told"});
}

std::string title_of(const BootGuard& guard) {
  if (guard.bare) {
    if (!guard.acms.empty()) return "Intel authenticated code module";
    return guard.key_manifest ? "Intel Boot Guard key manifest" : "Intel Boot Guard boot policy manifest";
  }
  std::string out = "Intel Boot Guard: " + std::string(to_string(guard.evidence.verdict));
  if (!guard.evidence.generation.empty()) out += " (" + guard.evidence.generation + ")";
  return out;
}

// An image without any trace of it gets a report only where the question stands: with an Intel descriptor, or where the
// file is the content of a chip, or holds sound firmware volumes from which an x86 machine starts, and no engine of
// another vendor knows it.
bool question_stands(const Image& image, const BootGuard& guard) {
  if (!guard.empty()) return true;
  if (!guard.window) return false;
  if (!image.regions.empty()) return true;
  if (!image.what.recognised || !image.what.engine.empty()) return false;
  return image.what.type == FileKind::rom ||
         (flash::has_reset_vector(image.body()) &&
          std::ranges::any_of(flash::find_volumes(image.bytes(), image.landmarks()).volumes,
                              &flash::FirmwareVolume::checksum_valid));
}

class BootGuardEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view id() const noexcept override { return "intel-boot-guard"; }

  [[nodiscard]] std::optional<Recognition> recognise(ByteView file) const override {
    if (looks_like_acm(file)) return whole_file(file, "intel.acm", "Intel authenticated code module (ACM)");
    if (looks_like_key_manifest(file)) return whole_file(file, "bootguard.key-manifest", "Boot Guard key manifest");
    if (looks_like_boot_policy(file)) {
      return whole_file(file, "bootguard.boot-policy", "Boot Guard boot policy manifest");
    }
    return std::nullopt;
  }

  [[nodiscard]] std::vector<EngineReport> look(const Examined& examined, Depth depth) const override {
    const Image& image = examined.image();
    const BootGuard& guard = depth == Depth::everything
                                 ? examined.once([&] { return Whole{read_boot_guard(image, no_limit)}; }).guard
                                 : boot_guard_of(examined);
    if (!question_stands(image, guard)) return {};
    EngineReport report{.engine = std::string(id()), .title = title_of(guard)};
    set_facts(report.facts, guard);
    report.tree = tree_of(guard, image);
    add_judgements(report, guard);
    add_answers(report, guard);
    if (guard.fit.found() || guard.bare) add_structure_check(report, "firmware interface table and manifests");
    return {std::move(report)};
  }

  [[nodiscard]] std::vector<Artifact> artifacts(const Examined& examined) const override {
    const BootGuard& guard = boot_guard_of(examined);
    std::vector<Artifact> out;
    const auto add = [&out](std::string path, std::string kind, Range range) {
      out.push_back({.path = std::move(path), .kind = std::move(kind), .range = range});
    };
    for (const flash::Fit& fit : guard.fit.tables) {
      add(fmt::format("boot-guard/fit-{:x}.bin", fit.range.offset), "fit", fit.range);
    }
    for (const Acm& acm : guard.acms)
      add(fmt::format("boot-guard/acm-{:x}.bin", acm.range.offset), "module", acm.range);
    for (const flash::Microcode& update : guard.microcode) {
      add(fmt::format("boot-guard/microcode-{:x}-{:x}.bin", update.targets.front().signature, update.range.offset),
          "microcode", update.range);
    }
    if (guard.key_manifest) add("boot-guard/key_manifest.bin", "manifest", guard.key_manifest->range);
    if (guard.boot_policy) add("boot-guard/boot_policy_manifest.bin", "manifest", guard.boot_policy->range);
    return out;
  }
};

}  // namespace
}  // namespace intel

const Engine& intel_boot_guard_engine() {
  static const intel::BootGuardEngine engine;
  return engine;
}

}  // namespace quell
