// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <vector>

#include "amd/payload.h"
#include "base/budget.h"

namespace quell::amd {

// Signed bytes in one or two pieces that follow each other.
struct SignedBytes {
  Bytes first;
  Bytes second{};
};

// The keys of one image, in the order in which the directories lead to them.
class KeySet {
 public:
  // At most this many keys are collected; the largest real image has 150.
  static constexpr std::size_t most_keys = 1024;

  // Adds a key unless one from the same place is there already.
  void add(Key key);
  [[nodiscard]] bool knows(const KeyId& id) const { return by_id_.contains(id); }
  // The first key of this ID that made the signature (little-endian; RSA-PSS with SHA-256 for 2048 bits, SHA-384 for
  // 4096). Of keys that share an ID every different modulus is tried.
  [[nodiscard]] std::optional<std::size_t> verify(const KeyId& id, const SignedBytes& bytes, Bytes signature,
                                                  Budget& budget) const;
  [[nodiscard]] const std::vector<Key>& keys() const noexcept { return keys_; }
  [[nodiscard]] std::vector<Key>& keys() noexcept { return keys_; }

 private:
  std::vector<Key> keys_{};
  std::map<KeyId, std::vector<std::size_t>> by_id_{};
  std::map<std::uint64_t, std::size_t> by_location_{};
};

// "rsa4096-pss-sha384".
std::string_view scheme_of(const Key& key) noexcept;

// The key of a token entry.
Key key_of_token(const KeyToken& token, ByteView bytes);

// Every key token inside the bytes of another entry.
std::vector<Key> inline_keys(ByteView bytes);

// The keys of a key database. `location` says where a record lies in the file; for a compressed database every record
// is said to be at the entry.
std::vector<Key> database_keys(ByteView plain, std::optional<std::uint64_t> location);

}  // namespace quell::amd
