// SPDX-License-Identifier: GPL-2.0-or-later
#include <gmock/gmock.h>

#include "intel/amt/probe.h"

namespace quell::intel::amt {
namespace {

TEST(Banner, VersionsWithThreeAndFourParts) {
  const Banner old =
      read_banner("HTTP/1.1 303 See Other\r\nServer: Intel(R) Active Management Technology 3.0.5\r\n\r\n");
  EXPECT_EQ(old.status, 303U);
  EXPECT_EQ(old.product, "Active Management Technology");
  ASSERT_TRUE(old.version.has_value());
  EXPECT_EQ(to_string(*old.version), "3.0.5");
  const Banner newer = read_banner("HTTP/1.1 200 OK\nsErVeR:Intel(R) Active Management Technology 15.0.23.1706\n\n");
  ASSERT_TRUE(newer.version.has_value());
  EXPECT_EQ(to_string(*newer.version), "15.0.23.1706");
  EXPECT_EQ(read_banner("HTTP/1.1 200 OK\r\nServer: Intel(R) Standard Manageability 8.1.71\r\n\r\n").product,
            "Standard Manageability");
}

TEST(Banner, TheLoginRealmIdentifiesAmtWithoutAServerHeader) {
  const std::string good =
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"Digest:A4070000000000000000000000000000\", "
      "nonce=\"x\"\r\n\r\n";
  EXPECT_TRUE(read_banner(good).is_amt());
  const std::string other =
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"Digest:A407\", nonce=\"x\"\r\n\r\n";
  EXPECT_FALSE(read_banner(other).is_amt());
}

TEST(Banner, OtherServersAreNotAmt) {
  for (const char* text :
       {"", "\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n", "HTTP/1.1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nServer Intel(R) Active Management Technology 9.0\r\n",
        "HTTP/1.1 200 OK\r\n\r\nServer: Intel(R) Active Management Technology 9.0.31\r\n"})
    EXPECT_FALSE(read_banner(text).is_amt()) << text;
  EXPECT_FALSE(
      read_banner("HTTP/1.1 200 OK\r\nServer: Intel(R) Active Management Technology 9.x\r\n\r\n").version.has_value());
}

}  // namespace
}  // namespace quell::intel::amt
