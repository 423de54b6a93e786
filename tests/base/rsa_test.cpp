// SPDX-License-Identifier: GPL-2.0-or-later
// What a signature check must refuse: every byte of the padding counts, and no arithmetic stands in for the secret key.
#include "base/rsa.h"

#include <algorithm>
#include <functional>
#include <string>

#include <gmp.h>
#include <gtest/gtest.h>

#include "specimen/signing.h"

namespace quell {
namespace {

using specimen::TestKey;

constexpr auto sha256_prefix = "3031300d060960864801650304020105000420";
constexpr std::size_t key_size = 256;

class Number {
 public:
  Number() { mpz_init(value_); }
  explicit Number(Bytes big_endian) : Number() { mpz_import(value_, big_endian.size(), 1, 1, 1, 0, big_endian.data()); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  ~Number() { mpz_clear(value_); }
  [[nodiscard]] mpz_ptr get() noexcept { return value_; }
  // Big-endian, filled up with zeros in front.
  [[nodiscard]] Buffer bytes(std::size_t size) {
    Buffer out(size);
    const std::size_t used = (mpz_sizeinbase(value_, 2) + 7) / 8;
    mpz_export(std::span(out).subspan(size - used).data(), nullptr, 1, 1, 1, 0, value_);
    return out;
  }

 private:
  mpz_t value_;
};

// A key and a digest to sign with it; all numbers big-endian.
struct Signer {
  explicit Signer(std::uint32_t exponent = 65537)
      : secret(TestKey::of_bits(8 * key_size, exponent)), modulus(secret.modulus(ByteOrder::big)) {}

  [[nodiscard]] RsaPublicKey key() const { return {modulus, secret.exponent(), ByteOrder::big}; }
  [[nodiscard]] Buffer pkcs1() const { return secret.sign_pkcs1(HashAlgorithm::sha256, digest, ByteOrder::big); }
  [[nodiscard]] Buffer pss(std::uint64_t salt) const {
    return secret.sign_pss(HashAlgorithm::sha256, digest, salt, ByteOrder::big);
  }
  // The encoded message that a signature recovers to.
  [[nodiscard]] Buffer recovered(const Buffer& signature) const {
    Number value{signature};
    Number n{modulus};
    mpz_powm_ui(value.get(), value.get(), secret.exponent(), n.get());
    return value.bytes(key_size);
  }
  [[nodiscard]] Buffer resigned(const Buffer& signature, const std::function<void(Buffer&)>& change) const {
    Buffer message = recovered(signature);
    change(message);
    return secret.sign_encoded(message, ByteOrder::big);
  }
  [[nodiscard]] bool accepts(const Buffer& signature) const {
    return verify_pkcs1(key(), HashAlgorithm::sha256, digest, signature);
  }

