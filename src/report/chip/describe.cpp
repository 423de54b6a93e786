// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/chip/describe.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/words.h"
#include "quell/survey/recognise.h"
#include "report/json_values.h"
#include "report/text.h"

namespace quell::report::chip {
namespace {

using namespace spi;

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

Json json_of(const ChipDefinition& chip) {
  return {{"vendor", chip.vendor},
          {"name", chip.name},
          {"size", chip.size},
          {"tested_erase", chip.tested_erase},
          {"tested_write", chip.tested_write}};
}

Json json_of(const Manifest& m) { return Json::parse(to_json(m), nullptr, false); }

Json json_of(const KnownJob& job) {
  Json out = Json::parse(to_json(job.file), nullptr, false);
  out["units_done"] = job.units_done();
  out["closed"] = job.closed();
  out["journal_damaged"] = job.journal.damaged;
  out["last"] = job.journal.records.empty() ? "" : job.journal.records.back().type;
  return out;
}

std::string library_text(const std::string& version) {
  return version == "unknown" ? "libflashrom (which does not tell its version)" : "libflashrom " + version;
}

std::string time_text(std::uint64_t seconds) {
  return seconds < 90 ? fmt::format("{} s", seconds) : fmt::format("{} min", (seconds + 30) / 60);
}

}  // namespace

std::string probe_text(const ChipIdentity& identity, const Protection& protection, const std::string& library) {
  std::string text;
  if (identity.definition) {
    const ChipDefinition& chip = *identity.definition;
    const std::string volts = supply_voltage(identity.jedec_id);
    text += fmt::format("{} ({}, {})\n", printable(chip.name), printable(chip.vendor), size_text(chip.size));
    if (!identity.jedec_id.empty()) text += fmt::format("  JEDEC ID    {}\n", identity.jedec_id);
    if (!volts.empty()) text += fmt::format("  supply      {} V, by its ID\n", volts);
    text += fmt::format("  protection  {}\n", protection_text(protection));
    text += fmt::format("  library     {}; erase {}, write {}\n", library_text(library),
                        chip.tested_erase ? "tested" : "not tested", chip.tested_write ? "tested" : "not tested");
    return text;
  }
  text += fmt::format("{} chip definitions fit (JEDEC ID {}):\n", identity.candidates.size(), identity.jedec_id);
  for (const ChipDefinition& chip : identity.candidates) {
    text +=
        fmt::format("  --chip \"{}\"  ({}, {})\n", printable(chip.name), printable(chip.vendor), size_text(chip.size));
  }
  text +=
      "They differ in how they erase. Read the marking on the chip and say it with --chip; the names between slashes\n"
      "are markings of one definition.\n";
  return text;
}

std::string probe_json(const ChipIdentity& identity, const Protection& protection, const std::string& library) {
  Json out = document("probe");
  out["jedec_id"] = identity.jedec_id;
  out["chip"] = identity.definition ? json_of(*identity.definition) : Json(nullptr);
  out["candidates"] = Json::array();
  for (const ChipDefinition& chip : identity.candidates) out["candidates"].push_back(json_of(chip));
  const std::string volts = supply_voltage(identity.jedec_id);
  out["volts"] = volts.empty() ? Json(nullptr) : Json(volts);
  if (identity.definition) {
    out["protection"] = {
        {"active", protection.active()},
        {"described", protection.described},
        {"mode", protection.described ? Json(mode_name(protection)) : Json(nullptr)},
        {"start", protection.start},
        {"length", protection.length},
        {"status_register", protection.status_register ? Json(*protection.status_register) : Json(nullptr)}};
  }
  out["library"] = library;
  return dump(out);
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
  const Manifest& m = result.manifest;
  std::string text =
      fmt::format("{} ({}, {}, ID {})\n", printable(m.definition), printable(m.vendor), size_text(m.size), m.jedec_id);
  text += fmt::format("  {}\n", m.what.empty() ? "content of no known kind" : m.what);
  text += m.voted ? fmt::format("  put together by vote from {} reads, confirmed by the last\n", m.reads.size())
                  : fmt::format("  {} of {} reads agree in every byte\n", m.matches, m.reads.size());
  for (const Finding& finding : result.findings)
    text += fmt::format("  note: {} ({})\n", printable(finding.title), finding.id);
  text += fmt::format("  {} {}\n  in {}\n", result.known_before ? "already kept as" : "kept as", m.sha256, place);
  return text + "Copy it to another medium: `quell vault export " + m.sha256.substr(0, short_hash) + " -o FILE`.\n";
}

std::string backup_json(const BackupResult& result, const Wobble& wobble, const std::string& place) {
  Json out = document("backup");
  out["vault"] = place;
  out["known_before"] = result.known_before;
  out["manifest"] = json_of(result.manifest);
  out["wobbling_blocks"] = Json::array();
  for (const auto& [number, block] : wobble.blocks) {
    out["wobbling_blocks"].push_back({{"offset", number * block_size}, {"times", block.times}, {"bytes", block.bytes}});
  }
  return dump(out);
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
  Json out = document("flash");
  out["outcome"] = outcomes.at(static_cast<std::size_t>(result.outcome));
  out["job"] = result.job.empty() ? Json(nullptr) : Json(result.job);
  const BlockPlan& plan = result.plan;
  out["plan"] = {{"id", plan.id()},        {"base", plan.base},
                 {"target", plan.target},  {"size", plan.size},
                 {"unit", plan.unit_size}, {"units", plan.units},
                 {"blocks", plan.blocks},  {"erases", plan.erases},
                 {"bytes", plan.bytes},    {"descriptor", report::json_of(plan.descriptor_words)}};
  out["plan"]["regions"] = Json::array();
  for (const RegionChange& region : plan.regions) {
    out["plan"]["regions"].push_back({{"name", region.name}, {"bytes", region.bytes}, {"blocks", region.blocks}});
  }
  return dump(out);
}

std::string vault_text(const std::vector<VaultEntry>& entries, const std::vector<KnownJob>& jobs,
                       const std::string& place) {
  std::string text = fmt::format("{}: {}\n", place, count_text(entries.size(), "object"));
  for (const VaultEntry& entry : entries) {
    text += fmt::format("  {}  {}\n", entry.sha256.substr(0, short_hash), size_text(entry.size));
    for (const Manifest& m : entry.manifests) {
      const std::string separator = m.definition.empty() || m.what.empty() ? "" : ", ";
      text += fmt::format("    {}  {:<11}  {}{}{}\n", m.time, m.role, printable(m.definition), separator + m.what,
                          m.note.empty() ? "" : " (" + printable(m.note) + ")");
    }
  }
  for (const KnownJob& job : jobs) {
    const std::string state = job.closed() ? job.ending : std::string("UNFINISHED");
    text += fmt::format("  job {}  {} of {}: {} -> {}, {} of {} units, {}\n", job.file.id, job.file.kind,
                        printable(job.file.definition), job.file.base.substr(0, short_hash),
                        job.file.target.substr(0, short_hash), job.units_done(), job.file.units.size(), state);
  }
  return text;
}

std::string check_json(const spi::VaultReport& report, const std::string& vault) {
  Json out = document("vault");
  out["vault"] = vault;
  out["sound"] = report.sound();
  out["counts"] = {{"objects", report.objects}, {"manifests", report.manifests}, {"jobs", report.jobs}};
  out["problems"] = report.problems;
  out["notes"] = report.notes;
  return dump(out);
}

std::string vault_json(const std::vector<VaultEntry>& entries, const std::vector<KnownJob>& jobs,
                       const std::string& place) {
  Json out = document("vault");
  out["vault"] = place;
  out["objects"] = Json::array();
  for (const VaultEntry& entry : entries) {
    Json manifests = Json::array();
    for (const Manifest& m : entry.manifests) manifests.push_back(json_of(m));
    out["objects"].push_back({{"sha256", entry.sha256}, {"size", entry.size}, {"manifests", manifests}});
  }
  out["jobs"] = Json::array();
  for (const KnownJob& job : jobs) out["jobs"].push_back(json_of(job));
  return dump(out);
}

}  // namespace quell::report::chip
