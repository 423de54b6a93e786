// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "quell/byte_view.h"

namespace quell {

template <std::size_t N>
using Digest = std::array<std::byte, N>;

using Md5 = Digest<16>;
using Sha1 = Digest<20>;
using Sha256 = Digest<32>;
using Sha384 = Digest<48>;
using Sha512 = Digest<64>;

enum class HashAlgorithm { sha1, sha256, sha384, sha512 };

// One-shot digests of the given bytes (nettle, with the processor's SHA instructions where it has them).
Md5 md5(Bytes bytes);
Sha1 sha1(Bytes bytes);
Sha256 sha256(Bytes bytes);
Sha384 sha384(Bytes bytes);
Sha512 sha512(Bytes bytes);

// The digest of two pieces that follow each other, as Intel manifests are hashed (header, then the signed rest).
Buffer hash(HashAlgorithm algorithm, Bytes first, Bytes second = {});

// CRC-32 (IEEE 802.3, as in zlib); `seed` continues an earlier one.
std::uint32_t crc32(Bytes bytes, std::uint32_t seed = 0);

// Lower-case hexadecimal without separators.
std::string to_hex(Bytes bytes);

// The bytes of a hexadecimal text; empty when it is not one. For constants and tables.
Buffer from_hex(std::string_view text);

}  // namespace quell
