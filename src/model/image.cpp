// SPDX-License-Identifier: GPL-2.0-or-later
#include "quell/image.h"

#include <algorithm>
#include <system_error>

#include "base/landmarks.h"

#ifndef __wasm__
#include <future>
#endif

namespace quell {

#ifdef __wasm__
// Without threads: the digest is there when it is asked for.
class PendingDigest {
 public:
  explicit PendingDigest(Bytes bytes) : digest_(quell::sha256(bytes)) {}
  [[nodiscard]] const Sha256& get() const { return digest_; }
  void wait() const {}

 private:
  Sha256 digest_;
};
#else
// A digest that a thread of its own computes.
class PendingDigest {
 public:
  explicit PendingDigest(Bytes bytes)
      : digest_(std::async(std::launch::async, [bytes] { return quell::sha256(bytes); })) {}
  [[nodiscard]] const Sha256& get() const { return digest_.get(); }
  void wait() const { digest_.wait(); }

 private:
  std::shared_future<Sha256> digest_;
};
#endif

const Sha256& InputDigest::value() const { return pending_ ? pending_->get() : known_; }

std::string region_at(const std::vector<NamedRange>& regions, std::uint64_t address) {
  const auto found = std::ranges::find_if(regions, [&](const NamedRange& r) { return r.range.contains(address); });
  return found == regions.end() ? "unassigned" : found->name;
}

Image::Image(std::string name, ByteView bytes) : name_(std::move(name)), bytes_(bytes) {
  what.body = {0, bytes.size()};
}

Image::~Image() {
  if (pending_) pending_->wait();
}

InputDigest Image::digest() const { return pending_ ? InputDigest(pending_) : InputDigest(sha256()); }

const Sha256& Image::sha256() const {
  if (!sha256_) sha256_ = pending_ ? pending_->get() : quell::sha256(bytes_.bytes());
  return *sha256_;
}

void Image::start_hashing() {
  // Below this a thread costs more than the digest.
  constexpr std::uint64_t worthwhile = 1U << 20U;
  if (sha256_ || pending_ || bytes_.size() < worthwhile) return;
#ifndef __wasm__
  try {
    pending_ = std::make_shared<const PendingDigest>(bytes_.bytes());
  } catch (const std::system_error&) {
    // No thread to be had: sha256() computes the digest when asked.
  }
#endif
}

const std::vector<Landmark>& Image::landmarks() const {
  if (!landmarks_) landmarks_ = std::make_shared<const std::vector<Landmark>>(find_landmarks(bytes_));
  return *landmarks_;
}

std::optional<ByteView> Image::region(std::string_view short_name) const {
  const auto found = std::ranges::find(regions, short_name, &NamedRange::name);
  if (found == regions.end()) return std::nullopt;
  return bytes_.clip(found->range);
}

Recognition whole_file(ByteView file, std::string kind, std::string title, FileKind type, std::string next_step) {
  return {.kind = std::move(kind),
          .title = std::move(title),
          .next_step = std::move(next_step),
          .body = {0, file.size()},
          .recognised = true,
          .type = type};
}

std::string in_sentence(const Recognition& what) {
  // What is no firmware has a title with an article already; volumes come in the plural.
  if (!what.recognised || what.title.empty() || what.title.ends_with("volumes")) return what.title;
  if (what.title.starts_with("first ")) return "the " + what.title;
  constexpr std::string_view vowels = "AEIOaeio";  // "a UEFI", "a U-Boot"
  return (vowels.find(what.title.front()) == std::string_view::npos ? "a " : "an ") + what.title;
}

}  // namespace quell
