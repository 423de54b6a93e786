// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/vault.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "spi/harness.h"

namespace quell::spi {
namespace {

using test::TemporaryFolder;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class VaultTest : public ::testing::Test {
 protected:
  VaultTest() : vault_(*Vault::open(folder_ / "vault")) {}
  Manifest manifest(const std::string& sha256, std::string role, unsigned matches) {
    Manifest m;
    m.sha256 = sha256;
    m.role = std::move(role);
    m.matches = matches;
    m.time = utc_now();
    return m;
  }
  [[nodiscard]] fs::path object(const std::string& name) const {
    return vault_.path() / "objects" / name.substr(0, 2) / (name + ".bin");
  }
  TemporaryFolder folder_;
  Vault vault_;
  Buffer content_ = Buffer(100'000, std::byte{0x5A});
};

TEST_F(VaultTest, KeepsAnObjectUnderItsHashAndReadOnly) {
  const auto name = vault_.store(content_);
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(*name, to_hex(sha256(content_)));
  EXPECT_EQ(*vault_.load(*name), content_);
  struct stat status {};
  ASSERT_EQ(::stat(object(*name).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0400U);
  EXPECT_EQ(*vault_.find(name->substr(0, 6)), *name);
}

TEST_F(VaultTest, StoringTheSameAgainChangesNothing) {
  const auto name = vault_.store(content_);
  const auto before = fs::last_write_time(object(*name));
  EXPECT_EQ(*vault_.store(content_), *name);
  EXPECT_EQ(fs::last_write_time(object(*name)), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(object(*name).parent_path()), {}), 1) << "a temporary file stayed";
}

TEST_F(VaultTest, NoticesAnObjectThatDoesNotMatchItsName) {
  const auto name = vault_.store(content_);
  Buffer bad = content_;
  bad[5] ^= std::byte{1};
  for (const auto folder : copy_folders) {
    ASSERT_TRUE(vault_.load(*name).has_value()) << "one whole copy is enough";
    fs::permissions(copy_path(vault_.path(), folder, *name), fs::perms::owner_all);
    test::write_bytes(copy_path(vault_.path(), folder, *name), bad);
  }
  const auto damaged = vault_.load(*name);
  ASSERT_FALSE(damaged.has_value());
  EXPECT_THAT(damaged.error().message, HasSubstr("no copy of object " + *name + " is whole"));
  EXPECT_FALSE(vault_.confirm(*name, content_).has_value());
  // Who has the bytes mends it.
  EXPECT_TRUE(vault_.store(content_).has_value());
  EXPECT_EQ(*vault_.load(*name), content_);
}

TEST_F(VaultTest, OnlyAStableReadOfAChipProvesABackup) {
  const std::string name = *vault_.store(content_);
  EXPECT_FALSE(vault_.has_backup(name)) << "an object without a manifest";
  ASSERT_TRUE(vault_.describe(manifest(name, "target", 2)));
  EXPECT_FALSE(vault_.has_backup(name)) << "an image that was to be written";
  ASSERT_TRUE(vault_.describe(manifest(name, "whole", 1)));
  EXPECT_FALSE(vault_.has_backup(name)) << "a single read";
  ASSERT_TRUE(vault_.describe(manifest(name, "whole", 2)));
  EXPECT_TRUE(vault_.has_backup(name));
  EXPECT_EQ(vault_.entry(name)->manifests.size(), 3U);
}

TEST_F(VaultTest, RefusesAFolderThatIsSomethingElse) {
  fs::create_directory(folder_ / "other");
  test::write_bytes(folder_ / "other/file", content_);
  EXPECT_EQ(Vault::open(folder_ / "other").error().code, Errc::refused);
  EXPECT_FALSE(fs::exists(folder_ / "other/objects"));
  EXPECT_FALSE(Vault::open_existing(folder_ / "nowhere").has_value());
}

TEST_F(VaultTest, LetsOneWriterIn) {
  ASSERT_TRUE(vault_.lock());
  Vault other = *Vault::open(folder_ / "vault");
  EXPECT_EQ(other.lock().error().code, Errc::refused);
}

TEST(Manifest, SurvivesTheWayThroughJson) {
  Manifest m;
  m.sha256 = std::string(64, 'a');
  m.definition = "MX25L6436E/\"x\"";
  m.reads = {"1", "2"};
  m.matches = 2;
  m.voted = true;
  m.clock = 8'000'000;
  const auto back = parse_manifest(to_json(m));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->definition, m.definition);
  EXPECT_EQ(back->reads, m.reads);
  EXPECT_TRUE(back->voted);
  EXPECT_EQ(back->clock, m.clock);
}

TEST(Manifest, RefusesWhatIsNone) {
  for (const std::string_view text : {"", "{}", "[]", "nonsense", R"({"schema":"quell.vault/2"})", R"({"schema":7})"}) {
    EXPECT_FALSE(parse_manifest(text).has_value()) << text;
  }
  EXPECT_TRUE(
      parse_manifest(R"({"schema":"quell.vault/1","size":-1,"chip":[],"reads":{"hashes":"x","voted":1}})").has_value())
      << "odd types are read as absent";
}

}  // namespace
}  // namespace quell::spi
