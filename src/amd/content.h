// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "amd/payload.h"

namespace quell::amd {

// What is needed to read an entry's content: its stored bytes and the payload behind the header, inflated if need be.
struct Content {
  const Entry& entry;
  ByteView bytes{};
  const std::optional<Buffer>& inflated;
  bool family15 = false;
};

// Compares the digest that the header announces with the plaintext; nothing when none is announced.
std::optional<PayloadHash> check_payload_hash(const PspHeader& header, const Content& content);

// Fills versions, tables and identities of the payload, whatever its type has.
void read_content(Payload& payload, const Content& content);

// The sub-images of a container by its table; empty when there is no plausible one. Headers are read, signatures not.
std::vector<SubImage> read_sub_images(const PspHeader& header, ByteView bytes);

}  // namespace quell::amd
