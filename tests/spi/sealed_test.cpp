// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/sealed.h"

#include <gmock/gmock.h>

#include "spi/job.h"
#include "spi/vault.h"

namespace quell::spi {
namespace {

TEST(Sealed, NoChangedByteGoesUnnoticed) {
  Manifest manifest;
  manifest.sha256 = std::string(64, 'a');
  manifest.size = 4096;
  manifest.note = "a \"word\"";
  const std::string json = to_json(manifest);
  ASSERT_TRUE(parse_manifest(json).has_value());
  for (std::size_t at = 0; at < json.size(); ++at) {
    for (const char change : {char{1}, char{0x20}, char{0x7F}}) {
      std::string bad = json;
      bad[at] = static_cast<char>(bad[at] ^ change);
      EXPECT_FALSE(parse_manifest(bad).has_value()) << at;
    }
  }
  for (std::size_t size = 0; size < json.size(); ++size) EXPECT_FALSE(parse_manifest(json.substr(0, size)).has_value());
}

// Vaults of the first version have no seals; a sealed file does not become one of them.
TEST(Sealed, OlderFilesAreReadWithoutASeal) {
  EXPECT_TRUE(open_sealed(R"({"schema": "quell.job/1", "id": "x"})", "quell.job").has_value());
  EXPECT_FALSE(open_sealed(R"({"schema": "quell.job/2", "id": "x"})", "quell.job").has_value());
  EXPECT_FALSE(open_sealed(R"({"schema": "quell.job/1", "id": "x", "seal": "00"})", "quell.job").has_value());
  EXPECT_FALSE(open_sealed("", "quell.job").has_value());
}

}  // namespace
}  // namespace quell::spi
