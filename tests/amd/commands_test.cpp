// SPDX-License-Identifier: GPL-2.0-or-later
// What the commands make of AMD images: artifacts, refusals, exit statuses.
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "amd/images.h"
#include "amd/oracle.h"
#include "quell/engine.h"
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
    const std::vector<Artifact> artifacts = amd_engine_in_list().artifacts(image);
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

TEST(AmdArtifacts, EqualTheRecordedDigestOfEveryEntry) {
  QUELL_NEEDS_SHARED("oracle/amd");
  for (const std::string sample : {"stoneyridge-8m", "mendocino-16m", "genoa-32m", "picasso-cezanne-combo-16m",
                                   "cezanne-ab-16m", "dual-genoa-picasso-32m"}) {
    const Json reference = read_json(shared("oracle/amd/" + sample + ".json"));
    const Buffer bytes = unxz(shared("corpus/amd/" + sample + ".rom.xz"));
    const Image image(sample, ByteView(bytes));
    std::map<std::uint64_t, std::string> digests;  // by place of the directory entry
    for (const Artifact& artifact : amd_engine_in_list().artifacts(image)) {
      if (artifact.kind != "entry") continue;
      const auto* entry = std::get_if<std::uint64_t>(artifact.attributes.find("entry_offset"));
      ASSERT_NE(entry, nullptr);
      digests[*entry] = to_hex(sha256(image.bytes().clip(*artifact.range).bytes()));
    }
    std::size_t compared = 0;
    for (const Json& rom : reference.at("roms")) {
      for (const Json& directory : rom.at("directories")) {
        for (const Json& entry : directory.at("entries")) {
          if (!entry.contains("sha256") || entry.at("stored_size") == 0) continue;
          const auto at = std::stoull(entry.at("entry_offset").get<std::string>(), nullptr, 16);
          EXPECT_EQ(digests[at], entry.at("sha256").get<std::string>()) << sample << " " << at;
          ++compared;
        }
      }
    }
    EXPECT_GE(compared, 12U);
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
