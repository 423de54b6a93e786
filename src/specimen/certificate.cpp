// SPDX-License-Identifier: GPL-2.0-or-later
#include "specimen/der.h"
#include "specimen/signing.h"

namespace quell::specimen {
namespace {

constexpr std::uint64_t pss_salt = 32;

struct ObjectIds {
  std::string_view digest;
  std::string_view pkcs1;
};

// RFC 8017, appendix A.2 and C.
ObjectIds object_ids(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::sha1: return {"2b0e03021a", "2a864886f70d010105"};
    case HashAlgorithm::sha256: return {"608648016503040201", "2a864886f70d01010b"};
    case HashAlgorithm::sha384: return {"608648016503040202", "2a864886f70d01010c"};
    case HashAlgorithm::sha512: return {"608648016503040203", "2a864886f70d01010d"};
  }
  return {};
}

Buffer object_id(std::string_view hex) { return der(0x06, from_hex(hex)); }

Buffer algorithm_of(const CertificateStyle& style) {
  const ObjectIds ids = object_ids(style.algorithm);
  if (!style.pss) return der(0x30, joined({object_id(ids.pkcs1), der(0x05, {})}));
  const Buffer digest = der(0xA0, der(0x30, joined({object_id(ids.digest), der(0x05, {})})));
  return der(0x30, joined({object_id("2a864886f70d01010a"), der(0x30, digest)}));
}

}  // namespace

Buffer joined(std::initializer_list<Buffer> parts) {
  Buffer out;
  for (const Buffer& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

Buffer der(std::uint8_t tag, Bytes content) {
  Buffer out{static_cast<std::byte>(tag)};
  if (content.size() < 0x80) {
    out.push_back(static_cast<std::byte>(content.size()));
  } else {
    out.push_back(std::byte{0x82});
    out.push_back(static_cast<std::byte>(content.size() >> 8U));
    out.push_back(static_cast<std::byte>(content.size()));
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

Buffer certificate(const TestKey& key, const CertificateStyle& style) {
  const Buffer algorithm = algorithm_of(style);
  const Buffer name = der(0x30, der(0x31, der(0x30, joined({object_id("550403"), der(0x0C, as_bytes("specimen"))}))));
  const Buffer validity =
      der(0x30, joined({der(0x17, as_bytes("200101000000Z")), der(0x17, as_bytes("491231235959Z"))}));
  const Buffer numbers =
      der(0x30, joined({der(0x02, joined({Buffer(1), key.modulus(ByteOrder::big)})), der(0x02, from_hex("010001"))}));
  const Buffer public_key = der(0x30, joined({der(0x30, joined({object_id("2a864886f70d010101"), der(0x05, {})})),
                                              der(0x03, joined({Buffer(1), numbers}))}));
  const Buffer body = der(0x30, joined({der(0xA0, der(0x02, from_hex("02"))), der(0x02, from_hex("01")), algorithm,
                                        name, validity, name, public_key}));
  const Buffer digest = hash(style.algorithm, body);
  const Buffer signature = style.pss ? key.sign_pss(style.algorithm, digest, pss_salt, ByteOrder::big)
                                     : key.sign_pkcs1(style.algorithm, digest, ByteOrder::big);
  return der(0x30, joined({body, algorithm, der(0x03, joined({Buffer(1), signature}))}));
}

}  // namespace quell::specimen
