// SPDX-License-Identifier: GPL-2.0-or-later
#include <map>

#include <fmt/format.h>

#include "base/table.h"
#include "data/intel-signing-keys.h"
#include "intel/manifest.h"

namespace quell::intel {
namespace {

// Rows by digest of the modulus and, for keys of which only that is known, by the older MD5 identifier.
class KeyTable {
 public:
  KeyTable() : table_(data::intel_signing_keys) {
    for (std::size_t i = 0; i < table_.size(); ++i) {
      const auto row = table_.row(i);
      for (const std::string_view id : {row["sha256_modulus_le"], row["md5_key_blob_0x104"]}) {
        if (!id.empty()) rows_.emplace(id, i);
      }
    }
  }

  [[nodiscard]] SigningKey find(const std::string& digest) const {
    const auto found = rows_.find(digest);
    if (found == rows_.end()) return {};
    const auto row = table_.row(found->second);
    return {true,
            std::string(row["product"]),
            std::string(row["owner"]),
            std::string(row["status"]),
            std::string(row["version_range"]),
            std::string(row["note"])};
  }

 private:
  Table<data::IntelSigningKeys> table_;
  std::map<std::string, std::size_t, std::less<>> rows_;
};

}  // namespace

Md5 key_identifier(const Manifest& manifest) { return md5(manifest.bytes.clip({0x80, 0x104}).bytes()); }

SigningKey identify_key(const Manifest& manifest) {
  static const KeyTable keys;
  const auto by_modulus = keys.find(to_hex(sha256(manifest.modulus)));
  return by_modulus.known ? by_modulus : keys.find(to_hex(key_identifier(manifest)));
}

std::string signer_text(const SigningKey& key, SignatureState state) {
  if (state == SignatureState::empty) return "not signed";
  if (state == SignatureState::unverified) return "not verified: this kind of signature is known in outline only";
  const std::string verdict = state == SignatureState::valid ? "valid, " : "INVALID, ";
  if (!key.known) return verdict + "by a key that is in no table";
  return verdict + fmt::format("by {}'s {} key", key.owner, key.status == "oem" ? "own" : key.status);
}

}  // namespace quell::intel
