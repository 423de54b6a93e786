// SPDX-License-Identifier: GPL-2.0-or-later
// `quell report`: the bill of materials and the page.
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "base/base64.h"
#include "specimen/intel.h"
#include "support/machine_tree.h"
#include "support/program.h"
#include "support/specimens.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Outcome;

class ReportCommand : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "quell-report-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const Buffer& bytes) const {
    const fs::path path = folder_ / name;
    EXPECT_TRUE(write_file(path, bytes).has_value());
    return path.string();
  }

  fs::path folder_{};
};

Outcome bill(const std::string& image) {
  return test::run_program(QUELL_PROGRAM, {"report", image, "--format", "cyclonedx"});
}

void collect_references(const json& component, std::multiset<std::string>& out) {
  out.insert(component.at("bom-ref"));
  for (const json& part : component.value("components", json::array())) collect_references(part, out);
}

TEST_F(ReportCommand, WritesABillOfMaterialsWithUniqueReferencesForEverySpecimen) {
  for (const auto& [name, bytes] : test::specimens()) {
    const Outcome outcome = bill(write(name, bytes));
    if (outcome.status != 0) continue;  // what `inspect` does not recognise either
    const json document = json::parse(outcome.out, nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << name;
    EXPECT_EQ(document.at("specVersion"), "1.6") << name;
    std::multiset<std::string> references;
    for (const json& component : document.at("components")) collect_references(component, references);
    for (const std::string& reference : references) EXPECT_EQ(references.count(reference), 1U) << name << reference;
    for (const json& vulnerability : document.value("vulnerabilities", json::array()))
      EXPECT_EQ(references.count(vulnerability.at("affects").at(0).at("ref")), 1U) << name;
  }
}

TEST_F(ReportCommand, WritesTheSameBillForTheSameBytesUnderAnotherName) {
  const Buffer dump = specimen::intel_small_dump(specimen::intel_flavours().front());
  const Outcome first = bill(write("a.rom", dump));
  const Outcome second = bill(write("other.rom", dump));
  EXPECT_EQ(first.status, 0) << first.error;
  EXPECT_EQ(first.out, second.out);
}

TEST_F(ReportCommand, SaysWhereEachPartLiesAndWhatItsDigestIs) {
  const json document =
      json::parse(bill(write("a.rom", specimen::intel_small_dump(specimen::intel_flavours().front()))).out);
  const json& engine = document.at("components").at(0);
  EXPECT_EQ(engine.at("supplier").at("name"), "Intel");
  EXPECT_FALSE(engine.value("version", "").empty());
  EXPECT_EQ(engine.at("hashes").at(0).at("alg"), "SHA-256");
  EXPECT_EQ(engine.at("properties").at(0).at("name"), "quell:offset");
  EXPECT_FALSE(engine.at("components").empty());
}

TEST_F(ReportCommand, WritesAPageToAFile) {
  const std::string image = write("a.rom", specimen::intel_small_dump(specimen::intel_flavours().front()));
  const std::string page = (folder_ / "page.md").string();
  const Outcome outcome = test::run_program(QUELL_PROGRAM, {"report", image, "--format", "markdown", "-o", page});
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_THAT(test::file_text(page), testing::HasSubstr("## Intel"));
  const Outcome onto_itself = test::run_program(QUELL_PROGRAM, {"report", image, "--format", "markdown", "-o", image});
  EXPECT_EQ(onto_itself.status, 2);
}

// What a page shows.
json page_of(const std::vector<std::string>& words) {
  std::vector<std::string> all{"report", "--format", "json"};
  all.insert(all.end(), words.begin(), words.end());
  const Outcome outcome = test::run_program(QUELL_PROGRAM, all);
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  return json::parse(outcome.out, nullptr, false);
}

TEST_F(ReportCommand, ShowsAnImageWithItsVerdictItsBlocksAndTheFirstBytesOfItsParts) {
  const Buffer dump = specimen::intel_small_dump(specimen::intel_flavours().front());
  const json page = page_of({write("a.rom", dump)});
  const json& image = page.at("images").at(0);
  EXPECT_EQ(image.at("file"), "a.rom") << "without folders";
  EXPECT_EQ(image.at("depth"), "everything");
  EXPECT_EQ(image.at("verdict"), "sound");
  EXPECT_FALSE(image.at("questions").empty());
  EXPECT_EQ(bytes_of_base64(image.at("blocks").get<std::string>()).size(), (dump.size() + 4095) / 4096);
  const std::string head = bytes_of_base64(page.at("heads").at("layout/fd").get<std::string>());
  EXPECT_EQ(head, std::string(reinterpret_cast<const char*>(dump.data()), 256));
  EXPECT_FALSE(page.at("tables").empty());
}

TEST_F(ReportCommand, NamesTheCommandOfWhatCanBeDoneWithTheNameAsAShellReadsIt) {
  const Buffer dump = specimen::intel_small_dump(specimen::intel_flavours().front());
  const json page = page_of({write("it's a dump;.rom", dump)});
  std::size_t commands = 0;
  for (const json& engine : page.at("images").at(0).at("engines")) {
    for (const json& action : engine.at("actions")) {
      const bool offered = action.at("state") == "available";
      EXPECT_TRUE(!offered || action.contains("command")) << action;
      if (!action.contains("command")) continue;
      ++commands;
      EXPECT_THAT(action.at("command").get<std::string>(), testing::EndsWith(R"( 'it'\''s a dump;.rom' -o quiet.rom)"));
    }
  }
  EXPECT_GT(commands, 0U);
}

TEST_F(ReportCommand, ShowsWhatChangedSinceAnEarlierImage) {
  const Buffer dump = specimen::intel_small_dump(specimen::intel_flavours().front());
  const std::string before = write("a.rom", dump);
  const std::string after = (folder_ / "b.rom").string();
  const Outcome cleaned = test::run_program(QUELL_PROGRAM, {"clean", before, "--accept-descriptor-alone", "-o", after});
  ASSERT_EQ(cleaned.status, 0) << cleaned.error;
  const json page = page_of({after, "--before", before});
  EXPECT_EQ(page.at("before").at("file"), "a.rom");
  EXPECT_FALSE(page.at("diff").at("same"));
  EXPECT_FALSE(page.at("diff").at("parts").empty());
}

TEST_F(ReportCommand, ShowsACapturedMachine) {
  const test::MachineTree tree(std::string(QUELL_SOURCE) + "/tests/host/trees/me11-t460p-stock.tree");
  const json page = page_of({"--root", tree.path().string()});
  EXPECT_EQ(page.at("status").at("engines").at(0).at("engine"), "intel-me");
  EXPECT_THAT(page.at("markdown").get<std::string>(), testing::HasSubstr("## Intel ME"));
}

TEST_F(ReportCommand, PutsNothingFromOutsideBetweenTagsOfThePage) {
  const std::string image = write("<script>.rom", specimen::intel_small_dump(specimen::intel_flavours().front()));
  const Outcome outcome = test::run_program(QUELL_PROGRAM, {"report", image});
  ASSERT_EQ(outcome.status, 0) << outcome.error;
  std::size_t scripts = 0;
  for (std::size_t at = 0; (at = outcome.out.find("<script", at)) != std::string::npos; ++at) ++scripts;
  EXPECT_EQ(scripts, 2U);
  EXPECT_THAT(outcome.out, testing::HasSubstr("<title>&lt;script&gt;.rom"));
  EXPECT_THAT(outcome.out, testing::HasSubstr("default-src 'none'"));
  EXPECT_THAT(outcome.out, testing::Not(testing::HasSubstr(folder_.string())));
}

TEST_F(ReportCommand, IsOfOneThing) {
  const std::string image = write("a.rom", specimen::intel_small_dump(specimen::intel_flavours().front()));
  const auto status_of = [](std::vector<std::string> words) {
    words.insert(words.begin(), "report");
    return test::run_program(QUELL_PROGRAM, words).status;
  };
  EXPECT_EQ(status_of({}), 2);
  EXPECT_EQ(status_of({image, "--this-machine"}), 2);
  EXPECT_EQ(status_of({"--this-machine", "--root", "/"}), 2);
  EXPECT_EQ(status_of({"--this-machine", "--before", image}), 2);
  EXPECT_EQ(status_of({"--this-machine", "--format", "cyclonedx"}), 2);
  EXPECT_EQ(status_of({image, "--before", image, "-o", image}), 2);
}

TEST_F(ReportCommand, TellsAFileThatIsNothingItKnows) {
  EXPECT_EQ(bill(write("text", Buffer(4096, std::byte{'x'}))).status, 3);
}

}  // namespace
}  // namespace quell
