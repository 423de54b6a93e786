// SPDX-License-Identifier: GPL-2.0-or-later
// What the commands make of AMD images: artifacts, refusals, exit statuses.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "amd/images.h"
#include "amd/oracle.h"
#include "quell/digest.h"
#include "quell/engine.h"
#include "quell/mapped_file.h"
#include "support/shared.h"

namespace quell::test {
namespace {

using specimen::AmdLayout;

const Engine& amd_engine_in_list() {
  for (const Engine* engine : engines()) {
    if (engine->id() == "amd-psp") return *engine;
  }
  ADD_FAILURE() << "the AMD engine is not in the list";
  return *engines().front();
}

std::filesystem::path save(const std::string& name, const Buffer& bytes) {
  const auto path = std::filesystem::path(testing::TempDir()) / fmt::format("quell-amd-{}-{}", ::getpid(), name);
  std::ofstream out(path, std::ios::binary);
  for (const std::byte byte : bytes) out.put(static_cast<char>(byte));
  return path;
}

int run(const std::string& arguments) {
  const std::string command = fmt::format("{} {} >/dev/null 2>&1", QUELL_PROGRAM, arguments);
  const int status = std::system(command.c_str());  // NOLINT(cert-env33-c): the tests run the program as a user does
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(AmdArtifacts, HaveDistinctSafeNamesAndTheBytesTheySay) {
  for (const AmdLayout layout : specimen::amd_layouts()) {
    const Buffer bytes = specimen::amd_image(layout);
    const Image image("x", ByteView(bytes));
    const std::vector<Artifact> artifacts = amd_engine_in_list().artifacts(quell::Examined(image));
    std::set<std::string> names;
    std::size_t unpacked = 0;
    for (const Artifact& artifact : artifacts) {
      EXPECT_TRUE(names.insert(artifact.path).second) << artifact.path;
      EXPECT_EQ(artifact.path.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/"),
                std::string::npos);
      if (artifact.range) {
        EXPECT_TRUE(image.bytes().range().contains(*artifact.range)) << artifact.path;
      } else {
        ASSERT_TRUE(artifact.unpack) << artifact.path;
        EXPECT_TRUE(artifact.unpack().has_value()) << artifact.path;
        ++unpacked;
      }
    }
    EXPECT_GE(unpacked, 1U);
  }
}

// Digests of the files that `quell extract` wrote, by the place of the directory entry that each came from.
std::map<std::uint64_t, std::string> extracted_digests(const std::filesystem::path& folder) {
  std::map<std::uint64_t, std::string> digests;
  const Json index = read_json(folder / "index.json");
  for (const Json& artifact : index.at("artifacts")) {
    if (artifact.at("kind") != "entry") continue;
    const auto file = MappedFile::open((folder / artifact.at("path").get<std::string>()).string());
    EXPECT_TRUE(file) << artifact.at("path");
    if (!file) continue;
    const std::string digest = to_hex(sha256(file->bytes()));
    EXPECT_EQ(artifact.at("sha256"), digest);
    digests[artifact.at("attributes").at("entry_offset").get<std::uint64_t>()] = digest;
  }
  return digests;
}

TEST(AmdProgram, ExtractWritesEveryEntryWithItsRecordedDigest) {
  QUELL_NEEDS_SHARED("oracle/amd");
  const std::map<std::string, std::size_t> recorded{{"stoneyridge-8m", 14}, {"picasso-cezanne-combo-16m", 113},
                                                    {"cezanne-ab-16m", 79}, {"mendocino-16m", 80},
                                                    {"genoa-32m", 96},      {"dual-genoa-picasso-32m", 140}};
  for (const auto& [sample, count] : recorded) {
    SCOPED_TRACE(sample);
    const Json reference = read_json(shared("oracle/amd/" + sample + ".json"));
    const auto image = save(sample, unxz(shared("corpus/amd/" + sample + ".rom.xz")));
    const auto folder = std::filesystem::path(image.string() + ".parts");
    ASSERT_EQ(run(fmt::format("extract {} -d {}", image.string(), folder.string())), 0);
    auto digests = extracted_digests(folder);
    std::size_t compared = 0;
    for (const Json& rom : reference.at("roms")) {
      for (const Json& directory : rom.at("directories")) {
        for (const Json& entry : directory.at("entries")) {
          if (!entry.contains("sha256")) continue;
          const auto at = std::stoull(entry.at("entry_offset").get<std::string>(), nullptr, 16);
          // Three entries are empty: there is nothing to write.
          const bool empty = entry.at("stored_size") == 0;
          EXPECT_EQ(digests.contains(at), !empty) << entry;
          EXPECT_EQ(empty ? to_hex(sha256({})) : digests[at], entry.at("sha256").get<std::string>()) << entry;
          ++compared;
        }
      }
    }
    EXPECT_EQ(compared, count);
    std::filesystem::remove_all(folder);
    std::filesystem::remove(image);
  }
}

TEST(AmdProgram, EndsWithTheRightStatus) {
  const Buffer sound = specimen::amd_image(AmdLayout::slots);
  Buffer damaged = sound;
  flip(damaged, entry_of(examine_amd(sound).firmware.roms.at(0), false, 0x01).stored->offset + 0x200);
  const auto good = save("good.rom", sound);
  const auto bad = save("bad.rom", damaged);
  const auto out = save("out.rom", {});
  std::filesystem::remove(out);
  EXPECT_EQ(run("inspect " + good.string()), 0);
  EXPECT_EQ(run("inspect --json " + bad.string()), 0);
  EXPECT_EQ(run("check " + good.string()), 0);
  EXPECT_EQ(run("check " + bad.string()), 1);
  EXPECT_EQ(run(fmt::format("clean {} -o {}", good.string(), out.string())), 4);
  EXPECT_FALSE(std::filesystem::exists(out));
  EXPECT_EQ(run(fmt::format("diff {} {}", good.string(), good.string())), 0);
  for (const auto& path : {good, bad}) std::filesystem::remove(path);
}

}  // namespace
}  // namespace quell::test
