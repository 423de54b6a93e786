// SPDX-License-Identifier: GPL-2.0-or-later
// The five answers on every engine, and the rules that keep them from contradicting each other, the actions of the
// report and what `clean` does.
#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>

#include "quell/flash/descriptor.h"
#include "quell/host/root.h"
#include "quell/mapped_file.h"
#include "quell/statement.h"
#include "support/machine_tree.h"
#include "support/real_images.h"
#include "support/shared.h"
#include "support/specimens.h"
#include "survey/answers.h"

namespace quell {
namespace {

namespace fs = std::filesystem;

constexpr std::array questions{Asked::starts_before, Asked::runs_beside, Asked::network, Asked::reachable,
                               Asked::switch_off};

class Answers {
 public:
  Answers(const std::vector<ShortAnswer>& answers, const std::string& where) : answers_(answers) {
    EXPECT_EQ(answers.size(), questions.size()) << where;
    for (std::size_t i = 0; i < std::min(answers.size(), questions.size()); ++i) {
      EXPECT_EQ(answers[i].asked, questions.at(i)) << where;
      EXPECT_NE(answers[i].text, "") << where << ": " << to_string(answers[i].asked);
    }
    expect_consistent(where);
  }

  [[nodiscard]] Holds operator()(Asked asked) const {
    const auto found = std::ranges::find(answers_, asked, &ShortAnswer::asked);
    return found == answers_.end() ? Holds::unknown : found->holds;
  }

 private:
  // Whoever has no network is reached by nobody; whoever is reached has one; what does not run is reached by nobody.
  void expect_consistent(const std::string& where) const {
    const Holds network = (*this)(Asked::network);
    const Holds reachable = (*this)(Asked::reachable);
    if (network == Holds::no) {
      EXPECT_EQ(reachable, Holds::no) << where;
    }
    if (reachable == Holds::yes) {
      EXPECT_EQ(network, Holds::yes) << where;
    }
    if ((*this)(Asked::runs_beside) == Holds::no) {
      EXPECT_EQ(reachable, Holds::no) << where;
    }
  }

