// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "intel/boot_manifests.h"
#include "quell/component.h"
#include "quell/digest.h"

namespace quell::intel {

// The digest function of a TCG algorithm number; nothing for SM3 and others that are not computed here.
std::optional<HashAlgorithm> hash_of(std::uint16_t tcg_algorithm) noexcept;

// Reads u16 algorithm, u16 length, digest. `fixed` is the width of the digest field where the length does not say it
// (Boot Guard 1.0). Advances `offset` behind it.
Result<TcgHash> read_hash(ByteView view, std::uint64_t& offset, std::optional<std::uint64_t> fixed);

// Reads the structure at `offset` and verifies it over the first `signed_size` bytes of the manifest.
Result<ManifestSignature> read_signature(ByteView manifest, std::uint64_t offset, std::uint64_t signed_size);

// Bytes that the structure takes.
std::uint64_t size_of(const ManifestSignature& signature) noexcept;

// Sets the attributes that both manifests share.
void describe_signature(const ManifestSignature& signature, Component& into);

}  // namespace quell::intel
