// SPDX-License-Identifier: GPL-2.0-or-later
#include "specimen/amd_parts.h"

#include <algorithm>
#include <stdexcept>

#include <zlib.h>

#include "base/checksum.h"
#include "base/octets.h"
#include "base/rsa.h"
#include "base/size.h"

namespace quell::specimen {
namespace {

constexpr std::uint64_t header_size = 0x100;

std::uint64_t round_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

void append(Buffer& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

Buffer signature_of(Bytes bytes, const AmdKey& key, ByteOrder order) {
  const HashAlgorithm algorithm = key.bits == 4096 ? HashAlgorithm::sha384 : HashAlgorithm::sha256;
  const Buffer digest = hash(algorithm, bytes);
  return TestKey::of_bits(key.bits).sign_pss(algorithm, digest, digest.size(), order);
}

Buffer joined(Bytes a, Bytes b) {
  Buffer out(a.begin(), a.end());
  append(out, b);
  return out;
}

}  // namespace

Buffer zlib_of(Bytes plain) {
  uLongf size = ::compressBound(plain.size());
  Buffer out(size);
  const int status = ::compress2(octets(std::span(out)), &size, octets(plain), plain.size(), 9);
  if (status != Z_OK) throw std::runtime_error("zlib");
  out.resize(size);
  return out;
}

Buffer amd_entry(const AmdPart& part) {
  const Buffer stream = part.compressed ? zlib_of(part.payload) : part.payload;
  Canvas header(header_size, std::byte{0});
  header.text(0x10, "$PS1").u32(0x14, static_cast<std::uint32_t>(part.payload.size())).u32(0x30, 1);
  header.u32(0x34, part.key.bits == 4096 ? 2 : 0).put(0x38, part.key.id_bytes()).u32(0x48, part.compressed ? 1 : 0);
  header.u32(0x4C, part.level).u32(0x60, part.version).u8(0x7C, part.type);
  if (part.signing == AmdSigning::family15) header.u32(0x10, 1);
  if (part.compressed) {
    header.u32(0x50, static_cast<std::uint32_t>(part.payload.size()));
    header.u32(0x54, static_cast<std::uint32_t>(stream.size()));
  }
  if (part.announce_digest) header.u8(0x5B, 1).put(0xD0, sha256(part.payload));
  Buffer stored = joined(header.bytes(), stream);
  if (part.compressed) stored.resize(to_size(header_size + round_up(stream.size(), 16)));
  const Buffer covered = part.signing == AmdSigning::inflated ? joined(header.bytes(), part.payload) : stored;
  const ByteOrder order = part.signing == AmdSigning::family15 ? ByteOrder::little : ByteOrder::big;
  append(stored, signature_of(covered, part.key, order));
  return stored;
}

Buffer amd_wrapped_entry(Bytes payload, const AmdKey& key) {
  const AmdPart inner{.payload = Buffer(payload.begin(), payload.end()),
                      .key = key,
                      .signing = AmdSigning::family15,
                      .announce_digest = false};
  const Buffer stream = zlib_of(amd_entry(inner));
  Canvas header(header_size, std::byte{0});
  header.u32(0x14, static_cast<std::uint32_t>(stream.size())).u32(0x48, 1);
  return joined(header.bytes(), stream);
}

Buffer amd_token(const AmdKey& key, const AmdKey& certifier) {
  const std::uint64_t bytes = key.bits / 8;
  Canvas token(0x40 + 2 * bytes, std::byte{0});
  token.u32(0x00, 1).put(0x04, key.id_bytes()).put(0x14, certifier.id_bytes()).u32(0x24, key.usage);
  token.u32(0x38, key.bits).u32(0x3C, key.bits).u32(0x40, 65537);
  token.put(0x40 + bytes, TestKey::of_bits(key.bits).modulus(ByteOrder::little));
  if (key.id == certifier.id) return token.bytes();
  return joined(token.bytes(), signature_of(token.bytes(), certifier, ByteOrder::little));
}

Buffer amd_key_database(const AmdKey& key, const AmdKey& signer) {
  const std::uint64_t record = 0x50 + key.bits / 8;
  Canvas payload(round_up(0x50 + record, 16), std::byte{0});
  payload.u32(0x00, static_cast<std::uint32_t>(0x50 + record)).u32(0x04, 1).text(0x08, "$KDB");
  payload.u32(0x50, static_cast<std::uint32_t>(record)).u32(0x54, 1).u32(0x58, key.usage).u32(0x5C, 65537);
  payload.put(0x60, key.id_bytes()).u32(0x70, key.bits);
  payload.put(0xA0, TestKey::of_bits(key.bits).modulus(ByteOrder::little));
  return amd_entry({.payload = payload.bytes(), .key = signer, .type = 0x50});
}

Buffer amd_container(const std::vector<Buffer>& images, const AmdKey& key) {
  Canvas table(round_up(8 * images.size(), 16), std::byte{0});
  const std::uint64_t first = header_size + table.bytes().size() + key.bits / 8;
  std::uint64_t at = first;
  Buffer rest;
  for (std::size_t i = 0; i < images.size(); ++i) {
    table.u32(8 * i, static_cast<std::uint32_t>(0x10 + i)).u32(8 * i + 4, static_cast<std::uint32_t>(at));
    append(rest, images[i]);
    at += images[i].size();
  }
  return joined(amd_entry({.payload = table.bytes(), .key = key, .version = 0, .type = 0x30}), rest);
}

Buffer amd_spl_table(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& minimums, const AmdKey& key) {
  Canvas payload(0x80 + 0x20 * minimums.size(), std::byte{0});
  payload.u32(0x00, static_cast<std::uint32_t>(minimums.size()));
  for (std::size_t i = 0; i < minimums.size(); ++i) {
    payload.u32(0x80 + 0x20 * i, minimums[i].second).u32(0x84 + 0x20 * i, minimums[i].first);
  }
  return amd_entry({.payload = payload.bytes(), .key = key, .type = 0x55});
}

Buffer amd_apcb(Random& random) {
  Canvas apcb(0x200, std::byte{0});
  apcb.put(0, random.noise(0x200)).text(0x00, "APCB").u16(0x04, 0x80).u16(0x06, 0x30).u32(0x08, 0x200).u8(0x10, 0);
  return apcb.u8(0x10, complement_of(sum_of(apcb.bytes()))).bytes();
}

Buffer amd_ftpm(Random& random, std::uint64_t size) {
  Canvas driver(std::max<std::uint64_t>(size, 0x200), std::byte{0});
  driver.put(0, random.noise(driver.bytes().size()));
  driver.text(0x80, "gpd.ta.appID").u8(0x8C, 0).put(0x8D, from_hex("00b5a2ab4538ca45bb56f2e5ae71c585"));
  return driver.bytes();
}

Buffer amd_reset_image(Bytes plain) {
  const Buffer stream = zlib_of(plain);
  Canvas header(header_size, std::byte{0});
  header.u32(0x14, static_cast<std::uint32_t>(stream.size()));
  return joined(header.bytes(), stream);
}

}  // namespace quell::specimen