  const std::vector<ShortAnswer>& answers_;
};

const Engine& engine_of(const EngineReport& report) {
  return **std::ranges::find_if(engines(), [&](const Engine* one) { return one->id() == report.engine; });
}

// "It can be switched off, and it is not yet" exactly where `clean` does something by itself.
void expect_what_clean_does(const EngineReport& report, const Answers& answers, const Examined& examined,
                            const std::string& where) {
  const bool available = std::ranges::any_of(
      report.actions, [](const Action& action) { return action.state == Action::State::available; });
  const bool off = answers(Asked::runs_beside) == Holds::no;
  const bool offered = answers(Asked::switch_off) == Holds::yes && !off;
  const auto quiet = engine_of(report).quiet(examined, {});
  const bool changes = quiet && !quiet->plan.empty();
  if (report.engine != "intel-me") {
    EXPECT_FALSE(available || changes) << where;
    return;
  }
  if (!off) {
    EXPECT_EQ(offered, available) << where;
  }
  if (offered) {
    EXPECT_TRUE(changes) << where << (quiet ? "" : ": " + quiet.error().message);
  }
  if (!off && changes) {
    EXPECT_TRUE(offered) << where;
  }
}

std::size_t expect_answers(const std::string& name, ByteView bytes) {
  Image image(name, bytes);
  const auto report = examine(image, Depth::structure);
  if (!report) return 0;
  const Examined examined(image);
  for (const EngineReport& engine : report->engines) {
    const std::string where = name + " " + engine.engine;
    expect_what_clean_does(engine, Answers(engine.answers, where), examined, where);
  }
  return report->engines.size();
}

TEST(Answers, StandForEveryEngineOfASpecimenAndContradictNothing) {
  std::size_t engines = 0;
  for (const auto& [name, bytes] : test::specimens()) engines += expect_answers(name, ByteView(bytes));
  EXPECT_GT(engines, 30U);
}

TEST(Answers, StandForEveryEngineOfARealImageAndContradictNothing) {
  QUELL_NEEDS_SHARED("corpus/MANIFEST.json");
  std::size_t images = 0;
  std::size_t engines = 0;
  for (const fs::path& path : test::corpus_images()) {
    const auto file = MappedFile::open(path.string());
    const std::size_t found = file ? expect_answers(path.filename().string(), file->view()) : 0;
    images += found == 0 ? 0U : 1U;
    engines += found;
  }
  RecordProperty("images", static_cast<int>(images));
  RecordProperty("engines", static_cast<int>(engines));
  EXPECT_GT(engines, 100U);
}

// What server firmware does with the bit, no source tells.
TEST(Answers, DoNotSayOfServerFirmwareThatASetBitHaltsIt) {
  QUELL_NEEDS_SHARED("corpus/MANIFEST.json");
  const Buffer dump = specimen::intel_dump(specimen::IntelFlavour::me8);
  const auto descriptor = flash::parse_descriptor(ByteView(dump)).value();
  specimen::Canvas canvas(dump.size());
  canvas.put(0, dump);
  const Range region = descriptor.me()->range;
  canvas.put(region.offset, Buffer(region.size, std::byte{0xFF}));
  canvas.put(region.offset,
             test::read_file(test::shared("corpus/intel/purleysiliconbinpkg-ignitionfirmware-meregion.bin")));
  const std::uint64_t strap = descriptor.strap_section + 0x28;
  canvas.put(strap, Buffer{ByteView(dump).u8(strap).value() == 0 ? std::byte{0x80} : std::byte{0xFF}});
  const Buffer server = canvas.bytes();
  expect_answers("server", ByteView(server));
  Image image("server", ByteView(server));
  const auto report = examine(image, Depth::structure);
  ASSERT_TRUE(report.has_value());
  const EngineReport& engine = report->engines.at(0);
  EXPECT_THAT(engine.actions.at(0).reason, testing::HasSubstr("is set"));
  EXPECT_THAT(engine.states, testing::Not(testing::Contains(EngineState::disabled)));
  const Answers answers(engine.answers, "server");
  EXPECT_EQ(answers(Asked::runs_beside), Holds::unknown);
  EXPECT_EQ(answers(Asked::switch_off), Holds::unknown);
}

// A verdict that the engine is off, that it runs or that nothing tells, and advice to clean, are said alike here.
void expect_status(const EngineStatus& engine, const std::string& where) {
  const Answers answers(engine.answers, where);
  const bool contradiction =
      std::ranges::any_of(engine.findings, [](const Finding& finding) { return finding.severity == Severity::error; });
  if (is_off(engine.counts_as_disabled)) {
    EXPECT_EQ(answers(Asked::runs_beside), contradiction ? Holds::unknown : Holds::no) << where;
    if (!contradiction) {
      EXPECT_EQ(answers(Asked::switch_off), Holds::yes) << where;
    }
    if (!contradiction) {
      EXPECT_EQ(answers(Asked::reachable), Holds::no) << where;
    }
  }
  if (engine.verdict == Verdict::running) {
    EXPECT_EQ(answers(Asked::runs_beside), Holds::yes) << where;
  }
  if (engine.verdict == Verdict::unknown) {
    EXPECT_EQ(answers(Asked::runs_beside), Holds::unknown) << where;
  }
  const bool advises = std::ranges::any_of(engine.options, by_cleaning, &QuietingOption::does);
  if (advises) {
    EXPECT_EQ(answers(Asked::switch_off), Holds::yes) << where;
  }
  const bool can = answers(Asked::switch_off) == Holds::yes && answers(Asked::runs_beside) == Holds::yes;
  if (can) {
    EXPECT_TRUE(advises) << where;
  }
}

HostStatus status_of(const fs::path& tree) {
  const test::MachineTree machine(tree);
  const auto root = host::open_root(machine.path());
  return root ? collect_status(**root, {}) : HostStatus{};
}

TEST(Answers, StandForEveryEngineOfAMachineAndContradictNothing) {
  std::size_t trees = 0;
  std::size_t engines = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(QUELL_SOURCE) / "tests/host/trees")) {
    if (entry.path().extension() != ".tree") continue;
    const HostStatus status = status_of(entry.path());
    for (const EngineStatus& engine : status.engines) {
      expect_status(engine, entry.path().stem().string() + " " + engine.engine);
      ++engines;
    }
    EXPECT_THAT(status.summary, testing::EndsWith(".")) << entry.path();
    ++trees;
  }
  RecordProperty("trees", static_cast<int>(trees));
  RecordProperty("engines", static_cast<int>(engines));
  EXPECT_GT(engines, 20U);
}

// Engines beside the host's own, each on a machine that shows it.
TEST(Answers, NameEveryHiddenComputerThatAMachineShows) {
  const fs::path trees = fs::path(QUELL_SOURCE) / "tests/host/trees";
  const auto ids = [&](const char* tree) {
    std::vector<std::string> out;
    for (const EngineStatus& engine : status_of(trees / tree).engines) out.push_back(engine.engine);
    return out;
  };
  EXPECT_THAT(ids("bmc-aspeed-server.tree"), testing::ElementsAre("amd-psp", "bmc"));
  EXPECT_THAT(ids("bmc-openbmc.tree"), testing::Contains("bmc"));
  EXPECT_THAT(ids("intel-lunar-lake-pluton.tree"),
              testing::ElementsAre("intel-me", "intel-isse", "intel-ipse", "intel-gsc"));
  EXPECT_THAT(ids("amd-pluton.tree"), testing::ElementsAre("amd-psp"));
  EXPECT_THAT(ids("qtee-board.tree"), testing::ElementsAre("arm-tee"));
}

