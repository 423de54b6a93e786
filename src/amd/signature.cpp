// SPDX-License-Identifier: GPL-2.0-or-later
// Which bytes a signature covers differs by generation: Renoir and later sign header and payload as stored; Raven and
// Picasso sign the header followed by the inflated (or decrypted) payload; family 15h wraps a complete signed image in
// a zlib stream and stores the signature little-endian.
#include "amd/signature.h"

#include <algorithm>

namespace quell::amd {
namespace {

// The root of Raven and Picasso, whose encrypted entries are signed over the plaintext.
constexpr std::string_view raven_root = "60bba67e1a434c6b9807bc8dfdb41f40";
constexpr std::uint64_t family15_signature_size = 256;

Buffer reversed(Bytes bytes) { return {bytes.rbegin(), bytes.rend()}; }

Signature without(SignatureResult result, std::string_view reason) { return {.result = result, .reason = reason}; }

void accept(Signature& signature, std::size_t key, std::string_view covers, const SignatureContext& context) {
  signature.result = SignatureResult::valid;
  signature.reason = {};
  signature.scheme = scheme_of(context.keys.keys()[key]);
  signature.covers = covers;
  signature.key = key;
}

// Tries one reading of family 15h: an image with its signature right after `signed_size` bytes.
bool try_family15(Signature& signature, const KeyId& id, ByteView image, std::uint64_t signed_size,
                  std::string_view covers, const SignatureContext& context) {
  if (!image.has(signed_size, family15_signature_size)) return false;
  const auto key = context.keys.verify(id, {image.clip({0, signed_size}).bytes()},
                                       image.clip({signed_size, family15_signature_size}).bytes(), context.budget);
  if (!key) return false;
  signature.present = true;
  signature.signed_by = id;
  signature.size = family15_signature_size;
  accept(signature, *key, covers, context);
  return true;
}

Signature check_family15(const PspHeader& header, ByteView bytes, const std::optional<Buffer>& inflated,
                         const SignatureContext& context) {
  Signature signature{.byte_order = "little"};
  const KeyId id =
      header.is_signed && context.keys.knows(header.key_id) ? header.key_id : context.root.value_or(header.key_id);
  if (!header.compressed && try_family15(signature, id, bytes, header.signature_offset(), "stored", context)) {
    return signature;
  }
  if (inflated) {
    const ByteView image(*inflated);
    const std::uint64_t last = image.size() - std::min(image.size(), family15_signature_size);
    if (try_family15(signature, id, image, last, "inflated-inner-image", context)) return signature;
    const auto inner = read_psp_header(image);
    if (inner && try_family15(signature, id, image, inner->signature_offset(), "inflated-inner-image", context)) {
      return signature;
    }
  }
  if (!header.is_signed) return without(SignatureResult::unknown, "no-signature-flag");
  signature = {.present = true, .signed_by = id, .size = family15_signature_size, .byte_order = "little"};
  signature.result = context.keys.knows(id) ? SignatureResult::invalid : SignatureResult::unknown;
  if (signature.result == SignatureResult::unknown) signature.reason = "key-not-in-image";
  return signature;
}

}  // namespace

Signature check_token(const KeyToken& token, ByteView bytes, const SignatureContext& context) {
  const ByteView rest = bytes.clip(Range::between(token.body_size(), bytes.size()));
  const bool room = rest.size() >= 256 && !rest.filled_with(std::byte{0xFF}) && !rest.filled_with(std::byte{0});
  if (token.names_itself() && !room) return without(SignatureResult::none, "self-identified-root");
  if (rest.size() < 256) return without(SignatureResult::none, "unsigned");
  Signature signature{.present = true, .signed_by = token.certifying_id, .size = rest.size(), .byte_order = "little"};
  signature.result = SignatureResult::unknown;
  signature.reason = "key-not-in-image";
  if (!context.keys.knows(token.certifying_id)) return signature;
  signature.result = SignatureResult::invalid;
  signature.reason = {};
  for (const std::uint64_t size : {std::uint64_t{512}, std::uint64_t{256}}) {
    if (rest.size() < size) continue;
    const auto key = context.keys.verify(token.certifying_id, {bytes.clip({0, token.body_size()}).bytes()},
                                         rest.clip({0, size}).bytes(), context.budget);
    if (!key || context.keys.keys()[*key].bits / 8 != size) continue;
    accept(signature, *key, {}, context);
    signature.size = size;
    return signature;
  }
  return signature;
}

Signature check_entry(const PspHeader& header, ByteView bytes, const std::optional<Buffer>& inflated,
                      const SignatureContext& context) {
  if (context.family15) return check_family15(header, bytes, inflated, context);
  if (!header.is_signed) return without(SignatureResult::none, {});
  Signature signature{
      .present = true, .signed_by = header.key_id, .size = header.signature_size(), .byte_order = "big"};
  signature.result = SignatureResult::invalid;
  if (!bytes.has(header.signature_offset(), header.signature_size())) {
    signature.reason = "signature-beyond-entry";
    return signature;
  }
  if (!context.keys.knows(header.key_id)) {
    signature.result = SignatureResult::unknown;
    signature.reason = "key-not-in-image";
    return signature;
  }
  const Buffer number = reversed(bytes.clip({header.signature_offset(), header.signature_size()}).bytes());
  const Bytes stored = bytes.clip({0, header.signature_offset()}).bytes();
  if (const auto key = context.keys.verify(header.key_id, {stored}, number, context.budget)) {
    accept(signature, *key, "stored", context);
    return signature;
  }
  if (inflated) {
    const SignedBytes plain{stored.first(psp_header_size), *inflated};
    if (const auto key = context.keys.verify(header.key_id, plain, number, context.budget)) {
      accept(signature, *key, "inflated", context);
      return signature;
    }
  }
  if (header.encrypted && context.root && to_hex(*context.root) == raven_root) {
    signature.result = SignatureResult::unknown;
    signature.reason = "encrypted-plaintext-signature";
  } else if (context.budget.exhausted()) {
    signature.result = SignatureResult::unknown;
    signature.reason = "work-limit";
  }
  return signature;
}

}  // namespace quell::amd
