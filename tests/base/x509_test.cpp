// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a certificate was signed with a key, in every way that firmware signs them.
#include "base/x509.h"

#include <gtest/gtest.h>

#include "specimen/signing.h"

namespace quell {
namespace {

using specimen::TestKey;

class SignedCertificate : public testing::TestWithParam<std::tuple<HashAlgorithm, bool>> {};

TEST_P(SignedCertificate, HoldsForItsKeyAndItsBytesAlone) {
  const auto [algorithm, pss] = GetParam();
  const TestKey key = TestKey::of_bits(2048);
  const Buffer bytes = specimen::certificate(key, {.algorithm = algorithm, .pss = pss});
  const auto sound = parse_certificate(ByteView(bytes));
  ASSERT_TRUE(sound) << sound.error().message;
  EXPECT_EQ(sound->subject, "CN = specimen");
  EXPECT_EQ(sound->signature_hash, algorithm);
  EXPECT_EQ(sound->pss, pss);
  ASSERT_TRUE(sound->rsa);
  EXPECT_TRUE(equal(sound->rsa->modulus, key.modulus(ByteOrder::big)));
  EXPECT_EQ(signed_by(*sound, *sound), true);

  const Buffer other = specimen::certificate(TestKey::of_bits(3072), {.algorithm = algorithm, .pss = pss});
  EXPECT_EQ(signed_by(*sound, *parse_certificate(ByteView(other))), false);

  const std::uint64_t name = ByteView(bytes).find(as_bytes("specimen")).value();
  for (const std::uint64_t at : {name, bytes.size() - 1, bytes.size() - 256}) {
    Buffer altered = bytes;
    altered.at(at) ^= std::byte{1};
    const auto certificate = parse_certificate(ByteView(altered));
    ASSERT_TRUE(certificate) << at;
    EXPECT_EQ(signed_by(*certificate, *sound), false) << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Each, SignedCertificate,
                         testing::Combine(testing::Values(HashAlgorithm::sha1, HashAlgorithm::sha256,
                                                          HashAlgorithm::sha384, HashAlgorithm::sha512),
                                          testing::Bool()));

TEST(Certificate, OfAnUnknownAlgorithmIsNeitherRightNorWrong) {
  const TestKey key = TestKey::of_bits(2048);
  const Buffer sound = specimen::certificate(key, {});
  Buffer unknown = sound;
  const Buffer name = from_hex("2a864886f70d01010c");
  for (auto at = ByteView(unknown).find(name); at; at = ByteView(unknown).find(name))
    unknown.at(*at + 6) = std::byte{9};
  EXPECT_EQ(signed_by(*parse_certificate(ByteView(unknown)), *parse_certificate(ByteView(sound))), std::nullopt);
}

}  // namespace
}  // namespace quell
