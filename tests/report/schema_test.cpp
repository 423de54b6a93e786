// SPDX-License-Identifier: GPL-2.0-or-later
// What the program prints with --json follows docs/schema/quell-2.schema.json, for synthetic and for real images.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/atomic_file.h"
#include "specimen/intel.h"
#include "support/shared.h"

namespace quell {
namespace {

namespace fs = std::filesystem;

int shell(const std::string& command) {
  const int status = std::system(command.c_str());  // NOLINT(cert-env33-c): the test's own words
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class Schema : public testing::Test {
 protected:
  void SetUp() override {
    if (shell("python3 -c 'import jsonschema' 2>/dev/null") != 0) GTEST_SKIP() << "needs python3-jsonschema";
    std::string pattern = (fs::temp_directory_path() / "quell-schema-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  [[nodiscard]] fs::path path(const std::string& name) const { return folder_ / name; }

  // Runs the program and keeps what it prints as a document.
  void run(const std::string& arguments) {
    const fs::path out = path(std::to_string(++documents_) + ".json");
    const int status = shell(std::string(QUELL_PROGRAM) + " " + arguments + " > '" + out.string() + "' 2>/dev/null");
    EXPECT_GE(status, 0) << arguments;
    EXPECT_LE(status, 5) << arguments;
    if (fs::file_size(out) == 0) fs::remove(out);
  }

  void expect_valid() {
    EXPECT_GT(documents_, 0);
    const std::string source = QUELL_SOURCE;
    EXPECT_EQ(shell("python3 '" + source + "/tests/report/validate.py' '" + source +
                    "/docs/schema/quell-2.schema.json' '" + folder_.string() + "'/*.json"),
              0);
  }

  fs::path folder_{};
  int documents_ = 0;
};

TEST_F(Schema, HoldsForSpecimens) {
  for (const specimen::IntelFlavour flavour : specimen::intel_flavours()) {
    const std::string name(specimen::to_string(flavour));
    const std::string dump = path(name + ".rom").string();
    const std::string region = path(name + ".bin").string();
    const std::string clean = path(name + ".clean").string();
    ASSERT_TRUE(write_file(dump, specimen::intel_small_dump(flavour)).has_value());
    ASSERT_TRUE(write_file(region, specimen::intel_small_me_region(flavour)).has_value());
    run("inspect --json " + dump + " " + region);
    run("check --json " + dump + " " + region + " " + dump + ".not-there");
    run("clean --json --dry-run " + dump);
    run("clean --json --dry-run --strip " + region);
    run("clean --json --soft --accept-descriptor-alone " + dump + " -o " + clean);
    run("diff --json " + dump + " " + (fs::exists(clean) ? clean : region));
    run("explain --json " + dump);
    run("report --format json " + dump);
    run("report --format json " + (fs::exists(clean) ? clean : region) + " --before " + dump);
    run("inspect --json " + dump + ".not-there " + dump);
    run("extract --json " + dump + ".not-there -d " + clean + ".d");
  }
  run("--version --json");
  for (const char* words : {"", "amt", "ports", "intel.disable-bit.set"}) run(std::string("explain --json ") + words);
  expect_valid();
}

TEST_F(Schema, HoldsForRealImages) {
  QUELL_NEEDS_SHARED("corpus/MANIFEST.json");
  std::string files;
  for (const fs::path& image : test::corpus_images()) files += " '" + image.string() + "'";
  run("inspect --json" + files);
  run("check --json" + files);
  run("diff --json " + test::shared("corpus/intel/link-me.bin").string() + " " +
      test::shared("corpus/intel/eve-me.bin").string());
  expect_valid();
}

}  // namespace
}  // namespace quell
