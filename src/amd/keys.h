// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "amd/payload.h"

namespace quell::amd {

// Bytes that may still be read once more for digests, searches and decompression. A signature costs as much as hashing
// 256 KiB. Without it, entries that overlap each other could make the work quadratic.
class WorkBudget {
 public:
  explicit WorkBudget(std::uint64_t file_size) : left_(file_size * 8 + (8U << 20U)) {}
  // Takes the cost, or returns false when the budget is used up.
  bool spend(std::uint64_t bytes) noexcept {
    left_ -= std::min(bytes, left_);
    return left_ != 0;
  }
  [[nodiscard]] bool spent() const noexcept { return left_ == 0; }

  static constexpr std::uint64_t signature_cost = 256U << 10U;

 private:
  std::uint64_t left_;
};

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
                                                  WorkBudget& budget) const;
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