  TestKey secret;
  Buffer modulus;
  Buffer digest = hash(HashAlgorithm::sha256, as_bytes("a specimen"));
};

void put_tail(Buffer& message, std::size_t at, const Buffer& tail) {
  std::ranges::copy(tail, message.begin() + static_cast<std::ptrdiff_t>(at));
}

Buffer joined(Buffer first, Bytes second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

TEST(RsaPkcs1, EveryByteOfThePaddingCounts) {
  const Signer signer;
  const Buffer good = signer.pkcs1();
  ASSERT_TRUE(signer.accepts(good));
  for (std::size_t i = 0; i < key_size; ++i) {
    const Buffer bad = signer.resigned(good, [&](Buffer& message) { message.at(i) ^= std::byte{1}; });
    EXPECT_FALSE(signer.accepts(bad)) << "byte " << i;
  }
}

struct Encoding {
  const char* name;
  std::function<Buffer(const Signer&)> tail;  // what stands behind the last FF
};

TEST(RsaPkcs1, OnlyTheOneEncodingOfADigestIsAccepted) {
  const std::vector<Encoding> encodings{
      {"no zero before the digest's description",
       [](const Signer& s) { return joined(from_hex(sha256_prefix), s.digest); }},
      {"digest without description", [](const Signer& s) { return joined(from_hex("00"), s.digest); }},
      {"parameters left out",
       [](const Signer& s) { return joined(from_hex("00302f300b06096086480165030402010420"), s.digest); }},
      {"another algorithm's description",
       [](const Signer& s) { return joined(from_hex("003031300d060960864801650304020205000420"), s.digest); }},
      {"bytes behind the digest",
       [](const Signer& s) {
         return joined(joined(joined(from_hex("00"), from_hex(sha256_prefix)), s.digest), from_hex("00"));
       }},
      {"a digest cut short",
       [](const Signer& s) {
         return joined(joined(from_hex("00"), from_hex(sha256_prefix)), Bytes(s.digest).first(31));
       }},
  };
  const Signer signer;
  for (const Encoding& encoding : encodings) {
    const Buffer tail = encoding.tail(signer);
    const Buffer bad = signer.resigned(signer.pkcs1(), [&](Buffer& message) {
      std::fill(message.begin() + 2, message.end(), std::byte{0xFF});
      put_tail(message, key_size - tail.size(), tail);
    });
    EXPECT_FALSE(signer.accepts(bad)) << encoding.name;
  }
}

TEST(RsaPkcs1, AShortPaddingWithRubbishBehindTheDigestIsRefused) {
  const Signer signer;
  const Buffer tail = joined(joined(from_hex("00"), from_hex(sha256_prefix)), signer.digest);
  const Buffer bad = signer.resigned(signer.pkcs1(), [&](Buffer& message) {
    std::fill(message.begin() + 10, message.end(), std::byte{0x42});
    put_tail(message, 10, tail);
  });
  EXPECT_FALSE(signer.accepts(bad));
}

// The smallest number whose cube begins with the `size` bytes of `begin`, as a message as long as the key begins.
Buffer cube_root_above(const Buffer& begin) {
  Number root{joined(begin, Buffer(key_size - begin.size()))};
  mpz_root(root.get(), root.get(), 3);
  mpz_add_ui(root.get(), root.get(), 1);
  return root.bytes(key_size);
}

// The number below 2^(8 size) whose cube ends in the odd `end`: cubing permutes the odd numbers modulo a power of two.
Buffer cube_root_modulo(const Buffer& end) {
  Number modulus;
  Number order;
  Number inverse;
  Number root{end};
  mpz_setbit(modulus.get(), 8 * end.size());
  mpz_setbit(order.get(), 8 * end.size() - 2);
  Number three{from_hex("03")};
  mpz_invert(inverse.get(), three.get(), order.get());
  mpz_powm(root.get(), root.get(), inverse.get(), modulus.get());
  return root.bytes(end.size());
}

// With exponent 3 a number can be found whose cube begins like the padding, ends like the digest, or both, without any
// key (Bleichenbacher 2006 and its sequels).
TEST(RsaPkcs1, CubeRootsAreNoSignatures) {
  Signer signer(3);
  signer.digest.back() |= std::byte{1};
  ASSERT_TRUE(signer.accepts(signer.pkcs1()));
  const Buffer tail = joined(joined(from_hex("00"), from_hex(sha256_prefix)), signer.digest);

  const Buffer begins = cube_root_above(joined(from_hex("0001ffffffffffffffff"), tail));
  const Buffer end = cube_root_modulo(tail);
  Buffer ends(key_size);
  put_tail(ends, key_size - end.size(), end);
  Buffer both = cube_root_above(from_hex("0001ffffffffffffffffffffffffff"));
  put_tail(both, key_size - end.size(), end);

  const auto begin_is = [&](const Buffer& signature, const Buffer& wanted) {
    return equal(Bytes(signer.recovered(signature)).first(wanted.size()), wanted);
  };
  const auto end_is_tail = [&](const Buffer& signature) {
    return equal(Bytes(signer.recovered(signature)).last(tail.size()), tail);
  };
  EXPECT_TRUE(begin_is(begins, joined(from_hex("0001ffffffffffffffff"), tail)));
  EXPECT_TRUE(end_is_tail(ends));
  EXPECT_TRUE(begin_is(both, from_hex("0001ffffffffffffffff")) && end_is_tail(both));
  for (const Buffer& forged : {begins, ends, both}) EXPECT_FALSE(signer.accepts(forged));
}

TEST(RsaPkcs1, DigestAlgorithmAndKeyMustBeTheSignedOnes) {
  const Signer signer;
  const Buffer good = signer.pkcs1();
  const Buffer other = hash(HashAlgorithm::sha256, as_bytes("another one"));
  EXPECT_FALSE(verify_pkcs1(signer.key(), HashAlgorithm::sha256, other, good));
  EXPECT_FALSE(verify_pkcs1(signer.key(), HashAlgorithm::sha256, Bytes(signer.digest).first(31), good));
  EXPECT_FALSE(verify_pkcs1(signer.key(), HashAlgorithm::sha256, {}, good));
  EXPECT_FALSE(verify_pkcs1(signer.key(), HashAlgorithm::sha512, signer.digest, good));
  EXPECT_FALSE(verify_pkcs1_bare(signer.key(), signer.digest, good));
  EXPECT_FALSE(signer.accepts(signer.secret.sign_pkcs1_bare(signer.digest, ByteOrder::big)));
  Buffer altered = signer.modulus;
  altered.at(key_size / 2) ^= std::byte{1};
  EXPECT_FALSE(verify_pkcs1({altered, 65537, ByteOrder::big}, HashAlgorithm::sha256, signer.digest, good));
  EXPECT_FALSE(verify_pkcs1({signer.modulus, 17, ByteOrder::big}, HashAlgorithm::sha256, signer.digest, good));
  EXPECT_FALSE(verify_pkcs1({signer.modulus, 65537, ByteOrder::little}, HashAlgorithm::sha256, signer.digest, good));
}

TEST(RsaPkcs1, SignaturesOfAnotherLengthAreRefused) {
  const Signer signer;
  const Buffer good = signer.pkcs1();
  EXPECT_FALSE(signer.accepts({}));
  EXPECT_FALSE(signer.accepts(Buffer(good.begin(), good.end() - 1)));
  EXPECT_FALSE(signer.accepts(Buffer(good.begin() + 1, good.end())));
  EXPECT_FALSE(signer.accepts(joined(good, from_hex("00"))));
  EXPECT_FALSE(signer.accepts(joined(from_hex("01"), good)));
  EXPECT_FALSE(signer.accepts(Buffer(2000, std::byte{1})));
}

// The signature plus the modulus recovers to the same message; only the smallest of them is one.
TEST(RsaPkcs1, ASignatureNotBelowTheModulusIsRefused) {
  const Signer signer;
  Number value{signer.pkcs1()};
  Number n{signer.modulus};
  mpz_add(value.get(), value.get(), n.get());
  const Buffer larger = value.bytes(key_size + 1);
  EXPECT_EQ(signer.recovered(larger), signer.recovered(signer.pkcs1()));
  EXPECT_FALSE(signer.accepts(larger));
}

TEST(RsaKeys, ThatProveNothingAreRefused) {
  const Signer signer;
  // With exponent 1 the encoded message is its own signature, and with modulus 1 everything is zero.
  const Buffer message = signer.recovered(signer.pkcs1());
  for (const std::uint64_t exponent : {0U, 1U, 2U}) {
    EXPECT_FALSE(
        verify_pkcs1({signer.modulus, exponent, ByteOrder::big}, HashAlgorithm::sha256, signer.digest, message))
        << exponent;
  }
  Buffer even = signer.modulus;
  even.back() &= std::byte{0xFE};
  Buffer small(key_size);
  small.back() = std::byte{1};
  for (const Buffer& modulus : {Buffer(), Buffer(key_size), small, even, Buffer(2048, std::byte{0xFF})}) {
    const RsaPublicKey key{modulus, 65537, ByteOrder::big};
    EXPECT_FALSE(verify_pkcs1(key, HashAlgorithm::sha256, signer.digest, message)) << modulus.size();
    EXPECT_FALSE(verify_pss(key, HashAlgorithm::sha256, signer.digest, message)) << modulus.size();
  }
}

TEST(RsaPss, TheSaltIsAsLongAsDemanded) {
  const Signer signer;
  for (const std::uint64_t signed_with : {0U, 20U, 32U, 48U}) {
    const Buffer signature = signer.pss(signed_with);
    for (const std::uint64_t demanded : {0U, 20U, 32U, 48U}) {
      const bool accepted =
          verify_pss(signer.key(), HashAlgorithm::sha256, signer.digest, signature, {.length = demanded});
      EXPECT_EQ(accepted, signed_with == demanded) << signed_with << " bytes, demanded " << demanded;
    }
    EXPECT_TRUE(verify_pss(signer.key(), HashAlgorithm::sha256, signer.digest, signature)) << signed_with;
  }
}

// EMSA-PSS of 256 bytes with SHA-256 and 32 bytes of salt, the first 223 masked: 190 zeros, 01, salt, H, BC.
TEST(RsaPss, EveryByteOfTheEncodingCounts) {
  const Signer signer;
  const auto accepts = [&](const Buffer& signature, PssSalt salt) {
    return verify_pss(signer.key(), HashAlgorithm::sha256, signer.digest, signature, salt);
  };
  const Buffer good = signer.pss(32);
  ASSERT_TRUE(accepts(good, {.length = 32}) && accepts(good, {.any = true}));
  for (std::size_t i = 0; i < key_size; ++i) {
    for (const std::byte bit : {std::byte{1}, std::byte{2}}) {
      const Buffer bad = signer.resigned(good, [&](Buffer& message) { message.at(i) ^= bit; });
      EXPECT_FALSE(accepts(bad, {.length = 32})) << "byte " << i;
      EXPECT_FALSE(accepts(bad, {.any = true})) << "byte " << i;
    }
  }
}

// The top bit of the first byte belongs to no message of a 2048-bit key.
TEST(RsaPss, TheUnusedTopBitIsClear) {
  Signer signer;
  for (unsigned i = 0; signer.recovered(signer.pss(32)).front() >= std::byte{0x40}; ++i) {
    signer.digest = hash(HashAlgorithm::sha256, as_bytes(std::to_string(i)));
  }
  const Buffer bad = signer.resigned(signer.pss(32), [](Buffer& message) { message.front() |= std::byte{0x80}; });
  EXPECT_FALSE(verify_pss(signer.key(), HashAlgorithm::sha256, signer.digest, bad));
}

TEST(RsaPss, DigestAndAlgorithmMustBeTheSignedOnes) {
  const Signer signer;
  const Buffer good = signer.pss(32);
  EXPECT_FALSE(verify_pss(signer.key(), HashAlgorithm::sha256, hash(HashAlgorithm::sha256, as_bytes("x")), good));
  EXPECT_FALSE(verify_pss(signer.key(), HashAlgorithm::sha256, Bytes(signer.digest).first(31), good));
  EXPECT_FALSE(verify_pss(signer.key(), HashAlgorithm::sha384, signer.digest, good));
  EXPECT_FALSE(verify_pss(signer.key(), HashAlgorithm::sha256, signer.digest, signer.pkcs1()));
  EXPECT_FALSE(signer.accepts(good));
}

}  // namespace
}  // namespace quell
