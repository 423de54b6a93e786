// SPDX-License-Identifier: GPL-2.0-or-later
// Secure Boot: the keys that firmware keeps in variables, the ones it falls back to, and what is known of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"
#include "quell/digest.h"
#include "quell/finding.h"
#include "uefi/guid.h"
#include "uefi/variables.h"

namespace quell::uefi {

// A certificate and whose it is.
struct KnownCertificate {
  Buffer der{};
  Sha256 sha256{};
  Sha1 sha1{};
  bool readable = false;  // the fields below are known
  std::string subject{};
  std::string issuer{};
  std::string serial{};  // as stored, lower-case hexadecimal
  std::string not_before{};
  std::string not_after{};
  std::uint64_t bits = 0;  // of an RSA key
  bool test_key = false;   // its private half is public, or its name says that nobody may trust it
  std::string whose{};     // "Microsoft UEFI CA 2023", "Lenovo"; empty where no table has it
};
KnownCertificate known_certificate(ByteView der);

// One list of keys: PK, KEK, db, dbx.
struct KeyList {
  std::string name{};
  std::string source{};  // "variable", "firmware file CC0F8A3F-...", "variable PKDefault"
  Range range{};         // in the image; empty for what was unpacked
  bool whole = true;     // false: the lists do not end where the content does
  std::vector<KnownCertificate> certificates{};
  std::vector<Guid> owners{};               // of the certificates, in the same order
  std::vector<KnownCertificate> signers{};  // of a list that is stored with its signature
  std::vector<std::string> hashes{};        // SHA-256, without that of nothing
  bool empty_marker = false;                // the one entry is the SHA-256 of nothing
  std::uint64_t others = 0;                 // signatures of other kinds
  // Of dbx: the newest day on which one of its hashes was published, and how many x64 ones it lacks of how many.
  std::string newest{};
  std::uint64_t missing = 0, published = 0;
};

// Reads EFI signature lists, one behind the other. `name` decides what they are held against.
KeyList read_key_list(std::string name, std::string source, ByteView content);
// The same where a signature with its time stands before the lists (EFI_VARIABLE_AUTHENTICATION_2).
KeyList read_signed_key_list(std::string name, std::string source, ByteView content);

struct SecureBoot {
  bool readable = false;  // there is a store that would hold the keys
  std::vector<KeyList> variables{};
  std::vector<KeyList> defaults{};     // what "restore factory keys" brings back
  std::optional<bool> enabled{};       // where EDK II's switch is stored
  std::optional<bool> keys_changed{};  // by the owner: EDK II's VendorKeysNv

  [[nodiscard]] const KeyList* find(std::string_view name) const noexcept;
};

// From the live variables of the stores that are in use.
SecureBoot read_secure_boot(const std::vector<VariableStore>& stores);
// "PK", "KEK", ...: what a firmware file of this name holds as a factory default; empty for any other. `is_signed`: a
// signature stands before the lists.
struct DefaultFile {
  std::string_view name{};
  bool is_signed = false;
};
DefaultFile default_file(const Guid& file);

// What to think of it. Nothing here is damage of the dump.
std::vector<Finding> judge(const SecureBoot& keys);

}  // namespace quell::uefi
