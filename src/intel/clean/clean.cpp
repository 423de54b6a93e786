// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/intel/clean.h"

#include <algorithm>

#include <fmt/format.h>

#include "intel/clean/workspace.h"
#include "quell/flash/descriptor_edit.h"
#include "quell/intel/boot_guard.h"
#include "quell/intel/cse/layout.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t block = 0x1000;
constexpr std::uint64_t spare = 4 * block;  // room that the firmware wants behind its code

// Only the disable bit, by the platform's rule: works on every generation, and on what has no firmware to clean.
bool is_soft_only(const CleanOptions& options) {
  return options.soft_disable && !options.strip && !options.reference_place;
}

// The firmware is read as far as it can be, for what goes with it (an extracted region).
Result<void> open_for_bit(Workspace& work) {
  QUELL_CHECK(flash::require_editable(*work.descriptor, work.image, work.options.accept_overlaps));
  const auto* region = work.descriptor->me();
  if (region == nullptr || !region->in_use() || region->range.end() > work.image.size()) return {};
  work.me_range = region->range;
  if (auto me = parse_me_region(work.image.clip(work.me_range), work.descriptor->is_ich())) work.me = *std::move(me);
  return {};
}

// The region's firmware, if its parts can be removed at all: since ME 12 most images keep it in an IFWI container,
// whose boot partitions are verified as a whole.
Result<MeRegion> open_firmware(ByteView region, bool ich_descriptor) {
  auto me = parse_me_region(region, ich_descriptor);
  if (me || me.error().code != Errc::unrecognised) return me;
  if (!parse_layout_table(region) && !looks_like_bpdt(region, 0)) return me;
  return fail(
      Errc::refused,
      "this firmware is an IFWI container (ME 12 and later, TXE 3 and 4), and a machine does not start once parts of "
      "it are removed: set the disable bit instead (--soft on a full dump)",
      region.origin());
}

Result<void> open_dump(Workspace& work) {
  QUELL_TRY(work.descriptor, flash::parse_descriptor(work.image));
  if (is_soft_only(work.options)) return open_for_bit(work);
  QUELL_CHECK(require_editable(work));
  const auto* region = work.descriptor->me();
  if (region != nullptr && region->in_use()) work.me_range = region->range;
  if (work.me_range.empty()) {
    if (work.descriptor->is_ich()) return {};
    return fail(Errc::unsupported, "the ME region is not in use: this image has no Intel ME firmware to clean");
  }
  if (work.image.clip(work.me_range).filled_with(std::byte{0xFF}) && !work.descriptor->is_ich()) {
    work.notice("intel.clean.erased", Question::structure, "the ME region is erased already");
    return {};
  }
  QUELL_TRY(work.me, open_firmware(work.image.clip(work.me_range), work.descriptor->is_ich()));
  return {};
}

Result<void> open_region(Workspace& work) {
  work.me_range = work.image.range();
  const auto& o = work.options;
  if (o.soft_disable || o.lock_out) {
    return fail(Errc::usage,
                "this is a bare ME region: the disable bit and the access rights are in the flash descriptor, "
                "so they need a full dump");
  }
  QUELL_TRY(work.me, open_firmware(work.image, false));
  return {};
}

Result<void> open(Workspace& work) {
  const bool container = parse_layout_table(work.image).has_value() || looks_like_bpdt(work.image, 0);
  if (find_fpt(work.image) || container) return open_region(work);
  if (flash::find_descriptor(work.image)) return open_dump(work);
  if (work.image.filled_with(std::byte{0xFF})) {
    return fail(Errc::unsupported,
                "every byte is 0xFF: an ME region that is erased already, or a chip that was read without contact");
  }
  return fail(Errc::unrecognised, "neither a full flash dump nor a bare ME region of the kind that can be cleaned");
}

Result<void> check_options(const CleanOptions& options) {
  if (options.relocate && !(options.keep.empty() && options.drop.empty())) {
    return fail(Errc::usage,
                "FTPR cannot be moved while other partitions are kept: --relocate excludes --keep and --drop");
  }
  if (!options.strip && (options.relocate || options.truncate)) {
    return fail(Errc::usage, "--relocate and --truncate need --strip");
  }
  return {};
}

Result<void> remove_modules(Workspace& work) {
  return work.me->generation == Generation::second ? remove_gen2_modules(work) : remove_gen3_modules(work);
}

