// SPDX-License-Identifier: GPL-2.0-or-later
// `quell descriptor show` and `layout`.
#include <memory>

#include <fmt/format.h>

#include "cli/descriptor.h"
#include "cli/overrides.h"
#include "flash/descriptor_details.h"
#include "flash/layout_file.h"
#include "intel/disable_report.h"
#include "quell/survey/report.h"
#include "report/document_text.h"
#include "report/json.h"

namespace quell::cli {
namespace {

using doc::Tone;
using Row = std::vector<doc::Cell>;

Report report_of(const DescriptorFile& source, const intel::DisableBits& bits) {
  const ByteView image = source.image.bytes();
  Report out{.file = source.path, .size = image.size(), .sha256 = source.image.sha256(), .what = source.image.what};
  out.layout = flash::describe(source.descriptor, image);
  out.findings = flash::audit(source.descriptor, image);
  EngineReport engine{.engine = "intel-me", .title = fmt::format("Intel ME on {}", bits.platform.name)};
  engine.tree = {"me-region", "ME region", source.image.region("me").value_or(ByteView()).range()};
  intel::report_disable_bit(engine, bits);
  out.engines.push_back(std::move(engine));
  return out;
}

// Rows without titles; `sized`: the third column holds sizes, which stand at the right.
void show_rows(doc::Section& out, const std::vector<Row>& rows, bool sized = false) {
  doc::Table table;
  for (const Row& row : rows) {
    if (row.size() > table.columns.size()) table.columns.resize(row.size());
    table.rows.push_back({row});
  }
  if (sized && table.columns.size() > 2) table.columns[2].right = true;
  out.show(std::move(table));
}

void write_map(doc::Section& out, const flash::FlashDescriptor& d, const flash::Chipset& chipset) {
  out.show(doc::Heading{"Flash descriptor"});
  const std::string_view version = !d.version                                     ? "undecided"
                                   : *d.version == flash::DescriptorVersion::v1   ? "1"
                                   : *d.version == flash::DescriptorVersion::v1_5 ? "1.5"
                                                                                  : "2";
  show_rows(out, {{"version", version},
                  {"chipset", fmt::format("{}{}", chipset.title, chipset.certain ? "" : " (by default)")},
                  {"signature", fmt::format("at {:#x}", d.signature_offset)},
                  {"map", fmt::format("FLMAP0 {:#010x}, FLMAP1 {:#010x}, FLMAP2 {:#010x}, FLUMAP1 {:#010x}", d.flmap0,
                                      d.flmap1, d.flmap2, d.flumap1)},
                  {"sections", fmt::format("components {:#x}, regions {:#x}, masters {:#x}, straps {:#x} ({}), "
                                           "processor straps {:#x} ({})",
                                           d.component_section, d.region_section, d.master_section, d.strap_section,
                                           d.strap_count, d.mch_strap_section, d.mch_strap_count)}});
}

void write_components(doc::Section& out, const flash::FlashDescriptor& d, const flash::Chipset& chipset) {
  const auto parts = flash::components_of(d, chipset);
  out.show(doc::Heading{"Flash chips"});
  std::vector<Row> rows;
  for (std::size_t i = 0; i < parts.sizes.size(); ++i) {
    rows.push_back({{fmt::format("chip {}", i + 1)},
                    {parts.sizes[i] ? report::size_text(*parts.sizes[i]) : std::string("unused or reserved")}});
  }
  if (parts.read_clock_used) rows.push_back({{"read"}, {to_string(parts.read)}});
  rows.push_back({{"fast read"}, {parts.fast_read_supported ? to_string(parts.fast_read) : "not supported"}});
  rows.push_back({{"write, erase"}, {to_string(parts.write)}});
  rows.push_back({{"read ID"}, {to_string(parts.read_id)}});
  if (parts.espi) rows.push_back({{"eSPI"}, {to_string(*parts.espi)}});
  std::vector<std::string_view> modes;
  if (parts.dual_output_fast_read) modes.emplace_back("dual output fast read");
  if (chipset.extended_access) {
    if (parts.dual_output) modes.emplace_back("dual output");
    if (parts.dual_io) modes.emplace_back("dual I/O");
    if (parts.quad_output) modes.emplace_back("quad output");
    if (parts.quad_io) modes.emplace_back("quad I/O");
  }
  rows.push_back({{"read modes"}, {modes.empty() ? "single" : fmt::format("{}", fmt::join(modes, ", "))}});
  if (!parts.forbidden_opcodes.empty())
    rows.push_back({{"forbidden opcodes"}, {fmt::format("{:#04x}", fmt::join(parts.forbidden_opcodes, ", "))}});
  show_rows(out, rows);
}

std::string access_mark(const flash::MasterAccess& master, unsigned region) {
  const bool reads = (master.read >> region & 1U) != 0;
  const bool writes = (master.write >> region & 1U) != 0;
  return reads ? (writes ? "read write" : "read") : (writes ? "write" : "-");
}

// Regions down, masters across: who may read and write what.
void write_regions(doc::Section& out, const flash::FlashDescriptor& d, const flash::Chipset& chipset) {
  const auto masters = flash::masters_of(d, chipset);
  out.show(doc::Heading{"Regions, and who may touch them"});
  Row head{{"", Tone::title}, {"", Tone::title}, {"", Tone::title}};
  for (const auto& master : masters) head.push_back({std::string(master.name), Tone::title});
  std::vector<Row> rows{head};
  for (const auto& region : d.regions) {
    if (!region.in_use()) continue;
    Row row{{std::string(region.short_name)},
            {report::range_text(region.range), Tone::minor},
            report::size_text(region.range.size)};
    for (const auto& master : masters) row.push_back({access_mark(master, region.index)});
    rows.push_back(std::move(row));
  }
  Row words{{"FLMSTR", Tone::minor}, {""}, {""}};
  for (const auto& master : masters) words.push_back({fmt::format("{:#010x}", master.word), Tone::minor});
  rows.push_back(std::move(words));
  show_rows(out, rows, true);
}

void write_straps(doc::Section& out, const flash::FlashDescriptor& d, const intel::DisableBits& bits) {
  out.show(doc::Heading{"Straps"});
  std::vector<Row> rows;
  const auto add = [&](bool of_mch, const std::vector<std::uint32_t>& words, std::uint64_t base) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      std::string note;
      for (const auto& bit : bits.candidates) {
        if (bit.offset == base + 4 * i)
          note = fmt::format("bit {}: {}, {}", bit.bit, bit.name, bit.set() ? "set" : "not set");
      }
      rows.push_back({{flash::strap_name(d, of_mch, i)},
                      {fmt::format("{:#06x}", base + 4 * i), Tone::minor},
                      {fmt::format("{:#010x}", words[i])},
                      {note}});
    }
  };
  add(false, d.straps, d.strap_section);
  add(true, d.mch_straps, d.mch_strap_section);
  show_rows(out, rows);
}

