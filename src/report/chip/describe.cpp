// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/chip/describe.h"

#include "spi/internal.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/words.h"
#include "quell/survey/recognise.h"
#include "report/document_json.h"
#include "report/document_text.h"
#include "report/text.h"

namespace quell::report::chip {
namespace {

using namespace spi;
using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 4> mode_names{"none", "hardware", "power cycle", "permanent"};
constexpr std::size_t short_hash = 12;
constexpr std::size_t blocks_shown = 8;

std::string_view mode_name(const Protection& protection) {
  return mode_names.at(static_cast<std::size_t>(protection.mode));
}

std::string protection_text(const Protection& protection) {
  if (!protection.active()) return protection.described ? "none" : "none seen";
  if (!protection.described)
    return fmt::format("block-protect bits set (status register {:#04x})", *protection.status_register);
  return fmt::format("{} ({})", range_text({protection.start, protection.length}), mode_name(protection));
}

doc::Value value_of(const ChipDefinition& chip) {
  return doc::Value::Object{{"vendor", chip.vendor},
                            {"name", chip.name},
                            {"size", {chip.size, doc::As::size}},
                            {"tested_erase", chip.tested_erase},
                            {"tested_write", chip.tested_write}};
}

// The vault's own files, as they are kept.
// NOLINTNEXTLINE(misc-no-recursion): as deep as the document
doc::Value value_of(const Json& json) {
  if (json.is_object()) {
    doc::Value::Object out;
    for (const auto& [key, value] : json.items()) out.push_back({key, value_of(value)});
    return out;
  }
  if (json.is_array()) {
    doc::Value::List out;
    for (const Json& value : json) out.push_back(value_of(value));
    return out;
  }
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_unsigned()) return json.get<std::uint64_t>();
  return json.is_string() ? doc::Value(json.get<std::string>()) : doc::Value();
}

doc::Value value_of(const Manifest& m) { return value_of(Json::parse(to_json(m), nullptr, false)); }

doc::Value value_of(const KnownJob& job) {
  doc::Value file = value_of(Json::parse(to_json(job.file), nullptr, false));
  auto& out = std::get<doc::Value::Object>(file.content);
  out.push_back({"units_done", job.units_done()});
  out.push_back({"closed", job.closed()});
  out.push_back({"journal_damaged", job.journal.damaged});
  out.push_back({"last", job.journal.records.empty() ? "" : job.journal.records.back().type});
  return file;
}

template <class List>
doc::Value values_of(const List& list) {
  doc::Value::List out;
  for (const auto& one : list) out.emplace_back(value_of(one));
  return out;
}

doc::Value numbers_of(const std::vector<std::uint64_t>& numbers) {
  return doc::Value::List(numbers.begin(), numbers.end());
}

doc::Line line(std::string text) { return {{{std::move(text)}}}; }

std::string library_text(const std::string& version) {
  return version == "unknown" ? "libflashrom (which does not tell its version)" : "libflashrom " + version;
}

std::string time_text(std::uint64_t seconds) {
  return seconds < 90 ? fmt::format("{} s", seconds) : fmt::format("{} min", (seconds + 30) / 60);
}

doc::Value protection_value(const Protection& protection) {
  return doc::Value::Object{
      {"active", protection.active()},
      {"described", protection.described},
      {"mode", protection.described ? doc::Value(mode_name(protection)) : doc::Value()},
      {"start", {protection.start, doc::As::address}},
      {"length", {protection.length, doc::As::size}},
      {"status_register", protection.status_register
                              ? doc::Value(std::uint64_t{*protection.status_register}, doc::As::hex)
                              : doc::Value()}};
}

void show_chip(doc::Section& out, const ChipIdentity& identity, const Protection& protection,
               const std::string& library) {
  const ChipDefinition& chip = *identity.definition;
  const std::string volts = supply_voltage(identity.jedec_id);
  doc::Facts facts{{}, 2, {}};
  if (!identity.jedec_id.empty()) facts.facts.push_back({"jedec_id", identity.jedec_id, "JEDEC ID", {}});
  if (!volts.empty()) facts.facts.push_back({"supply", fmt::format("{} V, by its ID", volts), {}, {}});
  facts.facts.push_back({"protection", protection_text(protection), {}, {}});
  facts.facts.push_back(
      {"library",
       fmt::format("{}; erase {}, write {}", library_text(library), chip.tested_erase ? "tested" : "not tested",
                   chip.tested_write ? "tested" : "not tested"),
       {},
       {}});
  out.show(line(fmt::format("{} ({}, {})", chip.name, chip.vendor, size_text(chip.size)))).show(std::move(facts));
}

void show_candidates(doc::Section& out, const ChipIdentity& identity) {
  out.show(line(fmt::format("{} chip definitions fit (JEDEC ID {}):", identity.candidates.size(), identity.jedec_id)));
  for (const ChipDefinition& chip : identity.candidates) {
    out.show(line(fmt::format("  --chip \"{}\"  ({}, {})", chip.name, chip.vendor, size_text(chip.size))));
  }
  out.show(line("They differ in how they erase. Read the marking on the chip and say it with --chip; the names between "
                "slashes"))
      .show(line("are markings of one definition."));
}

doc::Document probe_document(const ChipIdentity& identity, const Protection& protection, const std::string& library) {
  doc::Document out{"probe", {}};
  doc::Section& body = out.body;
  const std::string volts = supply_voltage(identity.jedec_id);
  body.field("jedec_id", identity.jedec_id)
      .field("chip", identity.definition ? value_of(*identity.definition) : doc::Value())
      .field("candidates", values_of(identity.candidates))
      .field("volts", volts.empty() ? doc::Value() : doc::Value(volts));
  if (identity.definition) {
    body.field("protection", protection_value(protection));
    show_chip(body, identity, protection, library);
  } else {
    show_candidates(body, identity);
  }
  body.field("library", library);
  return out;
}

doc::Document backup_document(const BackupResult& result, const Wobble& wobble, const std::string& place) {
  doc::Document out{"backup", {}};
  doc::Section& body = out.body;
  const Manifest& m = result.manifest;
  body.show(line(fmt::format("{} ({}, {}, ID {})", m.definition, m.vendor, size_text(m.size), m.jedec_id)))
      .show(line(fmt::format("  {}", m.what.empty() ? "content of no known kind" : m.what)))
      .show(line(m.voted ? fmt::format("  put together by vote from {} reads, confirmed by the last", m.reads.size())
                         : fmt::format("  {} of {} reads agree in every byte", m.matches, m.reads.size())));
  if (!m.not_read.empty()) {
    body.show(line(fmt::format("  not read, because this machine forbids it to its own system (FF in the backup): {}",
                               spi::names_of(m.not_read))));
  }
  for (const Finding& finding : result.findings) {
    body.show(line(fmt::format("  note: {} ({})", finding.title, finding.id)));
  }
  body.show(line(fmt::format("  {} {}", result.known_before ? "already kept as" : "kept as", m.sha256)))
      .show(line(fmt::format("  in {}", place)))
      .show(line(
          fmt::format("Copy it to another medium: `quell vault export {} -o FILE`.", m.sha256.substr(0, short_hash))));
  body.field("vault", place).field("known_before", result.known_before).field("manifest", value_of(m));
  doc::Table blocks{.key = "wobbling_blocks"};
  for (const char* key : {"offset", "times", "bytes"}) blocks.columns.push_back({key});
  for (const auto& [number, block] : wobble.blocks) {
    blocks.rows.push_back({{doc::Value(number * block_size, doc::As::address), doc::Value(std::uint64_t{block.times}),
                            doc::Value(std::uint64_t{block.bytes})}});
  }
  body.data(std::move(blocks));
  return out;
}

doc::Section section_of(const VaultEntry& entry) {
  doc::Section out;
  out.field("sha256", entry.sha256).field("size", {entry.size, doc::As::size});
  out.field("manifests", values_of(entry.manifests));
  out.show(line(fmt::format("  {}  {}", entry.sha256.substr(0, short_hash), size_text(entry.size))));
  for (const Manifest& m : entry.manifests) {
    const std::string separator = m.definition.empty() || m.what.empty() ? "" : ", ";
    out.show(line(fmt::format("    {}  {:<11}  {}{}{}{}", m.time, m.role, m.definition, separator, m.what,
                              m.note.empty() ? "" : fmt::format(" ({})", m.note))));
    if (!m.not_read.empty()) out.show(line(fmt::format("      without {}", spi::names_of(m.not_read))));
  }
  return out;
}

doc::Document vault_document(const std::vector<VaultEntry>& entries, const std::vector<KnownJob>& jobs,
                             const std::string& place) {
  doc::Document out{"vault", {}};
  out.body.field("vault", place).show(line(fmt::format("{}: {}", place, count_text(entries.size(), "object"))));
  doc::Sections objects{"objects", {}};
  for (const VaultEntry& entry : entries) objects.sections.push_back(section_of(entry));
  out.body.add(std::move(objects)).field("jobs", values_of(jobs));
  for (const KnownJob& job : jobs) {
    const std::string state = job.closed() ? job.ending : std::string("UNFINISHED");
    out.body.show(
        line(fmt::format("  job {}  {} of {}: {} -> {}, {} of {} units, {}", job.file.id, job.file.kind,
                         job.file.definition, job.file.base.substr(0, short_hash),
                         job.file.target.substr(0, short_hash), job.units_done(), job.file.units.size(), state)));
  }
  return out;
}

doc::Value plan_value(const BlockPlan& plan) {
  doc::Value::List words;
  for (const flash::WordDifference& word : plan.descriptor_words) {
    words.emplace_back(doc::Value::Object{{"name", word.name},
                                          {"offset", {word.offset, doc::As::address}},
                                          {"before", {std::uint64_t{word.before}, doc::As::hex}},
                                          {"after", {std::uint64_t{word.after}, doc::As::hex}},
                                          {"meaning", word.meaning}});
  }
  doc::Value::List regions;
  for (const RegionChange& region : plan.regions) {
    regions.emplace_back(doc::Value::Object{{"name", region.name}, {"bytes", region.bytes}, {"blocks", region.blocks}});
  }
  return doc::Value::Object{{"id", plan.id()},
                            {"base", plan.base},
                            {"target", plan.target},
                            {"size", {plan.size, doc::As::size}},
                            {"unit", {plan.unit_size, doc::As::size}},
                            {"units", numbers_of(plan.units)},
                            {"blocks", numbers_of(plan.blocks)},
                            {"erases", plan.erases},
                            {"bytes", plan.bytes},
                            {"descriptor", std::move(words)},
                            {"regions", std::move(regions)}};
}

}  // namespace

