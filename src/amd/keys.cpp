// SPDX-License-Identifier: GPL-2.0-or-later
#include "amd/keys.h"

#include <algorithm>
#include <array>

#include "base/rsa.h"

namespace quell::amd {
namespace {

constexpr std::size_t most_moduli_tried = 4;

HashAlgorithm algorithm_of(const Key& key) { return key.bits == 4096 ? HashAlgorithm::sha384 : HashAlgorithm::sha256; }

Key key_of(KeyForm form, const KeyId& id, std::uint64_t bits, std::uint32_t usage, ByteView modulus) {
  const Bytes bytes = modulus.bytes();
  return {.id = id,
          .form = form,
          .bits = bits,
          .usage = usage,
          .modulus = Buffer(bytes.begin(), bytes.end()),
          .modulus_sha256 = sha256(bytes)};
}

// The two equal size words and the exponent of a key token, at its offset 0x38.
constexpr std::uint64_t pattern_offset = 0x38;
template <unsigned Bits>
constexpr std::array<std::byte, 12> token_pattern{std::byte{0}, std::byte{Bits >> 8U}, std::byte{0}, std::byte{0},
                                                  std::byte{0}, std::byte{Bits >> 8U}, std::byte{0}, std::byte{0},
                                                  std::byte{1}, std::byte{0},          std::byte{1}, std::byte{0}};

void find_tokens(ByteView bytes, Bytes pattern, std::vector<Key>& out) {
  std::uint64_t from = pattern_offset;
  while (out.size() < KeySet::most_keys) {
    const auto hit = bytes.find(pattern, from);
    if (!hit) return;
    from = *hit + pattern.size();
    const ByteView at = bytes.clip(Range::between(*hit - pattern_offset, bytes.size()));
    const auto token = read_key_token(at);
    if (!token) continue;
    Key key = key_of_token(*token, at);
    key.form = KeyForm::inlined;
    out.push_back(std::move(key));
    from = *hit - pattern_offset + token->body_size();
  }
}

}  // namespace

void KeySet::add(Key key) {
  if (keys_.size() >= most_keys) return;
  // Records of a compressed database share a location; anything else at one place is one key.
  const auto [same, fresh] = by_location_.try_emplace(key.location, keys_.size());
  if (!fresh && keys_[same->second].id == key.id) return;
  by_id_[key.id].push_back(keys_.size());
  keys_.push_back(std::move(key));
}

std::optional<std::size_t> KeySet::verify(const KeyId& id, const SignedBytes& bytes, Bytes signature,
                                          Budget& budget) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  std::vector<Sha256> tried;
  for (const std::size_t index : found->second) {
    const Key& key = keys_[index];
    if (std::ranges::find(tried, key.modulus_sha256) != tried.end() || tried.size() >= most_moduli_tried) continue;
    if (!budget.spend(Budget::signature + Budget::hashing(bytes.first.size() + bytes.second.size())))
      return std::nullopt;
    tried.push_back(key.modulus_sha256);
    const HashAlgorithm algorithm = algorithm_of(key);
    const Buffer digest = hash(algorithm, bytes.first, bytes.second);
    const RsaPublicKey rsa{key.modulus, 65537, ByteOrder::little};
    if (verify_pss(rsa, algorithm, digest, signature, {.length = digest.size(), .any = false})) return index;
  }
  return std::nullopt;
}

std::string_view scheme_of(const Key& key) noexcept {
  return key.bits == 4096 ? "rsa4096-pss-sha384" : "rsa2048-pss-sha256";
}

Key key_of_token(const KeyToken& token, ByteView bytes) {
  Key key =
      key_of(KeyForm::token, token.id, token.bits, token.usage, bytes.clip({token.modulus_offset(), token.bits / 8}));
  key.certifying_id = token.certifying_id;
  key.location = bytes.origin();
  return key;
}

std::vector<Key> inline_keys(ByteView bytes) {
  std::vector<Key> out;
  find_tokens(bytes, token_pattern<2048>, out);
  find_tokens(bytes, token_pattern<4096>, out);
  std::ranges::sort(out, {}, &Key::location);
  return out;
}

// Database: +0x08 "$KDB", records from +0x50. Record: +0x00 size, +0x08 usage, +0x0C exponent, +0x10 key ID,
// +0x20 modulus size in bits, +0x4F a revision, +0x50 modulus.
std::vector<Key> database_keys(ByteView plain, std::optional<std::uint64_t> location) {
  constexpr std::uint64_t head = 0x50;
  std::vector<Key> out;
  if (!plain.matches(8, "$KDB")) return out;
  std::uint64_t at = head;
  while (out.size() < KeySet::most_keys) {
    const std::uint64_t size = plain.u32(at).value_or(0);
    const std::uint64_t bits = plain.u32(at + 0x20).value_or(0);
    if ((bits != 2048 && bits != 4096) || size < head + bits / 8 || !plain.has(at, size)) break;
    KeyId id{};
    std::ranges::copy(plain.clip({at + 0x10, 16}).bytes(), id.begin());
    Key key = key_of(KeyForm::database, id, bits, plain.u32(at + 0x08).value_or(0), plain.clip({at + head, bits / 8}));
    key.location = location.value_or(plain.origin() + at);
    key.record_byte = plain.u8(at + 0x4F).value_or(0);
    out.push_back(std::move(key));
    at += size;
  }
  return out;
}

}  // namespace quell::amd
