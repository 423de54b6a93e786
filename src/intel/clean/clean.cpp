// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/intel/clean.h"

#include <algorithm>

#include <fmt/format.h>

#include "flash/descriptor_edit.h"
#include "intel/boot_flow.h"
#include "intel/clean/workspace.h"
#include "intel/cse/layout.h"
#include "intel/firmware.h"
#include "intel/firmware_tpm.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t block = 0x1000;
constexpr std::uint64_t spare = 4 * block;  // room that the firmware wants behind its code

// Only the disable bit, by the platform's rule: works on every generation, and on what has no firmware to clean.
bool is_soft_only(const CleanOptions& options) {
  return options.soft_disable && !options.strip && !options.like_me_cleaner;
}

// A region that the host may not read comes as 0xff from within, and would be written back as that.
Result<void> refuse_unread(const Workspace& work) {
  if (work.me_range.empty() || !work.image.clip(work.me_range).filled_with(std::byte{0xFF})) return {};
  return fail(Errc::refused,
              "the ME region was not read (all 0xff): read the chip with an external programmer; or it is erased "
              "already, and there is nothing to clean",
              work.me_range.offset);
}

// From what was examined, where that is the same region.
Result<MeRegion> read_region(const Workspace& work, ByteView region) {
  const bool ich = work.descriptor && work.descriptor->is_ich();
  if (work.is_body()) {
    const Firmware& firmware = firmware_of(work.examined);
    if (firmware.region.range() == region.range() && (firmware.descriptor == 0) == ich) return firmware.me;
  }
  return parse_me_region(region, ich);
}

// The firmware is read as far as it can be, for what goes with it (an extracted region).
Result<void> open_for_bit(Workspace& work) {
  QUELL_CHECK(flash::require_editable(*work.descriptor, work.image, work.options.accepted));
  const auto* region = work.descriptor->me();
  if (region == nullptr || !region->in_use() || region->range.end() > work.image.size()) return {};
  work.me_range = region->range;
  QUELL_CHECK(refuse_unread(work));
  if (auto me = read_region(work, work.image.clip(work.me_range))) work.me = *std::move(me);
  return {};
}

// The region's firmware, if its parts can be removed at all: since ME 12 most images keep it in an IFWI container,
// whose boot partitions are verified as a whole.
Result<MeRegion> open_firmware(const Workspace& work, ByteView region) {
  auto me = read_region(work, region);
  if (me || me.error().code != Errc::unrecognised) return me;
  if (!parse_layout_table(region) && !looks_like_bpdt(region, 0)) return me;
  return fail(
      Errc::refused,
      "this firmware is an IFWI container (ME 12 and later, TXE 3 and 4), and a machine does not start once parts of "
      "it are removed: set the disable bit of a full dump instead",
      region.origin());
}

Result<void> open_dump(Workspace& work) {
  QUELL_TRY(work.descriptor, work.is_body() ? work.examined.descriptor() : flash::parse_descriptor(work.image));
  if (is_soft_only(work.options)) return open_for_bit(work);
  QUELL_CHECK(require_editable(work));
  const auto* region = work.descriptor->me();
  if (region != nullptr && region->in_use()) work.me_range = region->range;
  if (work.me_range.empty()) {
    if (work.descriptor->is_ich()) return {};
    return fail(Errc::unsupported, "the ME region is not in use: this image has no Intel ME firmware to clean");
  }
  if (!work.descriptor->is_ich()) QUELL_CHECK(refuse_unread(work));
  QUELL_TRY(work.me, open_firmware(work, work.image.clip(work.me_range)));
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
  QUELL_TRY(work.me, open_firmware(work, work.image));
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
    return fail(Errc::usage, "FTPR cannot be moved while other partitions are kept");
  }
  if (!options.strip && (options.relocate || options.truncate)) {
    return fail(Errc::usage, "FTPR can be moved, and the region cut, only where parts are removed");
  }
  return {};
}

