// SPDX-License-Identifier: GPL-2.0-or-later
// RSASSA-PKCS1-v1_5 and RSASSA-PSS signing (RFC 8017, sections 8.1.1, 8.2.1 and 9), for synthetic images.
#include "specimen/signing.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <gmp.h>

#include "base/size.h"
#include "specimen/test_keys.h"

namespace quell::specimen {
namespace {

class Number {
 public:
  Number() { mpz_init(value_); }
  explicit Number(const char* hex) { mpz_init_set_str(value_, hex, 16); }
  explicit Number(std::uint32_t value) { mpz_init_set_ui(value_, value); }
  explicit Number(Bytes big_endian) : Number() { mpz_import(value_, big_endian.size(), 1, 1, 0, 0, big_endian.data()); }
  Number(const Number&) = delete;
  Number& operator=(const Number&) = delete;
  ~Number() { mpz_clear(value_); }
  [[nodiscard]] mpz_ptr get() noexcept { return value_; }

  [[nodiscard]] Buffer bytes(std::uint64_t size, ByteOrder order) {
    Buffer out(to_size(size));
    std::size_t written = 0;
    const std::size_t used = (mpz_sizeinbase(value_, 2) + 7) / 8;
    const std::size_t at = order == ByteOrder::big ? out.size() - used : 0;
    mpz_export(std::span(out).subspan(at).data(), &written, order == ByteOrder::big ? 1 : -1, 1, 0, 0, value_);
    return out;
  }

 private:
  mpz_t value_;
};

const TestPrimes& primes_of(unsigned bits) {
  const auto found = std::ranges::find(test_primes, bits, &TestPrimes::bits);
  if (found == std::end(test_primes)) throw std::invalid_argument("no test key of this size");
  return *found;
}

Buffer digest_info(HashAlgorithm algorithm, Bytes digest) {
  const char* prefix = nullptr;
  switch (algorithm) {
    case HashAlgorithm::sha1: prefix = "3021300906052b0e03021a05000414"; break;
    case HashAlgorithm::sha256: prefix = "3031300d060960864801650304020105000420"; break;
    case HashAlgorithm::sha384: prefix = "3041300d060960864801650304020205000430"; break;
    case HashAlgorithm::sha512: prefix = "3051300d060960864801650304020305000440"; break;
  }
  Buffer out = from_hex(prefix);
  out.insert(out.end(), digest.begin(), digest.end());
  return out;
}

// Mask generation function 1 (RFC 8017, B.2.1), XORed into `target`.
void mask_with(HashAlgorithm algorithm, Bytes seed, std::span<std::byte> target) {
  std::size_t done = 0;
  for (std::uint8_t counter = 0; done < target.size(); ++counter) {
    const std::array block{std::byte{0}, std::byte{0}, std::byte{0}, static_cast<std::byte>(counter)};
    for (const std::byte byte : hash(algorithm, seed, block)) {
      if (done < target.size()) target[done++] ^= byte;
    }
  }
}

}  // namespace

TestKey TestKey::of_bits(unsigned bits, std::uint32_t exponent) {
  static_cast<void>(primes_of(bits));
  return {bits, exponent};
}

Buffer TestKey::modulus(ByteOrder order) const {
  const TestPrimes& primes = primes_of(bits_);
  Number modulus(primes.p);
  Number q(primes.q);
  mpz_mul(modulus.get(), modulus.get(), q.get());
  return modulus.bytes(size(), order);
}

Buffer TestKey::sign_encoded(Bytes message, ByteOrder order) const {
  const TestPrimes& primes = primes_of(bits_);
  Number p(primes.p);
  Number q(primes.q);
  Number exponent(exponent_);
  // By the Chinese remainder theorem: m^(d mod p-1) mod p, the same for q, then Garner's formula.
  const auto power_modulo = [&](Number& prime, Number& out) {
    Number order_of_group;
    Number secret;
    Number value{message};
    mpz_sub_ui(order_of_group.get(), prime.get(), 1);
    if (mpz_invert(secret.get(), exponent.get(), order_of_group.get()) == 0) {
      throw std::invalid_argument("no such public exponent");
    }
    mpz_powm(out.get(), value.get(), secret.get(), prime.get());
  };
  Number modulo_p;
  Number modulo_q;
  power_modulo(p, modulo_p);
  power_modulo(q, modulo_q);
  Number inverse;
  mpz_invert(inverse.get(), q.get(), p.get());
  mpz_sub(modulo_p.get(), modulo_p.get(), modulo_q.get());
  mpz_mul(modulo_p.get(), modulo_p.get(), inverse.get());
  mpz_mod(modulo_p.get(), modulo_p.get(), p.get());
  mpz_addmul(modulo_q.get(), modulo_p.get(), q.get());
  return modulo_q.bytes(size(), order);
}

Buffer TestKey::sign_pkcs1(HashAlgorithm algorithm, Bytes digest, ByteOrder order) const {
  return sign_pkcs1_bare(digest_info(algorithm, digest), order);
}

Buffer TestKey::sign_pkcs1_bare(Bytes tail, ByteOrder order) const {
  Buffer message(to_size(size()), std::byte{0xFF});
  message[0] = std::byte{0};
  message[1] = std::byte{1};
  message[message.size() - tail.size() - 1] = std::byte{0};
  std::ranges::copy_backward(tail, message.end());
  return sign_encoded(message, order);
}

Buffer TestKey::sign_pss(HashAlgorithm algorithm, Bytes digest, std::uint64_t salt_length, ByteOrder order) const {
  const Buffer salt(to_size(salt_length), std::byte{0x5A});
  Buffer prefixed(8);
  prefixed.insert(prefixed.end(), digest.begin(), digest.end());
  const Buffer seed = hash(algorithm, prefixed, salt);

  // The moduli have exactly `bits_` bits, so the encoded message is as long as the modulus with its top bit clear.
  Buffer message(to_size(size()));
  const auto block = std::span(message).first(message.size() - seed.size() - 1);
  block[block.size() - salt.size() - 1] = std::byte{1};
  std::ranges::copy_backward(salt, block.end());
  mask_with(algorithm, seed, block);
  message.front() &= std::byte{0x7F};
  std::ranges::copy(seed, message.end() - static_cast<std::ptrdiff_t>(seed.size()) - 1);
  message.back() = std::byte{0xBC};
  return sign_encoded(message, order);
}

}  // namespace quell::specimen