std::string probe_text(const ChipIdentity& identity, const Protection& protection, const std::string& library) {
  return to_text(probe_document(identity, protection, library).body, {});
}

std::string probe_json(const ChipIdentity& identity, const Protection& protection, const std::string& library) {
  return report::to_json(probe_document(identity, protection, library));
}

std::string wobble_text(const Wobble& wobble, Bytes content, std::uint64_t chip_size) {
  if (wobble.empty()) return {};
  Image image("chip", ByteView(content));
  if (!content.empty()) recognise(image);
  struct Sum {
    std::uint64_t blocks = 0, bytes = 0, first = 0, last = 0;
  };
  std::map<std::string, Sum> regions;
  for (const auto& [number, block] : wobble.blocks) {
    Sum& sum = regions[region_at(image.regions, number * block_size)];
    if (sum.blocks++ == 0) sum.first = number * block_size;
    sum.last = number * block_size + block_size - 1;
    sum.bytes += block.bytes;
  }
  std::string text = "Where the reads differ:\n";
  for (const auto& [name, sum] : regions) {
    text += fmt::format("  {:<12} {} blocks of 4 KiB, {} bytes, {}\n", image.regions.empty() ? "chip" : name,
                        sum.blocks, sum.bytes, range_text(Range::between(sum.first, sum.last + 1)));
  }
  std::vector<std::pair<std::uint64_t, Wobble::Block>> worst(wobble.blocks.begin(), wobble.blocks.end());
  std::ranges::stable_sort(worst, [](const auto& a, const auto& b) { return a.second.bytes > b.second.bytes; });
  if (worst.size() > blocks_shown) worst.resize(blocks_shown);
  for (const auto& [number, block] : worst) {
    text += fmt::format("    {:#010x}  {} times, {} bytes, bits {}\n", number * block_size, block.times, block.bytes,
                        block.fell && block.rose ? "both ways" : (block.fell ? "1 to 0" : "0 to 1"));
  }
  return text + fmt::format("  {}\n", wobble.advice(chip_size));
}