void write_chips(doc::Section& out, const flash::FlashDescriptor& d, ByteView image) {
  const auto entries = flash::vscc_of(d, image);
  if (entries.empty()) return;
  out.show(doc::Heading{"Chips that the ME knows (VSCC)"});
  std::vector<Row> rows;
  rows.reserve(entries.size());
  for (const auto& entry : entries) {
    rows.push_back({{fmt::format("{:02x}:{:04x}", entry.vendor(), entry.device())},
                    {flash::vscc_text(static_cast<std::uint16_t>(entry.vscc & 0xFFFFU))}});
  }
  show_rows(out, rows);
}

void write_disable_bit(doc::Section& out, const intel::DisableBits& bits) {
  out.show(doc::Heading{"The ME's disable bit"});
  std::vector<Row> rows{
      {{"platform"}, {fmt::format("{} ({})", bits.platform.name, to_string(bits.platform.confidence))}}};
  if (!bits.platform.title.empty()) rows.push_back({{"", Tone::minor}, {bits.platform.title}});
  for (const std::string& line : bits.platform.evidence) rows.push_back({{"evidence", Tone::minor}, {line}});
  for (const auto& bit : bits.bits) rows.push_back({{bit.set() ? "set" : "not set"}, {to_string(bit)}});
  if (bits.bits.empty()) {
    for (const auto& bit : bits.candidates) {
      rows.push_back({{"candidate"}, {fmt::format("{} {}: {}", bit.families, to_string(bit), bit.source)}});
    }
  } else {
    rows.push_back({{"source", Tone::minor}, {bits.bits.front().source}});
  }
  for (const auto& refusal : bits.refusals) {
    rows.push_back({{"in the way"},
                    {refusal.reason + (refusal.lifted_by ? fmt::format(" ({})", option_of(*refusal.lifted_by)) : "")}});
  }
  for (const auto& trace : bits.traces) {
    rows.push_back(
        {{"trace"}, {fmt::format("{} bit {} is set, which is no disable bit here", trace.strap, trace.bit)}});
  }
  show_rows(out, rows);
}

