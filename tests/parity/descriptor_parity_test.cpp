// SPDX-License-Identifier: GPL-2.0-or-later
// `quell ifdtool` against the recorded results of the reference on real descriptors, and the same descriptors and the
// dumps made of them through `quell descriptor` and `quell clean --soft` as a user runs them.
#include <bit>
#include <cstdio>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "intel/disable_bit.h"
#include "quell/digest.h"
#include "quell/flash/descriptor.h"
#include "support/program.h"
#include "support/real_images.h"
#include "support/shared.h"

namespace quell::test {
namespace {

namespace fs = std::filesystem;

class DescriptorParity : public testing::Test {
 protected:
  DescriptorParity() { fs::create_directories(folder_); }
  ~DescriptorParity() override { fs::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const Buffer& bytes) const {
    std::FILE* file = std::fopen(path(name).c_str(), "wb");
    ASSERT_NE(file, nullptr);
    EXPECT_EQ(std::fwrite(bytes.data(), 1, bytes.size(), file), bytes.size());
    EXPECT_EQ(std::fclose(file), 0);
  }
  static Outcome quell(const std::vector<std::string>& arguments) { return run_program(QUELL_PROGRAM, arguments); }

 private:
  fs::path folder_ = fs::temp_directory_path() / fmt::format("quell-descriptor-{}", ::getpid());
};

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

TEST_F(DescriptorParity, IfdtoolWritesTheRecordedBytes) {
  QUELL_NEEDS_SHARED("oracle/descriptor.json");
  std::size_t runs = 0;
  for (const auto& entry : read_json(shared("oracle/descriptor.json"))) {
    write("in.bin", read_file(shared("corpus/descriptors") / entry.at("descriptor").get<std::string>()));
    for (const auto& run : entry.at("runs")) {
      if (run.at("exit") != 0) continue;
      SCOPED_TRACE(fmt::format("{} {}", run.at("args").get<std::string>(), entry.at("descriptor").get<std::string>()));
      fs::remove(path("in.bin.new"));
      std::vector<std::string> arguments{"ifdtool"};
      for (const std::string& word : words_of(run.at("args")))
        arguments.push_back(word == "layout" ? path(word) : word);
      arguments.push_back(path("in.bin"));
      const Outcome outcome = quell(arguments);
      ASSERT_EQ(outcome.status, 0) << outcome.error;
      ++runs;
      if (run.contains("layout")) {
        std::string wanted;
        for (const auto& line : run.at("layout")) wanted += line.get<std::string>() + "\n";
        EXPECT_EQ(file_text(path("layout")), wanted);
      }
      if (run.contains("out")) {
        EXPECT_EQ(to_hex(sha256(read_file(path("in.bin.new")))), run.at("out").at("sha256"));
      }
    }
  }
  EXPECT_GT(runs, 300U);
}

std::vector<nlohmann::json> dump_cases() {
  std::vector<nlohmann::json> out;
  for (const auto& entry : read_json(shared("oracle/clean.json"))) {
    if (entry.contains("dump")) out.push_back(entry);
  }
  return out;
}

TEST_F(DescriptorParity, SoftDisableOfADumpChangesTheBitsAloneOrIsRefused) {
  QUELL_NEEDS_SHARED("oracle/clean.json");
  std::size_t written = 0;
  for (const auto& entry : dump_cases()) {
    SCOPED_TRACE(entry.at("dump").dump());
    const Buffer dump = clean_case_image(entry);
    write("in.rom", dump);
    fs::remove(path("out.rom"));
    const auto d = flash::parse_descriptor(ByteView(dump)).value();
    const auto found = intel::find_disable_bits(d, ByteView(dump), intel::firmware_facts(d, ByteView(dump)));
    const Outcome outcome = quell({"clean", "--soft", "--accept-overlaps", path("in.rom"), "-o", path("out.rom")});
    if (!found.ready()) {
      EXPECT_EQ(outcome.status, 4) << outcome.error;
      EXPECT_FALSE(fs::exists(path("out.rom")));
      continue;
    }
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    ++written;
    const Buffer cleaned = read_file(path("out.rom"));
    ASSERT_EQ(cleaned.size(), dump.size());
    int bits = 0;
    for (std::size_t i = 0; i < dump.size(); ++i)
      bits += std::popcount(std::to_integer<unsigned>(dump[i] ^ cleaned[i]));
    const bool was_set = found.set().value();
    EXPECT_EQ(bits, was_set ? 0 : static_cast<int>(found.bits.size()));
    ASSERT_EQ(quell({"descriptor", "set", path("out.rom"), "disable=off", "--accept-overlaps", "-o", path("back.rom")})
                  .status,
              0);
    if (!was_set) {
      EXPECT_EQ(read_file(path("back.rom")), dump);
    }
  }
  EXPECT_GE(written, 20U);
}

TEST_F(DescriptorParity, TakingApartAndPuttingTogetherGivesTheSameBytes) {
  QUELL_NEEDS_SHARED("oracle/clean.json");
  for (const auto& entry : dump_cases()) {
    SCOPED_TRACE(entry.at("dump").dump());
    const Buffer dump = clean_case_image(entry);
    write("in.rom", dump);
    const std::string half = std::to_string(dump.size() / 2);
    ASSERT_EQ(quell({"descriptor", "split", path("in.rom"), "--at", half, "--first", path("a"), "--second", path("b")})
                  .status,
              0);
    ASSERT_EQ(quell({"descriptor", "join", path("a"), path("b"), "--accept-sizes", "-o", path("joined")}).status, 0);
    EXPECT_EQ(read_file(path("joined")), dump);

    ASSERT_EQ(quell({"descriptor", "extract", path("in.rom"), "-d", path("parts")}).status, 0);
    std::vector<std::string> inject{"descriptor",        "inject", path("in.rom"),
                                    "--accept-overlaps", "-o",     path("injected")};
    for (const auto& part : fs::directory_iterator(path("parts")))
      inject.push_back(part.path().stem().string() + "=" + part.path().string());
    const Outcome injected = quell(inject);
    ASSERT_EQ(injected.status, 0) << injected.error;
    EXPECT_EQ(read_file(path("injected")), dump);
    fs::remove_all(path("parts"));

    ASSERT_EQ(quell({"descriptor", "layout", path("in.rom"), "-o", path("layout")}).status, 0);
    const Outcome laid = quell(
        {"descriptor", "set", path("in.rom"), "--layout", path("layout"), "--accept-overlaps", "-o", path("laid")});
    ASSERT_EQ(laid.status, 0) << laid.error;
    EXPECT_EQ(read_file(path("laid")), dump);
  }
}

// A descriptor does not say which engine it is for. Where the bit is set already, nothing needs to be known.
TEST_F(DescriptorParity, SoftDisableOfADescriptorAloneIsRefused) {
  QUELL_NEEDS_SHARED("corpus/descriptors");
  int set_already = 0;
  for (const auto& file : fs::directory_iterator(shared("corpus/descriptors"))) {
    SCOPED_TRACE(file.path());
    const Outcome outcome = quell({"clean", "--soft", file.path().string(), "-o", path("out.bin")});
    if (outcome.status == 0) {
      EXPECT_EQ(read_file(path("out.bin")), read_file(file.path().string()));
      ++set_already;
      fs::remove(path("out.bin"));
      continue;
    }
    EXPECT_EQ(outcome.status, 4) << outcome.error;
    EXPECT_THAT(outcome.error, testing::HasSubstr("FLMAP2"));
    EXPECT_FALSE(fs::exists(path("out.bin")));
  }
  EXPECT_EQ(set_already, 9);
}

}  // namespace
}  // namespace quell::test
