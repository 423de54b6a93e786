// SPDX-License-Identifier: GPL-2.0-or-later
#include "specimen/signing.h"

#include <stdexcept>

#include <gtest/gtest.h>

namespace quell::specimen {
namespace {

class Signing : public testing::TestWithParam<std::tuple<unsigned, std::uint32_t, HashAlgorithm, ByteOrder>> {};

TEST_P(Signing, IsAcceptedByTheVerifierAndOnlyForItsOwnDigest) {
  const auto [bits, exponent, algorithm, order] = GetParam();
  const TestKey key = TestKey::of_bits(bits, exponent);
  const Buffer modulus = key.modulus(order);
  const RsaPublicKey public_key{modulus, key.exponent(), order};
  const Buffer digest = hash(algorithm, as_bytes("a specimen"));
  const Buffer other = hash(algorithm, as_bytes("another one"));

  const Buffer pkcs1 = key.sign_pkcs1(algorithm, digest, order);
  EXPECT_TRUE(verify_pkcs1(public_key, algorithm, digest, pkcs1));
  EXPECT_FALSE(verify_pkcs1(public_key, algorithm, other, pkcs1));

  const Buffer pss = key.sign_pss(algorithm, digest, 32, order);
  EXPECT_TRUE(verify_pss(public_key, algorithm, digest, pss, {.length = 32}));
  EXPECT_FALSE(verify_pss(public_key, algorithm, digest, pss, {.length = 48}));
  EXPECT_FALSE(verify_pss(public_key, algorithm, other, pss));
}

INSTANTIATE_TEST_SUITE_P(Keys, Signing,
                         testing::Values(std::tuple{2048U, 17U, HashAlgorithm::sha1, ByteOrder::little},
                                         std::tuple{2048U, 65537U, HashAlgorithm::sha256, ByteOrder::little},
                                         std::tuple{3072U, 65537U, HashAlgorithm::sha384, ByteOrder::little},
                                         std::tuple{4096U, 65537U, HashAlgorithm::sha384, ByteOrder::big},
                                         std::tuple{2048U, 3U, HashAlgorithm::sha512, ByteOrder::big}));

TEST(TestKeyOfBits, RefusesSizesThereIsNoKeyOf) { EXPECT_THROW(TestKey::of_bits(1024), std::invalid_argument); }

}  // namespace
}  // namespace quell::specimen
