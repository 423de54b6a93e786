// SPDX-License-Identifier: GPL-2.0-or-later
// Boot Guard 1.0: header of 0x10 bytes ("__ACBP__", 0x08 u8 version, 0x0A u8 revision, 0x0B u8 SVN, 0x0C u8 ACM SVN,
// 0x0E u16 NEM pages), then elements {8-byte id, u8 version, body} without a length: only __IBBS__ has a computable
// one, behind any other the next known id is searched.
// CBnT: header of 0x14 bytes (0x0C u16 offset of key and signature, 0x0E u8 revision, 0x0F u8 SVN, 0x10 u8 ACM SVN,
// 0x12 u16 NEM pages), then elements {8-byte id, u8 version, u8, u16 length of the whole element, body}.
// Source: fiano pkg/intel/metadata/cbnt/bootpolicy; UEFITool ksy files.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "intel/boot_manifests.h"
#include "intel/bootguard/manifest_signature.h"

namespace quell::intel {
namespace {

constexpr std::uint64_t largest = 0x10000;  // offsets are 16 bits wide
constexpr std::uint64_t page = 0x1000;
constexpr std::uint64_t cbnt_element_header = 12;
constexpr std::uint64_t v1_element_header = 9;
constexpr std::uint64_t segment_size = 12;
constexpr std::size_t most_protected = 1024;

constexpr std::string_view ibb_id = "__IBBS__";
constexpr std::string_view signature_id = "__PMSG__";
constexpr std::string_view pmda_id = "__PMDA__";
constexpr std::string_view pcd_id = "__PCDS__";
constexpr std::array<std::string_view, 6> element_ids{ibb_id, "__TXTS__", "__PFRS__", pcd_id, pmda_id, signature_id};
// Before this version of the element its data is the vendor's own, whatever it looks like.
constexpr std::uint8_t pcd_with_records = 0x30;
constexpr std::array<std::string_view, 2> pcd_ids{"__PDRS__", "__CNBS__"};

Finding damaged(std::string detail, Range range) {
  return {.id = "intel.bootguard.bpm.damaged",
          .question = Question::structure,
          .severity = Severity::error,
          .title = "the boot policy manifest is damaged",
          .detail = std::move(detail),
          .range = range};
}

// {u16 0, u16 flags, u32 base, u32 size} each behind a count byte.
Result<void> read_segments(IbbElement& ibb, ByteView element, std::uint64_t offset) {
  QUELL_TRY(const auto count, element.u8(offset));
  Fields f(element, "IBB segments");
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t at = offset + 1 + i * segment_size;
    ibb.segments.push_back({f.u16(at + 2), f.u32(at + 4), f.u32(at + 8)});
  }
  return f.done();
}

// 1.0 and CBnT differ by 4 bytes up to the post-IBB hash.
Result<void> read_ibb_head(IbbElement& ibb, ByteView element, std::uint64_t shift) {
  Fields f(element, "IBB element");
  ibb.set_number = shift == 0 ? 0 : f.u8(0x0D);
  ibb.pbet = f.u8(0x0B + shift) & 0x0FU;
  ibb.flags = f.u32(0x0C + shift);
  ibb.mchbar = f.u64(0x10 + shift);
  ibb.vtd_bar = f.u64(0x18 + shift);
  return f.done();
}

// Returns the element's size.
Result<std::uint64_t> read_ibb_v1(IbbElement& ibb, ByteView element) {
  QUELL_CHECK(read_ibb_head(ibb, element, 0));
  std::uint64_t offset = 0x38;
  QUELL_TRY(ibb.post_ibb, read_hash(element, offset, 32));
  QUELL_TRY(ibb.entry_point, element.u32(offset));
  offset += 4;
  QUELL_TRY(const auto digest, read_hash(element, offset, 32));
  ibb.digests.push_back(digest);
  QUELL_CHECK(read_segments(ibb, element, offset));
  return offset + 1 + ibb.segments.size() * segment_size;
}

Result<void> read_ibb_cbnt(IbbElement& ibb, ByteView element) {
  QUELL_CHECK(read_ibb_head(ibb, element, 4));
  std::uint64_t offset = 0x3C;
  QUELL_TRY(ibb.post_ibb, read_hash(element, offset, std::nullopt));
  QUELL_TRY(ibb.entry_point, element.u32(offset));
  QUELL_TRY(const auto count, element.u16(offset + 6));
  offset += 8;
  for (unsigned i = 0; i < count; ++i) {
    QUELL_TRY(const auto digest, read_hash(element, offset, std::nullopt));
    ibb.digests.push_back(digest);
  }
  QUELL_TRY(ibb.obb, read_hash(element, offset, std::nullopt));
  return read_segments(ibb, element, offset + 3);
}

// CBnT: 0x10 u32 version 3, u32 count, then {u32 id, u32 base, u32 size, u16 entry size, u16 version, hash} each.
void read_pmda_cbnt(BootPolicy& policy, ByteView element) {
  const std::uint64_t count = element.u32(cbnt_element_header + 8).value_or(0);
  std::uint64_t offset = cbnt_element_header + 12;
  for (std::uint64_t i = 0; i < count && policy.pmda.size() < most_protected; ++i) {
    const auto base = element.u32(offset + 4);
    const auto size = element.u32(offset + 8);
    const auto entry_size = element.u16(offset + 12);
    if (!base || !size || !entry_size || *entry_size < 16) return;
    policy.pmda.push_back({*base, *size});
    offset += *entry_size;
  }
}

// 1.0: u16 size (some tools write it twice), u32 version, u32 count, then {u32 base, u32 size, 32 or 36 bytes} each.
void read_pmda_v1(BootPolicy& policy, ByteView element) {
  const bool doubled = element.u16(9).value_or(0) == element.u16(11).value_or(1);
  const std::uint64_t at = doubled ? 13 : 11;
  const auto version = element.u32(at);
  const std::uint64_t count = element.u32(at + 4).value_or(0);
  if (!version || (*version != 1 && *version != 2)) return;
  const std::uint64_t entry_size = *version == 1 ? 8 + 32 : 8 + 36;
  for (std::uint64_t i = 0;
       i < count && policy.pmda.size() < most_protected && element.has(at + 8 + i * entry_size, entry_size); ++i) {
    const std::uint64_t entry = at + 8 + i * entry_size;
    policy.pmda.push_back({element.u32(entry).value_or(0), element.u32(entry + 4).value_or(0)});
  }
}

std::string_view id_at(ByteView view, std::uint64_t offset) {
  const auto found = std::ranges::find_if(element_ids, [&](std::string_view id) { return view.matches(offset, id); });
  return found == element_ids.end() ? std::string_view() : *found;
}

void take_signature(BootPolicy& policy, ByteView view, std::uint64_t offset, std::uint64_t signed_size) {
  auto signature = read_signature(view, offset, signed_size);
  if (signature) {
    policy.signature = *std::move(signature);
  } else {
    policy.problems.push_back(
        damaged("The key and signature are cut off: " + signature.error().message + ".", {view.origin() + offset, 0}));
  }
}

void read_v1(BootPolicy& policy, ByteView view) {
  std::uint64_t offset = 0x10;
  while (true) {
    const std::string_view id = id_at(view, offset);
    const ByteView element = view.clip(Range::between(offset, view.size()));
    std::uint64_t next = offset + v1_element_header;
    if (!id.empty()) policy.elements.emplace_back(id);
    if (id == signature_id) return take_signature(policy, view, offset + v1_element_header, offset);
    if (id == ibb_id) {
      IbbElement ibb;
      const auto size = read_ibb_v1(ibb, element);
      if (!size) {
        policy.problems.push_back(damaged("The element __IBBS__ is cut off: " + size.error().message + ".",
                                          {element.origin(), v1_element_header}));
      } else {
        policy.ibb.push_back(std::move(ibb));
        next = offset + *size;
      }
    } else if (id == pmda_id) {
      read_pmda_v1(policy, element);
    }
    // A length cannot be trusted here: go on at the next known id.
    if (id_at(view, next).empty()) {
      while (next < view.size() && id_at(view, next).empty()) ++next;
    }
    if (next >= view.size()) break;
    offset = next;
  }
  policy.problems.push_back(damaged("There is no signature element __PMSG__.", view.range()));
}

void read_element(BootPolicy& policy, std::string_view id, ByteView element) {
  if (id == ibb_id) {
    IbbElement ibb;
    if (const auto read = read_ibb_cbnt(ibb, element); !read) {
      policy.problems.push_back(
          damaged("The element __IBBS__ is cut off: " + read.error().message + ".", element.range()));
    } else {
      policy.ibb.push_back(std::move(ibb));
    }
  } else if (id == pmda_id) {
    read_pmda_cbnt(policy, element);
  } else if (id == pcd_id && element.u8(8).value_or(0) >= pcd_with_records) {
    for (std::uint64_t at = cbnt_element_header; at < element.size(); ++at) {
      for (const std::string_view inner : pcd_ids) {
        if (element.matches(at, inner)) policy.elements.emplace_back(inner);
      }
    }
  }
}

// Returns where the walk ended: at __PMSG__, at damage, or at something unknown.
std::uint64_t walk_cbnt(BootPolicy& policy, ByteView view) {
  std::uint64_t offset = 0x14;
  while (true) {
    const std::string_view id = id_at(view, offset);
    if (id.empty()) return offset;
    policy.elements.emplace_back(id);
    if (id == signature_id) return offset;
    const std::uint64_t size = view.u16(offset + 0x0A).value_or(0);
    if (size < cbnt_element_header) {
      policy.problems.push_back(
          damaged(fmt::format("The element {} says it is {} bytes long, less than its own {}-byte header.", id, size,
                              cbnt_element_header),
                  {view.origin() + offset, cbnt_element_header}));
      return offset;
    }
    if (!view.has(offset, size)) {
      policy.problems.push_back(
          damaged(fmt::format("The element {} says it is {} bytes long, more than there are.", id, size),
                  {view.origin() + offset, cbnt_element_header}));
      return offset;
    }
    read_element(policy, id, view.clip({offset, size}));
    offset += size;
  }
}

void read_cbnt(BootPolicy& policy, ByteView view) {
  const std::uint64_t end = walk_cbnt(policy, view);
  const std::uint64_t stored = view.u16(0x0C).value_or(0);
  const bool reached = view.matches(end, signature_id);
  if (stored < 0x14 || !view.has(stored, 1)) {
    policy.problems.push_back(damaged(
        fmt::format("The key and signature offset {:#x} lies outside the manifest ({} bytes).", stored, view.size()),
        {view.origin() + 0x0C, 2}));
    if (!reached) return;
    return take_signature(policy, view, end + cbnt_element_header, end + cbnt_element_header);
  }
  if (reached && stored != end + cbnt_element_header) {
    policy.problems.push_back(damaged(fmt::format("The header says that key and signature lie at {:#x}, the elements "
                                                  "end at {:#x}.",
                                                  stored, end + cbnt_element_header),
                                      {view.origin() + 0x0C, 2}));
  } else if (!reached && policy.problems.empty()) {
    policy.problems.push_back(damaged(fmt::format("At {:#x} stands no known element.", end), {view.origin() + end, 0}));
  }
  take_signature(policy, view, stored, stored);
}

}  // namespace

