// SPDX-License-Identifier: GPL-2.0-or-later
// Whether Boot Guard is present in an image, and what follows for changing it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flash/fit.h"
#include "flash/microcode.h"
#include "intel/acm.h"
#include "intel/boot_manifests.h"
#include "quell/finding.h"
#include "quell/image.h"
#include "quell/plan.h"

namespace quell::intel {

// present: a FIT leads to an ACM, a key manifest and a boot policy. likely: a part of that. absent: a sound FIT without
// any of it. unknown: no FIT was reached, so the image does not say.
enum class BootGuardVerdict { present, likely, absent, unknown };
// "present", "likely", "absent", "unknown".
std::string_view to_string(BootGuardVerdict verdict) noexcept;

// The verdict and what it rests on. Whether anything is enforced is decided by fuses that no image shows.
struct BootGuardEvidence {
  BootGuardVerdict verdict = BootGuardVerdict::unknown;
  std::vector<std::string> grounds{};     // one line each, with its address
  std::string generation{};               // "Boot Guard 1.0", "CBnT"; empty when not known
  std::string missing{};                  // for unknown: what the input lacks
  std::vector<Range> protected_ranges{};  // image offsets that a digest or FIT entry covers; edits there break the boot

  // Removing ME modules or partitions may brick the machine: the ACM asks the ME for the policy.
  [[nodiscard]] bool forbids_stripping() const noexcept {
    return verdict == BootGuardVerdict::present || verdict == BootGuardVerdict::likely;
  }
};

// Everything of Boot Guard in an image.
struct BootGuard {
  std::optional<flash::BiosWindow> window{};
  flash::FitSearch fit{};
  std::vector<Acm> acms{};
  std::vector<flash::Microcode> microcode{};
  std::optional<KeyManifest> key_manifest{};
  std::optional<BootPolicy> boot_policy{};
  bool bare = false;  // the file is one of the structures itself
  std::optional<bool> policy_key_matches{};
  std::string ibb_digest{};  // in words: "SHA256 matches", "not computable: ..."
  bool ibb_mismatch = false;
  std::vector<std::optional<bool>> ibb_matches{};  // of the first block's digests, in their order, where compared
  std::vector<Finding> findings{};
  BootGuardEvidence evidence{};

  [[nodiscard]] bool empty() const noexcept {
    return !fit.found() && fit.candidates.empty() && acms.empty() && !key_manifest && !boot_policy &&
           evidence.grounds.empty() && findings.empty();
  }
};

// Parses everything. `hash_limit` bounds how many bytes of the initial boot block are hashed.
BootGuard read_boot_guard(const Image& image, std::uint64_t hash_limit);

// The verdict alone; costs next to nothing on an image without a FIT.
BootGuardEvidence boot_guard_evidence(const Image& image);

// The first edit of the plan that changes bytes which a digest or FIT entry covers, or nullptr. Looks for Boot Guard
// only when an edit lies where the processor starts, which those of the descriptor and the ME region never do.
const Edit* protected_edit(const Plan& plan, const Image& image);

}  // namespace quell::intel