Result<void> remove_modules(Workspace& work) {
  return work.me->generation == Generation::second ? remove_gen2_modules(work) : remove_gen3_modules(work);
}

// ME 12 and later verify more of themselves than FTPR's manifest: no stripped image is known to start.
Result<void> refuse_me12(const Workspace& work) {
  const bool me12 = work.me->product == Product::me && work.me->manifest.version.major >= 12;
  if (!me12 || work.options.accepted.has(Override::me12_strip)) return {};
  return refuse(fmt::format("ME {} does not start once partitions or modules are removed, and the machine with it; set "
                            "the disable bit instead",
                            to_string(work.me->manifest.version)),
                {Override::me12_strip});
}

// Apollo and Gemini Lake start from parts of the engine's firmware. me_cleaner removes them all the same.
Result<void> refuse_boot_flow(Workspace& work) {
  const bool later_txe = work.me->product == Product::txe && work.me->manifest.version.major >= 3;
  const auto& rows = work.me->table.entries;
  if (!later_txe && std::ranges::find(rows, "RBEP", &FptEntry::name) == rows.end()) return {};
  if (!work.options.like_me_cleaner) return fail(Errc::refused, std::string(boot_flow_reason));
  work.notice("intel.clean.boot-flow", Question::structure,
              "the machine may not start with the result: " + std::string(boot_flow_reason));
  return {};
}

// Boot Guard came with Haswell and ME 9. TXE and SPS count their versions differently, and an engine whose key is not
// known can be one of them.
bool predates_boot_guard(const MeRegion& me) {
  const auto major = me.manifest.version.major;
  if (me.generation == Generation::first) return true;
  return me.generation == Generation::second && me.product == Product::me && major >= 6 && major < 9;
}

// With Boot Guard the boot block asks the ME for its policy, and a stripped ME cannot answer. Whether the fuses enforce
// it is in no image, so what cannot be ruled out is refused too.
Result<void> refuse_boot_guard(const Workspace& work) {
  if (work.options.accepted.has(Override::boot_guard)) return {};
  const BootGuardEvidence& evidence = boot_guard_of(work.examined).evidence;
  const bool possible = evidence.verdict == BootGuardVerdict::unknown && !predates_boot_guard(*work.me);
  if (!evidence.forbids_stripping() && !possible) return {};
  const std::string seen = possible
                               ? fmt::format("whether this board uses Boot Guard is not known ({})", evidence.missing)
                               : fmt::format("Boot Guard is {} in this image ({})", to_string(evidence.verdict),
                                             evidence.grounds.empty() ? "" : evidence.grounds.front());
  return refuse(seen +
                    ": a machine with it may not start once the ME is stripped; set the disable bit of a full dump "
                    "instead",
                {Override::boot_guard});
}

// Everything inside the region for generations 2 and 3.
Result<void> strip(Workspace& work) {
  QUELL_CHECK(refuse_me12(work));
  QUELL_CHECK(refuse_boot_flow(work));
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
    if (dump && work.options.soft_disable && !work.options.like_me_cleaner) QUELL_CHECK(set_platform_bit(work));
    if (dump && (work.options.strip || work.options.soft_disable)) return clean_generation_1_dump(work);
    if (!dump) {
      work.notice("intel.clean.nothing-in-region", Question::structure,
                  "ME 1 to 5 are removed as a whole, through the descriptor of a full dump: "
                  "nothing is changed in a bare region");
    }
    return {};
  }
  if (!work.me) return work.options.soft_disable ? set_disable_strap(work) : Result<void>{};
  if (work.me->signatures.of(work.me->manifest) != SignatureState::valid) {
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
  const Examined examined(source);
  Workspace work{options, examined, me.bytes, PlanBuilder(me.bytes)};
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
  if (work.options.accepted.has(Override::boot_guard)) return {};
  const Edit* edit = protected_edit(plan, work.source());
  if (edit == nullptr) return {};
  return refuse(fmt::format("the change \"{}\" lies in bytes that the firmware interface table or the boot policy "
                            "covers, so the machine may not start with it",
                            edit->reason),
                {Override::boot_guard}, edit->range.offset);
}

}  // namespace