TEST(Answers, SayInOneSentenceWhatAMachineIs) {
  const fs::path trees = fs::path(QUELL_SOURCE) / "tests/host/trees";
  EXPECT_EQ(status_of(trees / "me11-t460p-stock.tree").summary,
            "The management engine is running; nobody reaches it over the network; it can be switched off by writing "
            "its flash chip (`quell guide`).");
  EXPECT_EQ(status_of(trees / "me12-optiplex-7060.tree").summary,
            "The management engine is running; it can be reached over the network; it can be switched off by writing "
            "its flash chip (`quell guide`).");
  EXPECT_EQ(status_of(trees / "amd-zen2-silent.tree").summary,
            "The security processor is running; nobody reaches it over the network; it cannot be switched off.");
  EXPECT_EQ(status_of(trees / "me11-skylake-hap.tree").summary,
            "The management engine is off (disabled by HAP); nobody reaches it over the network; there is nothing left "
            "to switch off.");
  EXPECT_EQ(status_of(trees / "qtee-board.tree").summary,
            "The secure world runs when it is called; nobody reaches it over the network; it can be switched off only "
            "by another boot chain.");
  EXPECT_THAT(status_of(trees / "intel-lunar-lake-pluton.tree").summary,
              testing::AllOf(testing::StartsWith("The management engine is there; whether it runs, can be reached over "
                                                 "the network or can be switched off cannot be told from here. The "),
                             testing::HasSubstr("it can be switched off by a setup option.")));
}

// The register that names the kind of the firmware is open to everybody; only root may ask the engine itself.
TEST(Answers, TellFromTheKindOfTheFirmwareThatThereIsNoAmt) {
  const fs::path trees = fs::path(QUELL_SOURCE) / "tests/host/trees";
  const auto stack = [&](const char* tree) { return status_of(trees / tree).engines.at(0).manageability.stack; };
  EXPECT_EQ(stack("me18-x1-carbon-gen12.tree"), Manageability::Stack::none) << "consumer firmware";
  EXPECT_EQ(stack("me11-t460p-stock.tree"), Manageability::Stack::present) << "it was asked";
  EXPECT_EQ(stack("me16-soft-disabled.tree"), Manageability::Stack::not_told) << "halted";
}

TEST(Answers, DoNotSayThatNothingLiesOnTheDiskWhereAnEngineStartsFromIt) {
  const fs::path trees = fs::path(QUELL_SOURCE) / "tests/host/trees";
  const auto notes = [&](const char* tree) { return testing::PrintToString(status_of(trees / tree).notes); };
  EXPECT_THAT(notes("me11-t460p-stock.tree"), testing::HasSubstr("not on the disk"));
  for (const char* tree : {"raspberry-pi-4.tree", "apple-m1.tree", "qtee-board.tree"})
    EXPECT_THAT(notes(tree), testing::Not(testing::HasSubstr("not on the disk"))) << tree;
}

TEST(Answers, SayHowAnotherSystemGetsPastSecureBootWhereThereIsOne) {
  const fs::path trees = fs::path(QUELL_SOURCE) / "tests/host/trees";
  const auto notes = [&](const char* tree) { return testing::PrintToString(status_of(trees / tree).notes); };
  EXPECT_THAT(notes("me11-t460p-stock.tree"), testing::HasSubstr("start through shim"));
  EXPECT_THAT(notes("amd-phoenix-psb.tree"), testing::Not(testing::HasSubstr("shim")));
}

// Whether firmware whose kind is recorded holds AMT.
std::optional<Manageability::Stack> recorded_stack(const std::string& sku) {
  using Stack = Manageability::Stack;
  for (const char* without : {"1.5MB", "Slim", "Consumer", "QST", "TPM", "Base Consumer", "Ignition", "1.375MB"}) {
    if (sku.starts_with(without)) return Stack::none;
  }
  for (const char* with : {"5MB", "Corporate", "AMT", "ASF"}) {
    if (sku.starts_with(with)) return Stack::present;
  }
  return std::nullopt;
}

TEST(Answers, TellWhetherAnImageHoldsANetworkStackAsItsKindIsRecorded) {
  QUELL_NEEDS_SHARED("corpus/MANIFEST.json");
  int right = 0;
  int unknown = 0;
  for (const auto& entry : test::read_json(test::shared("corpus/MANIFEST.json"))) {
    const std::string name = entry.at("file");
    const auto recorded = entry.contains("recorded") ? entry.at("recorded") : nlohmann::json::object();
    const auto wanted = recorded_stack(recorded.value("SKU", "None"));
    const auto file = MappedFile::open(test::shared("corpus/" + name).string());
    if (!wanted || !file) continue;
    Image image(name, file->view());
    const auto report = examine(image, Depth::structure);
    ASSERT_TRUE(report.has_value()) << name;
    const auto found = std::ranges::find(report->engines, "intel-me", &EngineReport::engine);
    ASSERT_NE(found, report->engines.end()) << name;
    const auto stack = found->manageability.stack;
    const bool told = stack != Manageability::Stack::not_told;
    right += told ? 1 : 0;
    unknown += told ? 0 : 1;
    if (told) {
      EXPECT_EQ(stack, *wanted) << name << ": " << found->manageability.reason;
    }
  }
  RecordProperty("right", right);
  RecordProperty("unknown", unknown);
  EXPECT_GE(right, 30);
  EXPECT_LE(unknown, 2);
}

}  // namespace
}  // namespace quell
