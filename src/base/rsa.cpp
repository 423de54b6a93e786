// SPDX-License-Identifier: GPL-2.0-or-later
// RSASSA-PKCS1-v1_5 and RSASSA-PSS verification (RFC 8017, sections 8.1.2, 8.2.2 and 9). The big-number work is GMP's;
// nettle's own verifiers reject the exponent 17 keys with PSS and digests other than their named ones.
#include "base/rsa.h"

#include <algorithm>
#include <array>
#include <optional>

#include <gmp.h>

namespace quell {
namespace {

constexpr std::size_t max_modulus_bytes = 1024;

class BigNumber {
 public:
  BigNumber() { mpz_init(value_); }
  BigNumber(Bytes bytes, ByteOrder order) : BigNumber() {
    mpz_import(value_, bytes.size(), order == ByteOrder::little ? -1 : 1, 1, 0, 0, bytes.data());
  }
  explicit BigNumber(std::uint64_t number) : BigNumber() { mpz_set_ui(value_, number); }
  BigNumber(const BigNumber&) = delete;
  BigNumber& operator=(const BigNumber&) = delete;
  ~BigNumber() { mpz_clear(value_); }

  [[nodiscard]] mpz_ptr get() noexcept { return value_; }
  [[nodiscard]] mpz_srcptr get() const noexcept { return value_; }
  [[nodiscard]] std::size_t bits() const noexcept { return mpz_sgn(value_) == 0 ? 0 : mpz_sizeinbase(value_, 2); }

  // Big-endian, left-padded with zeros to exactly `size` bytes; the value must fit.
  [[nodiscard]] Buffer to_big_endian(std::size_t size) const {
    Buffer out(size);
    if (bits() == 0) return out;
    const std::size_t used = (bits() + 7) / 8;
    std::size_t written = 0;
    mpz_export(std::span(out).subspan(size - used).data(), &written, 1, 1, 1, 0, value_);
    return out;
  }

 private:
  mpz_t value_;
};

struct EncodedMessage {
  Buffer bytes;  // as long as the modulus, big-endian
  std::size_t modulus_bits = 0;
};

// signature ^ exponent mod modulus, or nothing for unusable numbers.
std::optional<EncodedMessage> recover(const RsaPublicKey& key, Bytes signature) {
  if (key.modulus.size() > max_modulus_bytes || signature.size() > max_modulus_bytes) return std::nullopt;
  const BigNumber modulus(key.modulus, key.order);
  const BigNumber value(signature, key.order);
  if (modulus.bits() < 512 || mpz_even_p(modulus.get()) != 0 || key.exponent < 3) return std::nullopt;
  if (mpz_cmp(value.get(), modulus.get()) >= 0) return std::nullopt;
  const BigNumber exponent(key.exponent);
  BigNumber message;
  mpz_powm(message.get(), value.get(), exponent.get(), modulus.get());
  return EncodedMessage{message.to_big_endian((modulus.bits() + 7) / 8), modulus.bits()};
}

// DER DigestInfo up to the digest itself (RFC 8017, section 9.2, note 1).
Buffer digest_info_prefix(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha1: return from_hex("3021300906052b0e03021a05000414");
    case HashAlgorithm::sha256: return from_hex("3031300d060960864801650304020105000420");
    case HashAlgorithm::sha384: return from_hex("3041300d060960864801650304020205000430");
    case HashAlgorithm::sha512: return from_hex("3051300d060960864801650304020305000440");
  }
  return {};
}

// Mask generation function 1 (RFC 8017, B.2.1).
Buffer mgf1(HashAlgorithm algorithm, Bytes seed, std::size_t size) {
  Buffer mask;
  for (std::uint32_t counter = 0; mask.size() < size; ++counter) {
    const std::array<std::byte, 4> block{static_cast<std::byte>(counter >> 24U), static_cast<std::byte>(counter >> 16U),
                                         static_cast<std::byte>(counter >> 8U), static_cast<std::byte>(counter)};
    const Buffer part = hash(algorithm, seed, block);
    mask.insert(mask.end(), part.begin(), part.end());
  }
  mask.resize(size);
  return mask;
}

// Whether the signature recovers to 00 01 FF .. FF 00 and then exactly this tail (EMSA-PKCS1-v1_5).
bool has_padded_tail(const RsaPublicKey& key, Bytes tail, Bytes signature) {
  const auto message = recover(key, signature);
  if (!message || message->bytes.size() < tail.size() + 11) return false;
  Buffer expected(message->bytes.size(), std::byte{0xFF});
  expected[0] = std::byte{0};
  expected[1] = std::byte{1};
  const std::size_t tail_at = expected.size() - tail.size();
  expected[tail_at - 1] = std::byte{0};
  std::ranges::copy(tail, expected.begin() + static_cast<std::ptrdiff_t>(tail_at));
  return message->bytes == expected;
}

}  // namespace

bool verify_pkcs1(const RsaPublicKey& key, HashAlgorithm algorithm, Bytes digest, Bytes signature) {
  Buffer tail = digest_info_prefix(algorithm);
  tail.insert(tail.end(), digest.begin(), digest.end());
  return has_padded_tail(key, tail, signature);
}

bool verify_pkcs1_bare(const RsaPublicKey& key, Bytes digest, Bytes signature) {
  return has_padded_tail(key, digest, signature);
}

bool verify_pss(const RsaPublicKey& key, HashAlgorithm algorithm, Bytes digest, Bytes signature, PssSalt salt) {
  const auto recovered = recover(key, signature);
  if (!recovered) return false;
  // The encoded message has modulusBits - 1 bits: a leading zero byte drops out when that is a multiple of 8.
  const std::size_t message_bits = recovered->modulus_bits - 1;
  const std::size_t message_size = (message_bits + 7) / 8;
  Bytes message = recovered->bytes;
  if (message.size() > message_size) {
    if (message.front() != std::byte{0}) return false;
    message = message.subspan(1);
  }
  if (message.size() < digest.size() + 2 || message.back() != std::byte{0xBC}) return false;
  const Bytes masked = message.first(message.size() - digest.size() - 1);
  const Bytes seed = message.subspan(masked.size(), digest.size());

  Buffer block = mgf1(algorithm, seed, masked.size());
  for (std::size_t i = 0; i < block.size(); ++i) block[i] ^= masked[i];
  const auto unused_bits = 8 * message.size() - message_bits;
  const auto unused_mask = static_cast<std::byte>(0xFF00U >> unused_bits);
  if ((masked.front() & unused_mask) != std::byte{0}) return false;
  block.front() &= ~unused_mask;

  const auto one = std::ranges::find_if(block, [](std::byte byte) { return byte != std::byte{0}; });
  if (one == block.end() || *one != std::byte{1}) return false;
  const Bytes found_salt = Bytes(block).subspan(static_cast<std::size_t>(one - block.begin()) + 1);
  if (!salt.any && found_salt.size() != salt.length) return false;

  Buffer prefixed(8);
  prefixed.insert(prefixed.end(), digest.begin(), digest.end());
  return std::ranges::equal(hash(algorithm, prefixed, found_salt), seed);
}

}  // namespace quell
