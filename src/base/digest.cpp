// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/digest.h"

#include <limits>

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <zlib.h>

#include "base/octets.h"

namespace quell {
namespace {

template <class Context, auto Init, auto Update, auto Finish>
void run(std::span<std::byte> out, Bytes first, Bytes second) {
  Context context;
  Init(&context);
  Update(&context, first.size(), octets(first));
  if (!second.empty()) Update(&context, second.size(), octets(second));
  Finish(&context, out.size(), octets(out));
}

constexpr auto run_md5 = run<md5_ctx, nettle_md5_init, nettle_md5_update, nettle_md5_digest>;
constexpr auto run_sha1 = run<sha1_ctx, nettle_sha1_init, nettle_sha1_update, nettle_sha1_digest>;
constexpr auto run_sha256 = run<sha256_ctx, nettle_sha256_init, nettle_sha256_update, nettle_sha256_digest>;
constexpr auto run_sha384 = run<sha512_ctx, nettle_sha384_init, nettle_sha512_update, nettle_sha384_digest>;
constexpr auto run_sha512 = run<sha512_ctx, nettle_sha512_init, nettle_sha512_update, nettle_sha512_digest>;

template <class Out, auto Run>
Out one_shot(Bytes bytes) {
  Out out{};
  Run(out, bytes, {});
  return out;
}

}  // namespace

Md5 md5(Bytes bytes) { return one_shot<Md5, run_md5>(bytes); }
Sha1 sha1(Bytes bytes) { return one_shot<Sha1, run_sha1>(bytes); }
Sha256 sha256(Bytes bytes) { return one_shot<Sha256, run_sha256>(bytes); }
Sha384 sha384(Bytes bytes) { return one_shot<Sha384, run_sha384>(bytes); }
Sha512 sha512(Bytes bytes) { return one_shot<Sha512, run_sha512>(bytes); }

Buffer hash(HashAlgorithm algorithm, Bytes first, Bytes second) {
  switch (algorithm) {
    case HashAlgorithm::sha1: {
      Buffer out(20);
      run_sha1(out, first, second);
      return out;
    }
    case HashAlgorithm::sha256: {
      Buffer out(32);
      run_sha256(out, first, second);
      return out;
    }
    case HashAlgorithm::sha384: {
      Buffer out(48);
      run_sha384(out, first, second);
      return out;
    }
    case HashAlgorithm::sha512: {
      Buffer out(64);
      run_sha512(out, first, second);
      return out;
    }
  }
  return {};
}

std::uint32_t crc32(Bytes bytes, std::uint32_t seed) {
  return static_cast<std::uint32_t>(::crc32_z(seed, octets(bytes), bytes.size()));
}

std::string to_hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::byte byte : bytes) {
    out.push_back(digits[std::to_integer<unsigned>(byte) >> 4U]);
    out.push_back(digits[std::to_integer<unsigned>(byte) & 15U]);
  }
  return out;
}

Buffer from_hex(std::string_view text) {
  const auto nibble = [](char c) -> unsigned {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10U;
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10U;
    return std::numeric_limits<unsigned>::max();
  };
  Buffer out;
  if (text.size() % 2 != 0) return out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const unsigned high = nibble(text[i]);
    const unsigned low = nibble(text[i + 1]);
    if (high > 15 || low > 15) return {};
    out.push_back(static_cast<std::byte>(high << 4U | low));
  }
  return out;
}

}  // namespace quell