namespace {

void notice_tpm(const Workspace& work, CleanPlan& out) {
  const FirmwareTpm tpm = work.is_body() ? firmware_tpm(firmware_of(work.examined), cse_of(work.examined))
                                         : firmware_tpm(work.image.clip(work.me_range), false);
  const auto platform = work.descriptor ? std::optional(work.disable_bits()) : std::nullopt;
  auto finding = tpm_finding(tpm, platform ? &*platform : nullptr);
  out.tpm_at_stake = finding.has_value();
  if (finding) out.costs.push_back(*std::move(finding));
}

}  // namespace

Result<CleanPlan> plan_clean(const Image& image, const CleanOptions& options) {
  return plan_clean(Examined(image), options);
}

Result<CleanPlan> plan_clean(const Examined& examined, const CleanOptions& options) {
  QUELL_CHECK(check_options(options));
  const Image& image = examined.image();
  Workspace work{options, examined, image.bytes(), PlanBuilder(image.bytes())};
  QUELL_CHECK(open(work));
  QUELL_CHECK(plan_firmware(work));
  if (options.lock_out) QUELL_CHECK(lock_out_me(work));

  const bool first = !work.me || work.me->generation == Generation::first;
  CleanPlan out;
  out.disables = work.disables;
  out.minimum_size = minimum_size(work);
  out.me = work.me_range;
  out.me_output = work.me_range;
  out.has_me_output = !first && work.descriptor.has_value();
  out.signature_checked =
      !first && !(options.strip && work.me->is_ignition()) &&
      (!is_soft_only(options) || work.me->signatures.of(work.me->manifest) == SignatureState::valid);
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
  out.costs = std::move(work.costs);
  out.plan = std::move(work.builder).build(image.digest());
  // What is stripped already is in no danger from a removal that changes nothing.
  const bool removes = options.strip && work.me && !first && std::ranges::any_of(out.plan.edits, [&](const Edit& edit) {
                         return edit.range.intersects(work.me_range);
                       });
  if (removes) QUELL_CHECK(refuse_boot_guard(work));
  if (options.strip && !first && !removes && !out.plan.truncate_to) {
    out.notices.push_back({.id = "intel.clean.stripped-already",
                           .question = Question::structure,
                           .title = "the region is stripped already: nothing is left to remove",
                           .range = work.me_range});
  }
  if (!out.plan.empty() && (removes || work.disables)) notice_tpm(work, out);
  QUELL_CHECK(spare_protected(out.plan, work));
  return out;
}

Result<CleanPlan> plan_default(const Examined& examined, CleanOptions options) {
  const Image& image = examined.image();
  const bool dump = !find_fpt(image.bytes()) && flash::find_descriptor(image.bytes());
  options.strip = true;
  options.soft_disable = dump;
  auto plan = plan_clean(examined, options);
  if (plan || plan.error().code != Errc::refused || !dump) return plan;
  for (const bool strip : {false, true}) {
    CleanOptions one = options;
    one.strip = strip;
    one.soft_disable = !strip;
    if (!strip) one.relocate = one.truncate = false;
    auto reduced = plan_clean(examined, one);
    if (!reduced) continue;
    if (strip && reduced->disables) return reduced;
    reduced->left_out = {strip ? LeftOut::Part::disable_bit : LeftOut::Part::removal, plan.error()};
    return reduced;
  }
  return plan;
}

Finding notice_of(const LeftOut& left_out) {
  const bool removal = left_out.part == LeftOut::Part::removal;
  return {.id = "intel.clean.reduced",
          .question = Question::structure,
          .severity = Severity::warning,
          .title = removal ? "partitions and modules stay" : "the disable bit is not set",
          .detail = left_out.why.message};
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