std::string backup_text(const BackupResult& result, const std::string& place) {
  return to_text(backup_document(result, {}, place).body, {});
}

std::string backup_json(const BackupResult& result, const Wobble& wobble, const std::string& place) {
  return report::to_json(backup_document(result, wobble, place));
}

std::string plan_text(const BlockPlan& plan, const std::string& chip, std::uint64_t clock) {
  if (plan.empty()) {
    return fmt::format("{}: the chip already holds this content ({})\n", printable(chip),
                       plan.target.substr(0, short_hash));
  }
  std::string text = fmt::format("{}: from {} to {}\n", printable(chip), plan.base.substr(0, short_hash),
                                 plan.target.substr(0, short_hash));
  for (const RegionChange& region : plan.regions) {
    text += fmt::format("  {:<12} {} in {}\n", region.name, count_text(region.bytes, "byte"),
                        count_text(region.blocks, "block"));
  }
  for (const flash::WordDifference& word : plan.descriptor_words) {
    text += fmt::format("    {} {} ({:#010x} -> {:#010x})\n", word.name, word.meaning, word.before, word.after);
  }
  // Erasing 4 KiB takes 15-800 ms on real chips; programming about 0.7 ms a page of 256 bytes.
  const std::uint64_t transfer =
      (plan.size * 3 + plan.units.size() * plan.unit_size * 3) * 8 / std::max<std::uint64_t>(clock, 1);
  const std::uint64_t fastest = transfer + plan.erases * 15 / 1000;
  const std::uint64_t slowest = transfer + plan.erases * 800 / 1000 + plan.blocks.size() / 64;
  text += fmt::format("  {} of {} blocks of 4 KiB ({} to erase), in {}; {} to {} on a real chip\n", plan.blocks.size(),
                      (plan.size + block_size - 1) / block_size, plan.erases, count_text(plan.units.size(), "unit"),
                      time_text(fastest + 1), time_text(slowest + 1));
  return text + fmt::format("  plan {}\n", plan.id());
}

