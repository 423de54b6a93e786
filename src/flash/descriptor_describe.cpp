// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "flash/descriptor_details.h"
#include "quell/flash/descriptor.h"

namespace quell::flash {
namespace {

constexpr Range oem_section{0xF00, 0x100};

std::string_view version_text(const FlashDescriptor& d) {
  if (!d.version) return "undecided";
  switch (*d.version) {
    case DescriptorVersion::v1: return "1";
    case DescriptorVersion::v1_5: return "1.5";
    case DescriptorVersion::v2: return "2";
  }
  return "undecided";
}

Component word(std::string kind, std::string name, std::uint64_t offset, std::uint32_t value) {
  Component out{std::move(kind), std::move(name), {offset, 4}};
  out.attributes.set("word", std::uint64_t{value}, Show::hex);
  return out;
}

Component describe_map(const FlashDescriptor& d) {
  Component map{"section", "descriptor map", {d.signature_offset, 20}};
  map.children.push_back(word("word", "FLMAP0", d.signature_offset + 4, d.flmap0));
  map.children.push_back(word("word", "FLMAP1", d.signature_offset + 8, d.flmap1));
  map.children.push_back(word("word", "FLMAP2", d.signature_offset + 12, d.flmap2));
  // On ICH the component section stands where later chipsets have FLMAP3.
  if (d.component_section != d.signature_offset + 16) {
    Component map3 = word("word", "FLMAP3", d.signature_offset + 16, d.flmap3);
    const std::uint32_t major = d.flmap3 >> 21U;
    if (d.flmap3 != 0 && d.flmap3 != 0xFFFFFFFF && major != 0)
      map3.attributes.set("revision", fmt::format("{}.{}", major, d.flmap3 >> 14U & 0x7FU));
    map.children.push_back(std::move(map3));
  }
  return map;
}

Component describe_components(const FlashDescriptor& d, const Chipset& chipset) {
  const FlashComponents parts = components_of(d, chipset);
  Component section{"section", "component section", {d.component_section, 12}};
  for (std::size_t i = 0; i < parts.sizes.size(); ++i) {
    section.attributes.set(fmt::format("chip_{}", i + 1), parts.sizes[i] ? Value(*parts.sizes[i]) : Value(Unknown{}),
                           Show::size);
  }
  if (parts.read_clock_used) section.attributes.set("read_clock", to_string(parts.read));
  if (parts.fast_read_supported) section.attributes.set("fast_read_clock", to_string(parts.fast_read));
  section.attributes.set("write_clock", to_string(parts.write));
  section.attributes.set("read_id_clock", to_string(parts.read_id));
  if (parts.espi) section.attributes.set("espi_clock", to_string(*parts.espi));
  section.attributes.set("dual_output_fast_read", parts.dual_output_fast_read);
  if (chipset.extended_access) {
    section.attributes.set("dual_output", parts.dual_output);
    section.attributes.set("dual_io", parts.dual_io);
    section.attributes.set("quad_output", parts.quad_output);
    section.attributes.set("quad_io", parts.quad_io);
  }
  std::vector<std::string> opcodes;
  for (const unsigned opcode : parts.forbidden_opcodes) opcodes.push_back(fmt::format("{:#04x}", opcode));
  if (!opcodes.empty()) section.attributes.set("forbidden_opcodes", std::move(opcodes));
  section.children.push_back(word("word", "FLCOMP", d.component_section, parts.flcomp));
  section.children.push_back(word("word", "FLILL", d.component_section + 4, parts.flill));
  section.children.push_back(
      word("word", d.version == DescriptorVersion::v2 ? "FLILL1" : "FLPB", d.component_section + 8, parts.flpb));
  return section;
}

std::vector<std::string> region_names(const FlashDescriptor& d, std::uint32_t bits) {
  std::vector<std::string> names;
  for (const DescriptorRegion& region : d.regions) {
    if (region.in_use() && (bits >> region.index & 1U) != 0) names.emplace_back(region.short_name);
  }
  return names;
}

Component describe_masters(const FlashDescriptor& d, const Chipset& chipset) {
  Component section{"section", "master section", {d.master_section, 4 * d.masters.size()}};
  for (const MasterAccess& master : masters_of(d, chipset)) {
    Component child = word("master", fmt::format("FLMSTR{}", master.number), master.word_offset, master.word);
    child.attributes.set("title", std::string(master.name));
    if (master.requester) child.attributes.set("requester", std::uint64_t{*master.requester}, Show::hex);
    child.attributes.set("may_read", region_names(d, master.read));
    child.attributes.set("may_write", region_names(d, master.write));
    section.children.push_back(std::move(child));
  }
  return section;
}

Component describe_regions(const FlashDescriptor& d) {
  Component section{"section", "region section", {d.region_section, 4 * d.regions.size()}};
  for (const DescriptorRegion& region : d.regions) {
    Component child = word("word", fmt::format("FLREG{}", region.index), region.word_offset, region.word);
    child.attributes.set("region", std::string(region.short_name));
    section.children.push_back(std::move(child));
  }
  return section;
}

Component describe_straps(const FlashDescriptor& d, bool of_mch) {
  const auto& words = of_mch ? d.mch_straps : d.straps;
  const std::uint64_t base = of_mch ? d.mch_strap_section : d.strap_section;
  Component section{"section", of_mch ? "processor straps" : "chipset straps", {base, 4 * words.size()}};
  for (std::size_t i = 0; i < words.size(); ++i)
    section.children.push_back(word("strap", strap_name(d, of_mch, i), base + 4 * i, words[i]));
  return section;
}

Component describe_vscc(const FlashDescriptor& d, ByteView image) {
  Component section{"section", "VSCC table", {}};
  const auto entries = vscc_of(d, image);
  for (const VsccEntry& entry : entries) {
    Component child{"vscc", fmt::format("{:02x}:{:04x}", entry.vendor(), entry.device()), {entry.offset, 8}};
    child.attributes.set("upper", vscc_text(static_cast<std::uint16_t>(entry.vscc & 0xFFFFU)));
    child.attributes.set("lower", vscc_text(static_cast<std::uint16_t>(entry.vscc >> 16U)));
    section.children.push_back(std::move(child));
  }
  if (!entries.empty()) section.range = Range::between(entries.front().offset, entries.back().offset + 8);
  return section;
}

// Printable runs of at least four characters.
std::vector<std::string> texts_of(ByteView section) {
  std::vector<std::string> texts;
  std::string run;
  const auto flush = [&] {
    if (run.size() >= 4) texts.push_back(run);
    run.clear();
  };
  for (const std::byte byte : section.bytes()) {
    const auto c = std::to_integer<unsigned char>(byte);
    if (c >= 0x20 && c < 0x7F) {
      run += static_cast<char>(c);
    } else {
      flush();
    }
  }
  flush();
  return texts;
}

std::vector<Component> sections(const FlashDescriptor& d, ByteView image) {
  const Chipset chipset = chipset_of(d);
  std::vector<Component> out{describe_map(d), describe_components(d, chipset), describe_regions(d),
                             describe_masters(d, chipset), describe_straps(d, false)};
  if (!d.mch_straps.empty()) out.push_back(describe_straps(d, true));
  Component vscc = describe_vscc(d, image);
  if (!vscc.children.empty()) out.push_back(std::move(vscc));
  Component oem{"section", "OEM section", image.clip(oem_section).range()};
  oem.range.offset -= image.origin();
  auto texts = texts_of(image.clip(oem_section));
  if (!texts.empty()) oem.attributes.set("texts", std::move(texts));
  out.push_back(std::move(oem));
  return out;
}

void shift(Component& component, std::uint64_t by) {
  component.range.offset += by;
  for (Component& child : component.children) shift(child, by);
}

}  // namespace

Component describe(const FlashDescriptor& descriptor, ByteView image) {
  Component root{"layout", "Intel flash descriptor", {0, image.size()}};
  const Chipset chipset = chipset_of(descriptor);
  root.attributes.set("signature_offset", descriptor.signature_offset, Show::hex);
  root.attributes.set("version", std::string(version_text(descriptor)));
  root.attributes.set("chipset", chipset.title);
  root.attributes.set("chipset_certain", chipset.certain);
  for (const DescriptorRegion& region : descriptor.regions) {
    if (!region.in_use()) continue;
    Component child{"region", std::string(region.short_name), region.range};
    child.attributes.set("title", std::string(region.title));
    if (region.index == 0) child.children = sections(descriptor, image);
    root.children.push_back(std::move(child));
  }
  // Everything above counts from the start of the view; components speak of the file.
  if (image.origin() != 0) shift(root, image.origin());
  return root;
}

}  // namespace quell::flash
