// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/digest.h"

#include <gtest/gtest.h>

namespace quell {
namespace {

TEST(Digest, MatchesPublishedVectors) {
  const Bytes abc = as_bytes("abc");
  EXPECT_EQ(to_hex(md5(abc)), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(to_hex(sha1(abc)), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(sha256(abc)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha384(abc)),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xCBF43926U);
}

TEST(Digest, TwoPiecesEqualOne) {
  EXPECT_EQ(to_hex(hash(HashAlgorithm::sha256, as_bytes("a"), as_bytes("bc"))), to_hex(sha256(as_bytes("abc"))));
}

TEST(Hex, RoundTripsAndRefusesNonsense) {
  EXPECT_EQ(to_hex(from_hex("00fFa5")), "00ffa5");
  EXPECT_TRUE(from_hex("abc").empty());
  EXPECT_TRUE(from_hex("zz").empty());
}

}  // namespace
}  // namespace quell
