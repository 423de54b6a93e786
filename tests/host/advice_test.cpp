// SPDX-License-Identifier: GPL-2.0-or-later
// What `status` advises: nothing that `clean` would refuse on such a machine, and nothing that its state rules out.
#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include <gmock/gmock.h>

#include "base/table.h"
#include "data/mei-pci-ids.h"
#include "intel/live/mei_pci.h"
#include "intel/platform/tables.h"
#include "quell/survey/status.h"
#include "support/machine_tree.h"

namespace quell::intel::live {

using namespace host;

namespace {

using testing::HasSubstr;
using enum Quieting;

std::vector<Quieting> advised(const EngineStatus& engine) {
  std::vector<Quieting> out;
  for (const QuietingOption& option : engine.options) {
    if (option.does != none) out.push_back(option.does);
  }
  return out;
}

std::vector<EngineStatus> intel_engines(const Root& root) {
  std::vector<EngineStatus> out;
  for (EngineStatus& engine : collect_status(root, {}).engines) {
    if (engine.engine == "intel-me") out.push_back(std::move(engine));
  }
  return out;
}

std::string all_text(const EngineStatus& engine) {
  std::string text = engine.advice;
  for (const QuietingOption& option : engine.options) text += "\n" + option.text;
  return text;
}

// Machines in tests/host/trees whose engine can be quieted; every other one must get no such advice.
const std::map<std::string, std::vector<Quieting>>& quietable() {
  static const std::map<std::string, std::vector<Quieting>> all{
      {"me07-x220-stock", {soft_disable, strip}},
      {"me11-t460p-stock", {soft_disable, setup}},    // Boot Guard enforced: no module removal
      {"me12-optiplex-7060", {soft_disable, setup}},  // since ME 12 none either
      {"me15-tiger-lake", {soft_disable}},            // consumer firmware without AMT
      {"me16-soft-disabled", {soft_disable}},
      {"me16-z790-stock", {soft_disable}},
      {"me18-x1-carbon-gen12", {soft_disable}},
  };
  return all;
}

TEST(Advice, OfEveryMachineIsWhatItsStateAllows) {
  int machines = 0;
  for (const auto& entry : std::filesystem::directory_iterator(QUELL_SOURCE "/tests/host/trees")) {
    if (entry.path().extension() != ".tree") continue;
    const std::string name = entry.path().stem().string();
    const test::MachineTree tree(entry.path());
    const auto root = open_root(tree.path().string()).value();
    for (const EngineStatus& engine : intel_engines(*root)) {
      ++machines;
      const auto known = quietable().find(name);
      const std::vector<Quieting> expected = known == quietable().end() ? std::vector<Quieting>() : known->second;
      EXPECT_EQ(advised(engine), expected) << name << ": " << all_text(engine);
      const bool cleans =
          std::ranges::any_of(expected, [](Quieting one) { return one == soft_disable || one == strip; });
      for (const char* command : {"quell clean", "quell guide"}) {
        if (cleans) continue;
        EXPECT_THAT(all_text(engine), testing::Not(HasSubstr(command))) << name;
      }
    }
  }
  EXPECT_GE(machines, 17);
}

// A running machine of which nothing is known but the number of its engine's PCI function.
std::unique_ptr<Root> machine_with(const Row<data::MeiPciIds>& row) {
  Entries entries;
  const std::string folder = "/sys/bus/pci/devices/0000:00:16.0/";
  const auto file = [&](const std::string& name, std::string text) {
    entries[folder + name] = {Entry::Kind::file, std::move(text)};
  };
  std::string config(256, '\0');
  // HFSTS1: normal, initialised, no error; D0i3 and D3 only from ME 11 on.
  config[0x40] = '\x45';
  config[0x41] = '\x02';
  if (row.optional_number("major_from").value_or(0) >= 11) config[0x43] = '\x90';
  file("vendor", "0x" + std::string(row["vendor"]) + "\n");
  file("device", "0x" + std::string(row["device"]) + "\n");
  file("class", "0x078000\n");
  file("config", config);
  entries["/proc/cpuinfo"] = {Entry::Kind::file, "processor\t: 0\nvendor_id\t: GenuineIntel\n"};
  return memory_root(std::move(entries));
}

// The places are those of data/intel-disable-bits.csv: `clean` sets a bit by itself only where all that the chipset
// can be have it at one confirmed place.
bool clean_sets_the_bit(const std::vector<std::string>& families) {
  std::vector<std::string> places;
  for (const std::string& family : families) {
    std::string place;
    for (const LocationRow& row : location_rows()) {
      if (row.family != family || !row.written) continue;
      if (row.evidence != Evidence::confirmed) return false;
      place += std::to_string(*row.offset) + ":" + std::to_string(row.bit) + (row.of_mch ? "m " : " ");
    }
    places.push_back(place);
  }
  return !places.empty() && !places.front().empty() &&
         std::ranges::all_of(places, [&](const std::string& place) { return place == places.front(); });
}

TEST(Advice, OfEveryChipsetAgreesWithTheTableOfDisableBits) {
  int offered = 0;
  int withheld = 0;
  for (const auto row : Table(data::mei_pci_ids)) {
    if (!row.is({"role", "host"}) || row.is({"kind", "sps"})) continue;
    const auto id = identify_mei(row.number<std::uint16_t>("vendor"), row.number<std::uint16_t>("device")).value();
    for (const EngineStatus& engine : intel_engines(*machine_with(row))) {
      if (engine.verdict != Verdict::running) continue;  // no status registers before ICH10
      const auto does = advised(engine);
      const bool soft = std::ranges::find(does, soft_disable) != does.end();
      EXPECT_EQ(soft, clean_sets_the_bit(id.families)) << id.platform << ": " << all_text(engine);
      const std::string text = all_text(engine);
      const bool advised_in_words = text.find("` sets it on a dump of the chip") != std::string::npos ||
                                    text.find("` sets them on a dump of the chip") != std::string::npos;
      EXPECT_EQ(advised_in_words, soft) << id.platform;
      const bool strips = std::ranges::find(does, strip) != does.end();
      EXPECT_LE(strips ? id.major_to : 0, 11U) << id.platform;
      EXPECT_EQ(engine.advice.empty(), !soft && !strips) << id.platform;
      (soft ? offered : withheld) += 1;
    }
  }
  EXPECT_GT(offered, 15);
  EXPECT_GT(withheld, 15);
}

// Where a device number stands for two chipsets, the firmware tells them apart.
TEST(Advice, KnowsThePlaceBetterOnceTheFirmwareIsKnown) {
  EXPECT_EQ(known_place({"KBP-H", "BSF"}, std::nullopt).evidence, Evidence::reported);
  EXPECT_EQ(known_place({"KBP-H", "BSF"}, Version{11, 8, 50, 3399}).evidence, Evidence::confirmed);
  EXPECT_EQ(known_place({"KBP-H", "BSF"}, Version{11, 11, 50, 1402}).evidence, Evidence::reported);
  EXPECT_EQ(known_place({"MTL", "ARL"}, std::nullopt).evidence, Evidence::unknown);
}

TEST(Advice, NamesTheChipsetsWhoseDisableBitIsNotSure) {
  const auto text = [](std::string_view device) {
    static const Table table(data::mei_pci_ids);
    return all_text(intel_engines(*machine_with(table.find("device", device).value())).at(0));
  };
  EXPECT_THAT(text("7f68"), HasSubstr("No place of the disable bit is known for Arrow Lake"));
  EXPECT_THAT(text("a870"), HasSubstr("No place of the disable bit is known for Lunar Lake"));
  EXPECT_THAT(text("e370"), HasSubstr("No place of the disable bit is known for Panther Lake"));
  EXPECT_THAT(text("1be0"), HasSubstr("No place of the disable bit is known for Emmitsburg"));
  EXPECT_THAT(text("0f18"), HasSubstr("where it is on Bay Trail is reported and not confirmed"));
  EXPECT_THAT(text("2298"), HasSubstr("where it is on Braswell is reported and not confirmed"));
  EXPECT_THAT(text("34e0"), HasSubstr("The sources contradict each other"));
  EXPECT_THAT(text("6e68"), HasSubstr("cannot be told from here"));
}

}  // namespace
}  // namespace quell::intel::live
