// SPDX-License-Identifier: GPL-2.0-or-later
// `quell report`: the bill of materials and the page.
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "specimen/intel.h"
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

TEST_F(ReportCommand, TellsAFileThatIsNothingItKnows) {
  EXPECT_EQ(bill(write("text", Buffer(4096, std::byte{'x'}))).status, 3);
}

}  // namespace
}  // namespace quell