// ME 12 and later verify more of themselves than FTPR's manifest: no stripped image is known to start.
Result<void> refuse_me12(const Workspace& work) {
  const bool me12 = work.me->product == Product::me && work.me->manifest.version.major >= 12;
  if (!me12 || work.options.accept_me12_strip) return {};
  return fail(
      Errc::refused,
      fmt::format(
          "ME {} does not start once partitions or modules are removed, and the machine with it; set the disable bit "
          "instead (--soft), or insist with --accept-me12-strip",
          to_string(work.me->manifest.version)));
}

// With Boot Guard the boot block asks the ME for its policy, and a stripped ME cannot answer. Whether the fuses enforce
// it is in no image, so what cannot be ruled out is refused too.
Result<void> refuse_boot_guard(const Workspace& work) {
  if (work.options.accept_boot_guard) return {};
  BootGuardEvidence evidence = boot_guard_evidence(work.source);
  if (work.me->product == Product::me) evidence.consider_me_version(work.me->manifest.version.major);
  const bool possible = work.me->product == Product::me && evidence.verdict == BootGuardVerdict::unknown;
  if (!evidence.forbids_stripping() && !possible) return {};
  const std::string seen = possible
                               ? fmt::format("whether this board uses Boot Guard is not known ({})", evidence.missing)
                               : fmt::format("Boot Guard is {} in this image ({})", to_string(evidence.verdict),
                                             evidence.grounds.empty() ? "" : evidence.grounds.front());
  return fail(Errc::refused,
              seen +
                  ": a machine with it may not start once the ME is stripped; set the disable bit instead "
                  "(--soft on a full dump), or insist with --accept-boot-guard");
}

// Everything inside the region for generations 2 and 3.
Result<void> strip(Workspace& work) {
  QUELL_CHECK(refuse_me12(work));
  QUELL_CHECK(refuse_boot_guard(work));
  if (work.me->is_ignition()) return work.erase({0, work.me_size()}, "erase the ME 6 Ignition firmware");
  QUELL_CHECK(remove_partitions(work));
  QUELL_CHECK(remove_modules(work));
  return work.options.relocate && !work.modules_unusable ? relocate_code_partition(work) : Result<void>{};
}

// Whole blocks behind the last byte in use, plus the spare room.
std::optional<std::uint64_t> minimum_size(const Workspace& work) {
  if (work.essential_end == 0) return std::nullopt;
  return (std::max(work.essential_end, work.kept_end) / block + 1) * block + spare;
}

Result<void> plan_firmware(Workspace& work) {
  if (is_soft_only(work.options)) return set_platform_bit(work);
  const bool dump = work.descriptor.has_value();
  const bool first = work.me ? work.me->generation == Generation::first : work.descriptor->is_ich();
  if (first) {
    if (dump && work.options.soft_disable && !work.options.reference_place) QUELL_CHECK(set_platform_bit(work));
    if (dump && (work.options.strip || work.options.soft_disable)) return clean_generation_1_dump(work);
    if (!dump) {
      work.notice("intel.clean.nothing-in-region", Question::structure,
                  "ME 1 to 5 are removed as a whole, through the descriptor of a full dump: "
                  "nothing is changed in a bare region");
    }
    return {};
  }
  if (!work.me) return work.options.soft_disable ? set_disable_strap(work) : Result<void>{};
  if (verify_signature(work.me->manifest) != SignatureState::valid) {
    return fail(Errc::damaged, "the signature of FTPR is invalid: the image is damaged, read the chip again",
                work.me->manifest.bytes.origin());
  }
  work.code_offset = work.me->code_offset();
  if (work.options.strip) QUELL_CHECK(strip(work));
  if (work.options.soft_disable) QUELL_CHECK(set_disable_strap(work));
  return {};
}

}  // namespace

Result<std::uint64_t> minimum_region_size(const MeRegion& me) {
  const CleanOptions options;
  const Image source("ME region", me.bytes);
  Workspace work{options, source, me.bytes, PlanBuilder(me.bytes)};
  work.me_range = {0, me.bytes.size()};
  work.me = me;
  work.code_offset = me.code_offset();
  QUELL_CHECK(remove_modules(work));
  const auto size = minimum_size(work);
  if (!size) return fail(Errc::unsupported, "no smallest size is defined for this region");
  return *size;
}