std::string flash_json(const FlashResult& result) {
  constexpr std::array<std::string_view, 4> outcomes{"written", "resumed", "nothing to do", "dry run"};
  doc::Document out{"flash", {}};
  out.body.field("outcome", {outcomes.at(static_cast<std::size_t>(result.outcome)), doc::As::state})
      .field("job", result.job.empty() ? doc::Value() : doc::Value(result.job))
      .field("plan", plan_value(result.plan));
  return report::to_json(out);
}

std::string vault_text(const std::vector<VaultEntry>& entries, const std::vector<KnownJob>& jobs,
                       const std::string& place) {
  return to_text(vault_document(entries, jobs, place).body, {});
}

std::string check_json(const spi::VaultReport& report, const std::string& vault) {
  doc::Document out{"vault", {}};
  out.body.field("vault", vault)
      .field("sound", report.sound())
      .field("counts", doc::Value::Object{{"objects", std::uint64_t{report.objects}},
                                          {"manifests", std::uint64_t{report.manifests}},
                                          {"jobs", std::uint64_t{report.jobs}}})
      .field("problems", report.problems)
      .field("notes", report.notes);
  return report::to_json(out);
}

std::string vault_json(const std::vector<VaultEntry>& entries, const std::vector<KnownJob>& jobs,
                       const std::string& place) {
  return report::to_json(vault_document(entries, jobs, place));
}

}  // namespace quell::report::chip
