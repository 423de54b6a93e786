// SPDX-License-Identifier: GPL-2.0-or-later
// The steps of ifdtool that are more than one word: new layout, protected range, top swap, disable bit.
#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "base/size.h"
#include "compat/ifdtool_steps.h"
#include "flash/layout_file.h"
#include "intel/disable_bit.h"
#include "intel/firmware_tpm.h"

namespace quell::compat {
namespace {

constexpr std::uint64_t pchstrp10 = 0x28;

// What ifdtool -M writes: ICH8 to ICH10 three bits, other v1 PCHSTRP10 bit 7, v2 always PCHSTRP0 bit 16.
struct Place {
  std::uint64_t offset;
  std::uint32_t mask;
};
std::vector<Place> ifdtool_places(const IfdJob& job) {
  const auto& d = job.descriptor;
  if (job.rules.version == flash::DescriptorVersion::v2) return {{d.strap_section, 1U << 16U}};
  if (d.is_ich()) return {{d.mch_strap_section, 1U << 0U | 1U << 7U}, {d.strap_section, 1U << 0U}};
  return {{d.strap_section + pchstrp10, 1U << 7U}};
}

bool is_ifdtools(const IfdJob& job, const intel::DisableBit& bit) {
  return std::ranges::any_of(ifdtool_places(job), [&](const Place& place) {
    return place.offset == bit.offset && (place.mask >> bit.bit & 1U) != 0;
  });
}

Result<void> write_places(const IfdJob& job, PlanBuilder& builder, const std::vector<Place>& places) {
  const bool on = *job.options.disable_me;
  for (const Place& place : places) {
    if (place.offset + 4 > job.image.size())
      return fail(Errc::damaged, "the strap lies outside the file", place.offset);
    QUELL_TRY(const auto word, builder.u32(place.offset));
    const std::uint32_t wanted = on ? word | place.mask : word & ~place.mask;
    if (wanted != word) QUELL_CHECK(builder.set_u32(place.offset, wanted, "the ME's disable bit"));
  }
  return {};
}

std::uint64_t gpr0_offset(const IfdJob& job) {
  return job.descriptor.strap_section + 4 * *job.options.platform->gpr0_strap;
}

// The range that GPR0 is to protect: the ME region from its start to the end of the FITC partition in its data part.
Result<std::uint32_t> gpr0_value(const IfdJob& job) {
  const auto* me = job.descriptor.me();
  if (me == nullptr || !me->in_use()) return fail(Errc::unsupported, "there is no ME region to protect");
  QUELL_TRY(const ByteView region, job.image.sub(me->range));
  QUELL_TRY(const auto data, region.u32(*job.options.platform->gpr0_pointer));
  if (!region.matches(data, "$FPT")) return fail(Errc::damaged, "no $FPT where the ME region says", me->range.offset);
  constexpr unsigned most_entries = 128;
  QUELL_TRY(const auto count, region.u32(std::uint64_t{data} + 4));
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(count, most_entries); ++i) {
    const std::uint64_t entry = data + 0x20 + 0x20 * i;
    if (!region.matches(entry, "FITC")) continue;
    QUELL_TRY(const auto offset, region.u32(entry + 8));
    QUELL_TRY(const auto length, region.u32(entry + 12));
    const std::uint64_t end = me->range.offset + data + offset + length;
    if (end > job.image.size() || end == 0) return fail(Errc::damaged, "FITC leaves the file", region.origin() + entry);
    return static_cast<std::uint32_t>((me->range.offset >> 12U & 0x7FFFU) | ((end - 1) >> 12U & 0x7FFFU) << 16U |
                                      1U << 31U);
  }
  return fail(Errc::unsupported, "the ME region has no FITC partition", region.origin() + data);
}

Buffer moved(Bytes old, std::uint64_t size, bool to_end) {
  Buffer out(to_size(size), std::byte{0xFF});
  const std::size_t count = to_size(std::min<std::uint64_t>(old.size(), size));
  const Bytes kept = to_end ? old.last(count) : old.first(count);
  std::ranges::copy(kept, to_end ? out.end() - static_cast<std::ptrdiff_t>(count) : out.begin());
  return out;
}

// ifdtool cuts what a smaller region has no room for.
void warn_of_loss(const IfdJob& job, const flash::DescriptorRegion& region, Range to) {
  if (to.size >= region.range.size) return;
  const std::uint64_t lost = region.range.size - to.size;
  const ByteView gone = job.image.clip({region.index == 1 ? region.range.offset : region.range.end() - lost, lost});
  if (gone.filled_with(std::byte{0xFF})) return;
  fmt::print(stderr, "quell ifdtool: {}: the {} region shrinks by {} KiB, and what stood there is cut off\n",
             job.options.input, region.title, lost / 1024);
}

// FLREGn of the new image; an unused region gets base 0xFFF, limit 0 as ifdtool computes it from its 12-bit fields, and
// 0x7FFF in v2.
std::uint32_t rebuilt_word(Range range, flash::DescriptorVersion version) {
  if (range.empty()) return version == flash::DescriptorVersion::v1 ? 0x00000FFF : 0x00007FFF;
  return static_cast<std::uint32_t>((range.offset >> 12U & 0x7FFFU) | ((range.end() - 1) >> 12U & 0x7FFFU) << 16U);
}

}  // namespace

