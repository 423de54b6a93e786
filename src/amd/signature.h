// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "amd/keys.h"
#include "amd/payload.h"

namespace quell::amd {

// What a signature check needs to know beside the bytes.
struct SignatureContext {
  const KeySet& keys;
  Budget& budget;
  std::optional<KeyId> root{};  // the root key of the entry's directory
  bool family15 = false;        // Carrizo, Stoney Ridge: other places, other byte order
};

// The certificate of a key token, which follows it.
Signature check_token(const KeyToken& token, ByteView bytes, const SignatureContext& context);

// The signature of an entry or sub-image with a PSP header. `inflated` is its payload after decompression, if it is
// compressed and that worked.
Signature check_entry(const PspHeader& header, ByteView bytes, const std::optional<Buffer>& inflated,
                      const SignatureContext& context);

}  // namespace quell::amd
