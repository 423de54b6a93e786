// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>

#include <fmt/format.h>

#include "intel/boot_manifests.h"
#include "intel/bootguard/manifest_signature.h"
#include "model/judged.h"

namespace quell::intel {
namespace {

struct FlagName {
  std::uint32_t bit;
  std::string_view key;
};
constexpr std::array ibb_flags{
    FlagName{0, "flag_dma_protection"},
    FlagName{1, "flag_locality3"},
    FlagName{2, "flag_authority_measure_pcr7"},
    FlagName{3, "flag_tpm_failure_keeps_hierarchies"},
    FlagName{4, "flag_top_swap"},
};

// `matches`: nothing where what it covers was not compared.
Component describe_hash(std::string_view kind, const TcgHash& hash, std::optional<bool> matches = std::nullopt) {
  Component out{std::string(kind), tcg_name(hash.algorithm), {}};
  out.attributes.set("alg", tcg_name(hash.algorithm));
  out.attributes.set("hash", to_hex(hash.digest));
  const Judged verdict = judged(matches, "what it covers was not compared", "what it covers has another digest");
  out.checks.push_back({.question = Question::digests,
                        .state = verdict.state,
                        .subject = std::string(kind),
                        .reason = verdict.reason,
                        .algorithm = tcg_name(hash.algorithm),
                        .stored = to_hex(hash.digest)});
  return out;
}

Component describe_ibb(const IbbElement& ibb, const std::vector<std::optional<bool>>& matches) {
  Component out{"ibb", fmt::format("initial boot block, set {}", ibb.set_number), {}};
  out.attributes.set("pbet", std::uint64_t{ibb.pbet});
  for (const FlagName& flag : ibb_flags) out.attributes.set(flag.key, (ibb.flags >> flag.bit & 1U) != 0);
  out.attributes.set("entry_point", std::uint64_t{ibb.entry_point}, Show::hex);
  out.attributes.set("mchbar", ibb.mchbar, Show::hex);
  out.attributes.set("vtd_bar", ibb.vtd_bar, Show::hex);
  for (std::size_t i = 0; i < ibb.digests.size(); ++i) {
    const auto compared = i < matches.size() ? matches[i] : std::nullopt;
    out.children.push_back(describe_hash("ibb-digest", ibb.digests[i], compared));
  }
  if (!ibb.post_ibb.digest.empty()) out.children.push_back(describe_hash("post-ibb-digest", ibb.post_ibb));
  if (!ibb.obb.digest.empty()) out.children.push_back(describe_hash("obb-digest", ibb.obb));
  for (const IbbSegment& segment : ibb.segments) {
    Component child{"ibb-segment", fmt::format("{:#x}", segment.base), {}};
    child.attributes.set("flags", std::uint64_t{segment.flags}, Show::hex);
    child.attributes.set("base", std::uint64_t{segment.base}, Show::hex);
    child.attributes.set("size", std::uint64_t{segment.size}, Show::hex);
    out.children.push_back(std::move(child));
  }
  return out;
}

}  // namespace

Component describe(const BootPolicy& policy, const std::vector<std::optional<bool>>& digest_matches) {
  Component out{"boot-policy", "Boot Policy Manifest", policy.range};
  Attributes& a = out.attributes;
  a.set("structure_version", std::uint64_t{policy.version}, Show::hex);
  a.set("family", std::string(policy.cbnt ? "CBnT" : "Boot Guard 1.0"));
  a.set("bpm_revision", std::uint64_t{policy.revision});
  a.set("bpm_svn", std::uint64_t{policy.svn});
  a.set("acm_svn_auth", std::uint64_t{policy.acm_svn});
  a.set("nem_bytes", policy.nem_bytes, Show::size);
  a.set("elements", policy.elements);
  if (policy.signature) describe_signature(*policy.signature, out);
  for (const IbbElement& ibb : policy.ibb) {
    const bool first = &ibb == &policy.ibb.front();
    out.children.push_back(describe_ibb(ibb, first ? digest_matches : std::vector<std::optional<bool>>{}));
  }
  for (const PmdaEntry& entry : policy.pmda) {
    Component child{"pmda-entry", fmt::format("{:#x}", entry.base), {}};
    child.attributes.set("base", std::uint64_t{entry.base}, Show::hex);
    child.attributes.set("size", std::uint64_t{entry.size}, Show::hex);
    out.children.push_back(std::move(child));
  }
  return out;
}

std::vector<Finding> audit(const BootPolicy& policy) {
  std::vector<Finding> out = policy.problems;
  if (policy.signature && policy.signature->state == SignatureVerdict::invalid) {
    out.push_back({.id = "intel.bootguard.bpm.signature-bad",
                   .question = Question::signatures,
                   .severity = Severity::error,
                   .title = "the boot policy manifest's signature does not match its content",
                   .detail = "A machine with Boot Guard fused refuses this boot policy.",
                   .range = policy.range});
  }
  return out;
}

}  // namespace quell::intel