Result<Buffer> rebuild_with_layout(const IfdJob& job, std::string_view layout) {
  const auto& d = job.descriptor;
  QUELL_TRY(const auto lines, flash::parse_layout(layout));
  QUELL_TRY(const auto relayout, flash::plan_relayout(d, job.image, lines));
  std::uint64_t end = 1;
  for (const Range& range : relayout.ranges) end = std::max(end, range.end());
  const bool alone = job.image.size() == relayout.ranges[0].size;
  Buffer out(to_size(alone ? job.image.size() : std::bit_ceil(end)), std::byte{0xFF});
  for (const auto& region : d.regions) {
    const Range to = relayout.ranges[region.index];
    if (to.empty() || to.end() > out.size() || region.range.end() > job.image.size()) continue;
    warn_of_loss(job, region, to);
    const Buffer content = moved(job.image.clip(region.range).bytes(), to.size, region.index == 1);
    std::ranges::copy(content, out.begin() + static_cast<std::ptrdiff_t>(to.offset));
  }
  const ByteView result(out);
  PlanBuilder words(result);
  for (unsigned i = 1; i < std::min<std::size_t>(slot_count(job), d.regions.size()); ++i) {
    const auto& region = d.regions[i];
    // Slots that the chipset lacks keep their all-ones word.
    if (region.word == 0xFFFFFFFF && relayout.ranges[i].empty()) continue;
    QUELL_CHECK(words.set_u32(region.word_offset, rebuilt_word(relayout.ranges[i], job.rules.version), "FLREG"));
  }
  const Image image("layout", result);
  return apply(std::move(words).build(image.sha256()), image);
}

Result<void> plan_gpr0(const IfdJob& job, PlanBuilder& builder, std::string& text) {
  if (!job.options.platform || !job.options.platform->gpr0_strap)
    return fail(Errc::usage, "GPR0 needs -p with a platform that has it: cnl, jsl, tgl, adl, mtl, ptl or nvl");
  const std::uint64_t offset = gpr0_offset(job);
  QUELL_TRY(const auto word, job.image.u32(offset));
  const bool protects = (word >> 31U) != 0;
  if (job.options.gpr0 == Gpr0::status) {
    const auto expected = gpr0_value(job);
    text += word == 0                       ? "GPR0 is disabled\n"
            : expected && *expected == word ? "GPR0 is enabled\n"
                                            : fmt::format("GPR0 has an unexpected value: {:#010x}\n", word);
    return {};
  }
  if (job.options.gpr0 == Gpr0::disable) {
    if (protects) return builder.set_u32(offset, 0, "GPR0 off");
    text += "GPR0 is not enabled: nothing to do";
    return {};
  }
  if (protects) {
    text += "GPR0 is enabled already: nothing to do";
    return {};
  }
  QUELL_TRY(const auto value, gpr0_value(job));
  return builder.set_u32(offset, value, "GPR0 on");
}

Result<void> plan_top_swap(const IfdJob& job, PlanBuilder& builder) {
  constexpr std::uint64_t marker = 0xD0, kind = 0x7C, size_strap = 0x4C;
  if (!job.options.platform || job.options.platform->name != "adl")
    return fail(Errc::usage, "-T needs -p adl: no other platform's strap is known");
  const std::uint64_t base = job.descriptor.strap_section;
  QUELL_TRY(const auto mark, job.image.u32(base + marker));
  QUELL_TRY(const auto variant, job.image.u32(base + kind));
  const std::uint32_t code = variant >> 1U & 0xFFU;
  if (mark != 0x300 || (code != 0x18 && code != 0x51))
    return fail(Errc::unsupported, "the straps are not those of Alder Lake-P or -N", base + marker);
  QUELL_TRY(const auto old, job.image.u32(base + size_strap));
  const auto steps = static_cast<std::uint32_t>(std::countr_zero(*job.options.top_swap_size / 0x10000));
  return builder.set_u32(base + size_strap, (old & ~(7U << 4U)) | steps << 4U, "PCHSTRP19: top swap size");
}

namespace {

// What the engine takes with it, for those who switch it off.
void warn_of_tpm(const IfdJob& job, const intel::DisableBits& found) {
  if (!*job.options.disable_me) return;
  const auto* me = job.descriptor.me();
  const ByteView region = me != nullptr && me->in_use() ? job.image.clip(me->range) : ByteView();
  const auto tpm = region.empty() ? intel::FirmwareTpm::unknown : intel::firmware_tpm(region, job.descriptor.is_ich());
  const auto finding = intel::tpm_finding(tpm, &found);
  if (finding) fmt::print(stderr, "quell ifdtool: {}: {}\n", job.options.input, finding->title);
}

}  // namespace

// ifdtool's place where that is the right one for this platform, else the right one; refused where nobody knows.
Result<void> plan_alt_me_disable(const IfdJob& job, PlanBuilder& builder, std::string& note) {
  const auto found =
      intel::find_disable_bits(job.descriptor, job.image, intel::firmware_facts(job.descriptor, job.image));
  warn_of_tpm(job, found);
  const auto& name = found.platform.name;
  if (!found.bits.empty() && std::ranges::all_of(found.bits, [&](const auto& bit) { return is_ifdtools(job, bit); })) {
    if (found.bits.front().evidence != intel::Evidence::confirmed)
      note = fmt::format("the place of the bit on {} is only reported, not confirmed", name);
    return write_places(job, builder, ifdtool_places(job));
  }
  intel::DisableOptions options;
  options.on = *job.options.disable_me;
  // ifdtool works on descriptors without firmware as a matter of course.
  options.accepted.add(Override::descriptor_alone);
  auto planned = intel::plan_disable(builder, job.descriptor, found, options);
  if (!planned) {
    Error error = std::move(planned).error();
    if (!error.lifted_by.empty()) error.message += ". `quell descriptor set disable=on` has options for it";
    return tl::unexpected<Error>(std::move(error));
  }
  note = fmt::format("on {} the bit is {}; ifdtool would have written {:#x}", name, to_string(planned->bits.front()),
                     ifdtool_places(job).front().offset);
  return {};
}

}  // namespace quell::compat