Result<void> show(const std::string& path, const Session& session) {
  QUELL_TRY(const auto source, open_descriptor(path));
  const ByteView image = source.image.bytes();
  const auto bits = intel::find_disable_bits(source.descriptor, image, intel::firmware_facts(source.descriptor, image));
  const Report report = report_of(source, bits);
  if (session.json) {
    print(report::to_json("descriptor", std::vector<Report>{report}));
    return {};
  }
  doc::Section out;
  const auto& d = source.descriptor;
  const flash::Chipset chipset = flash::chipset_of(d);
  out.show(doc::Line{{{fmt::format("{}: {}", path, source.image.what.title), Tone::title}}});
  write_map(out, d, chipset);
  write_components(out, d, chipset);
  write_regions(out, d, chipset);
  if (session.verbosity > 0) write_chips(out, d, image);
  if (session.verbosity > 0) write_straps(out, d, bits);
  write_disable_bit(out, bits);
  out.items.front().from = -1;
  if (!report.findings.empty()) {
    out.show(doc::Heading{"Findings"}, -1);
    out.show(doc::findings_of({}, report.findings, doc::Findings::Form::grouped), -1);
  }
  print(report::to_text(out, {session.use_color(), session.width(), session.verbosity}));
  return {};
}

Result<void> layout(const std::string& path, const std::string& output) {
  QUELL_TRY(const auto source, open_descriptor(path, {.write_files = {output}}));
  const std::string text = flash::layout_text(source.descriptor);
  if (output.empty() || output == "-") {
    print(text);
    return {};
  }
  Outputs outputs;
  outputs.protect_input(path);
  const Bytes bytes = as_bytes(text);
  QUELL_CHECK(outputs.add(output, Buffer(bytes.begin(), bytes.end())));
  return outputs.write();
}

}  // namespace

void add_show_verbs(const Command& parent, Session& session) {
  auto path = std::make_shared<std::string>();
  Command verb = add_command(parent, session, "show", "decode the descriptor; -v adds every strap and known chip",
                             "quell descriptor show dump.rom", {.more = Prints::More::twice});
  verb.option("IMAGE", *path, "full flash dump or descriptor; - is standard input").required();
  on_run(verb, session, path.get(), [path, &session] { return show(*path, session); });

  auto layout_path = std::make_shared<std::string>();
  auto output = std::make_shared<std::string>();
  verb = add_command(parent, session, "layout", "write the regions as a flashrom layout file",
                     "quell descriptor layout dump.rom -o dump.layout", no_choice);
  verb.option("IMAGE", *layout_path, "full flash dump or descriptor; - is standard input").required();
  verb.option("-o,--output", *output, "write it here instead of to standard output");
  on_run(verb, session, layout_path.get(), [layout_path, output] { return layout(*layout_path, *output); });
}

}  // namespace quell::cli
