// SPDX-License-Identifier: GPL-2.0-or-later
// What the bytes of a directory entry hold: header, signature, keys, versions, tables.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "amd/directory.h"
#include "quell/digest.h"

namespace quell::amd {

inline constexpr std::uint64_t psp_header_size = 0x100;

// 16 bytes that name a key.
using KeyId = std::array<std::byte, 16>;

// The 0x100 bytes before the payload of most entries.
struct PspHeader {
  std::array<std::byte, 4> magic{};
  std::uint32_t size_signed = 0;
  bool encrypted = false;
  bool is_signed = false;
  std::uint32_t algorithm = 0;  // 0 RSA-2048, 2 RSA-4096
  KeyId key_id{};
  bool compressed = false;
  std::uint32_t security_patch_level = 0;
  std::uint32_t uncompressed_size = 0;
  std::uint32_t compressed_size = 0;
  std::uint16_t fw_id = 0;
  std::uint16_t flags = 0;  // bytes 0x5A and 0x5B
  std::uint32_t version = 0;
  std::uint32_t load_address = 0;
  std::uint32_t total_size = 0;  // unreliable: never used to find anything
  std::uint8_t type = 0;

  // Bytes between header and signature.
  [[nodiscard]] std::uint64_t stored_payload_size() const noexcept;
  // Bytes after decompression.
  [[nodiscard]] std::uint64_t plain_size() const noexcept;
  [[nodiscard]] std::uint64_t signature_offset() const noexcept { return psp_header_size + stored_payload_size(); }
  [[nodiscard]] std::uint64_t signature_size() const noexcept { return algorithm == 2 ? 512 : 256; }
  // The magic as text where it is one, else as eight hexadecimal digits.
  [[nodiscard]] std::string magic_text() const;
};

// The header at the start of the bytes, or nothing when they cannot be one.
std::optional<PspHeader> read_psp_header(ByteView bytes);

// "00.2D.00.78": the most significant byte first.
std::string version_hex(std::uint32_t version);
// "0.64.72.0".
std::string version_decimal(std::uint32_t version);

enum class Trust { unknown, chained, root };
enum class KeyForm { token, database, inlined };
std::string_view to_string(Trust trust) noexcept;
// "token", "kdb", "inline".
std::string_view to_string(KeyForm form) noexcept;

// A public key found in the image.
struct Key {
  KeyId id{};
  KeyForm form = KeyForm::token;
  std::uint64_t bits = 0;
  std::uint32_t usage = 0;
  std::uint64_t location = 0;  // file offset; of the database entry when the database is compressed
  std::string container{};     // name of the entry that holds it
  std::uint64_t entry_offset = 0;
  Trust trust = Trust::unknown;
  Buffer modulus{};  // little-endian
  Sha256 modulus_sha256{};
  std::optional<KeyId> certifying_id{};       // tokens
  std::optional<std::uint8_t> record_byte{};  // byte 0x4F of a database record
  std::size_t payload = 0;                    // which payload contains it
};

// A key token's fixed part.
struct KeyToken {
  std::uint32_t version = 0;
  KeyId id{};
  KeyId certifying_id{};
  std::uint32_t usage = 0;
  std::array<std::byte, 16> platform{};
  std::uint64_t bits = 0;

  [[nodiscard]] std::uint64_t body_size() const noexcept { return 0x40 + 2 * (bits / 8); }
  [[nodiscard]] std::uint64_t modulus_offset() const noexcept { return 0x40 + bits / 8; }
  [[nodiscard]] bool names_itself() const noexcept { return id == certifying_id; }
};

// The token at the start of the bytes, or nothing when they are none.
std::optional<KeyToken> read_key_token(ByteView bytes);

enum class SignatureResult { none, valid, invalid, unknown };
// "none", "valid", "invalid", "unknown".
std::string_view to_string(SignatureResult result) noexcept;

struct Signature {
  bool present = false;
  SignatureResult result = SignatureResult::none;
  std::string_view reason{};
  std::optional<KeyId> signed_by{};
  std::uint64_t size = 0;
  std::string_view byte_order{};     // "big", "little"
  std::string_view scheme{};         // "rsa4096-pss-sha384"; empty unless valid
  std::string_view covers{};         // "stored", "inflated", "inflated-inner-image"
  std::optional<std::size_t> key{};  // index into Rom::keys
};

// The digest of the plaintext that some headers announce.
struct PayloadHash {
  std::string_view algorithm{};  // "sha256", "sha384"
  SignatureResult result = SignatureResult::unknown;
  std::string_view reason{};
};

// One image of a container.
struct SubImage {
  std::uint32_t id = 0;
  std::uint64_t offset = 0;  // from the start of the entry
  std::uint64_t size = 0;
  std::optional<PspHeader> header{};
  Signature signature{};
};

// A record of an anti-rollback table.
struct SplRecord {
  std::uint32_t minimum = 0;
  std::optional<std::uint32_t> id{};  // entry type or firmware ID
  std::string uuid{};                 // of a trusted application instead
  std::uint8_t sub_image = 0;         // 0xFF the container itself
};
struct SplTable {
  std::uint32_t count = 0;
  std::vector<SplRecord> records{};
  bool by_firmware_id = false;
  [[nodiscard]] std::uint32_t highest() const noexcept;
};

struct Microcode {
  std::uint32_t date = 0;  // BCD: month, day, year
  std::uint32_t patch_level = 0;
  std::uint16_t processor = 0;
  [[nodiscard]] std::string date_text() const;  // "2024-11-12"
};

// Board configuration block.
struct Apcb {
  std::uint16_t version = 0;
  std::uint32_t size = 0;
  std::uint32_t unique_id = 0;
  bool checksum_valid = false;
};

// The stored bytes of one or more entries, examined once.
struct Payload {
  Range range{};
  std::string name{};    // of the first entry that has it
  bool examined = true;  // false when the image's entries overlap so much that the work limit was reached
  Sha256 sha256{};
  bool blank = false;
  std::optional<PspHeader> header{};
  std::optional<Signature> signature{};
  std::optional<PayloadHash> payload_hash{};
  std::optional<KeyToken> token{};
  std::vector<SubImage> sub_images{};
  std::optional<SplTable> spl{};
  std::optional<Microcode> microcode{};
  std::optional<Apcb> apcb{};
  std::string smu_version{};
  std::string ftpm_version{};
  std::string ta_uuid{};
  std::uint64_t unsigned_tail = 0;
  std::optional<std::uint64_t> uncompressed_size{};  // reset image
  std::optional<bool> inflates{};                    // every zlib stream that is not encrypted
};

}  // namespace quell::amd
