// SPDX-License-Identifier: GPL-2.0-or-later
// Apple Image4 files: payload (IM4P), manifest (IM4M), restore info (IM4R), or all of them (IMG4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/byte_view.h"
#include "quell/component.h"
#include "quell/digest.h"
#include "quell/finding.h"

namespace quell::apple {

// A named value. `text`: a decimal number, "true", "false", hexadecimal bytes, or the text itself.
struct Property {
  std::string name{};
  std::string text{};
  std::optional<std::uint64_t> number{};
};
using Properties = std::vector<Property>;

// The wrapped keys of an encrypted payload; only the chip itself can unwrap them.
struct Keybag {
  std::uint64_t kind = 0;  // 1 production, 2 development
  Bytes iv{};
  Bytes key{};
};

struct Im4p {
  ByteView whole{};
  std::string type{};  // 4 characters
  std::string description{};
  ByteView payload{};
  std::vector<Keybag> keybags{};
  std::optional<std::uint64_t> compression_algorithm{};  // 0 LZSS, 1 LZFSE
  std::optional<std::uint64_t> uncompressed_size{};
  Properties properties{};
  Bytes digest{};  // behind the properties; of what, is not documented
  [[nodiscard]] bool encrypted() const noexcept { return !keybags.empty(); }
};

struct ManifestImage {
  std::string name{};
  Properties properties{};
  Bytes digest{};  // DGST
};

struct Im4m {
  ByteView whole{};
  ByteView signed_part{};   // the SET element
  Properties properties{};  // of the device (MANP)
  std::vector<ManifestImage> images{};
  ByteView signature{};
  std::string certificate{};  // subject of the first
  std::string issuer{};
  std::string signature_hash{};           // "SHA-384" once it has verified
  std::optional<bool> signature_valid{};  // with the certificate inside; nothing when it cannot be checked
  std::vector<ByteView> certificates{};
  bool im4c = false;  // carries Apple's own certificate format instead of X.509
};

struct Im4r {
  ByteView whole{};
  Properties properties{};
};

struct Image4 {
  std::string container{};  // "IMG4", "IM4P", "IM4M", "IM4R"
  Range range{};
  std::uint64_t elements = 0;  // DER elements, as a listing counts them
  std::optional<Im4p> payload{};
  std::optional<Im4m> manifest{};
  std::optional<Im4r> restore{};
  std::optional<bool> digest_in_manifest{};  // payload against the manifest's entry of its type
  std::vector<Finding> problems{};
};

// The container name that a DER SEQUENCE at the start begins with ("IMG4", "IM4P", "IM4M", "IM4R"); empty where there
// is none. Its lengths are not judged.
std::string container_of(ByteView view);

// Reads as much as can be read; damage becomes `problems`. Errc::unrecognised when it is no Image4.
Result<Image4> parse_image4(ByteView view);

// "LZFSE", "LZVN", "LZSS", "stored in an LZFSE block", or empty.
std::string_view compression_of(ByteView payload) noexcept;

// The content of an unencrypted LZSS or stored payload, its checksum verified. Errc::unsupported for LZFSE and LZVN.
Result<Buffer> unpack(const Im4p& payload);

Component describe(const Image4& image);
std::vector<Finding> audit(const Image4& image);

// What a 4-character type is; empty when it is not known.
std::string_view type_meaning(std::string_view type);

}  // namespace quell::apple