namespace {

// Whatever the plan is for: bytes that are verified before the first instruction stay.
Result<void> spare_protected(const Plan& plan, const Workspace& work) {
  if (work.options.accept_boot_guard) return {};
  const Edit* edit = protected_edit(plan, work.source);
  if (edit == nullptr) return {};
  return fail(
      Errc::refused,
      fmt::format("the change \"{}\" lies in bytes that the firmware interface table or the boot policy covers, "
                  "so the machine may not start with it; insist with --accept-boot-guard",
                  edit->reason),
      edit->range.offset);
}

}  // namespace

Result<CleanPlan> plan_clean(const Image& image, const CleanOptions& options) {
  QUELL_CHECK(check_options(options));
  Workspace work{options, image, image.bytes(), PlanBuilder(image.bytes())};
  QUELL_CHECK(open(work));
  QUELL_CHECK(plan_firmware(work));
  if (options.lock_out) QUELL_CHECK(lock_out_me(work));

  const bool first = !work.me || work.me->generation == Generation::first;
  CleanPlan out;
  out.minimum_size = minimum_size(work);
  out.me = work.me_range;
  out.me_output = work.me_range;
  out.has_me_output = !first && work.descriptor.has_value();
  out.signature_checked = !first && !(options.strip && work.me->is_ignition()) &&
                          (!is_soft_only(options) || verify_signature(work.me->manifest) == SignatureState::valid);
  // The minimum can exceed the region when partitions near its end are kept; nothing is ever made longer.
  const std::uint64_t kept_size = first ? 0 : std::min(out.minimum_size.value_or(work.me_size()), work.me_size());
  if (options.truncate && !first) out.me_output.size = kept_size;
  if (work.descriptor) {
    const auto* region = work.descriptor->region(0);
    if (region != nullptr) out.descriptor = region->range.intersection(image.bytes().range());
    if (options.truncate) {
      QUELL_TRY(out.borders, moved_borders(work, kept_size));
    }
  } else if (options.truncate && out.minimum_size) {
    work.builder.truncate(kept_size);
  }
  out.notices = std::move(work.notices);
  out.plan = std::move(work.builder).build(image.digest());
  QUELL_CHECK(spare_protected(out.plan, work));
  return out;
}

namespace {

// A damaged map can put a strap on the map itself. The result must still be the descriptor that it was.
Result<void> same_descriptor(const Image& image, ByteView result) {
  const auto before = flash::parse_descriptor(image.bytes());
  if (!before) return {};
  const auto after = flash::parse_descriptor(result);
  const bool same = after && after->signature_offset == before->signature_offset && after->flmap0 == before->flmap0 &&
                    after->flmap1 == before->flmap1 && after->flmap2 == before->flmap2;
  if (same) return {};
  return fail(Errc::damaged,
              "the flash descriptor's map puts a word to be changed on the map itself, so it is damaged; nothing was "
              "written: read the chip again",
              before->signature_offset);
}

}  // namespace

Result<Buffer> apply_clean(const CleanPlan& plan, const Image& image) {
  QUELL_TRY(Buffer output, apply(plan.plan, image));
  const ByteView result(output);
  QUELL_CHECK(verify_applied(plan.plan, image.bytes(), result));
  if (!plan.descriptor.empty()) QUELL_CHECK(same_descriptor(image, result));
  if (plan.signature_checked) {
    const bool ich = flash::find_descriptor(result) == 0;
    QUELL_TRY(const MeRegion me, parse_me_region(result.clip(plan.me), ich));
    if (verify_signature(me.manifest) != SignatureState::valid) {
      return fail(Errc::damaged, "the signature of FTPR would not survive this change; nothing was written",
                  me.manifest.bytes.origin());
    }
  }
  return output;
}

Result<Buffer> extracted_descriptor(const CleanPlan& plan, ByteView cleaned) {
  QUELL_TRY(const ByteView bytes, cleaned.sub(plan.descriptor));
  const Image descriptor("descriptor", ByteView(bytes.bytes()));
  PlanBuilder builder(descriptor.bytes());
  for (const Edit& edit : plan.borders) {
    QUELL_CHECK(
        builder.replace(edit.range.offset - plan.descriptor.offset, std::get<Replace>(edit.what).bytes, edit.reason));
  }
  return apply(std::move(builder).build(descriptor.sha256()), descriptor);
}

Result<Buffer> extracted_me(const CleanPlan& plan, ByteView cleaned) {
  QUELL_TRY(const ByteView bytes, cleaned.sub(plan.me_output));
  return Buffer(bytes.bytes().begin(), bytes.bytes().end());
}

}  // namespace quell::intel