bool looks_like_boot_policy(ByteView view) noexcept {
  const auto version = view.u8(8);
  return view.matches(0, "__ACBP__") && version && (*version >> 4U == 1 || *version >> 4U == 2);
}

Result<BootPolicy> parse_boot_policy(ByteView view) {
  if (!looks_like_boot_policy(view)) return fail(Errc::unrecognised, "no boot policy manifest", view.origin());
  const ByteView bounded = view.clip({0, largest});
  BootPolicy policy;
  Fields f(bounded, "boot policy header");
  policy.version = f.u8(8);
  policy.cbnt = policy.version >= 0x20;
  policy.revision = f.u8(policy.cbnt ? 0x0E : 0x0A);
  policy.svn = f.u8(policy.cbnt ? 0x0F : 0x0B);
  policy.acm_svn = f.u8(policy.cbnt ? 0x10 : 0x0C);
  policy.nem_bytes = f.u16(policy.cbnt ? 0x12 : 0x0E) * page;
  QUELL_CHECK(f.done());
  if (policy.cbnt) {
    read_cbnt(policy, bounded);
  } else {
    read_v1(policy, bounded);
  }
  policy.range = {view.origin(), policy.signature ? policy.signature->offset + size_of(*policy.signature) : 0x14};
  return policy;
}

}  // namespace quell::intel
