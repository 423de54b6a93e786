// SPDX-License-Identifier: GPL-2.0-or-later
// What an earlier run of the same scan has written already.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "quell/digest.h"
#include "quell/finding.h"
#include "scan/record.h"

namespace quell::scan {

// Digests are as good as random numbers: their first bytes are hash enough.
struct FirstBytes {
  template <class Digest>
  std::size_t operator()(const Digest& digest) const noexcept {
    std::size_t out = 0;
    for (std::size_t i = 0; i < sizeof out; ++i) out = (out << 8U) | std::to_integer<std::size_t>(digest.at(i));
    return out;
  }
};
using Digests = std::unordered_set<Sha256, FirstBytes>;

class Past {
 public:
  // Takes the line of an earlier run in. False: it is none, or it was torn. `Past::other()` says when it is one that
  // another version, other tables or another level made.
  bool take(std::string_view line, const RunKey& key);

  // Whether the path has a line, and the file is the same as then by its size and time.
  [[nodiscard]] bool has(std::string_view path, const std::optional<FileStamp>& stamp) const;
  // Contents that have an image line; given away.
  [[nodiscard]] Digests release_images() noexcept { return std::move(images_); }
  [[nodiscard]] std::optional<Severity> worst() const noexcept { return worst_; }
  [[nodiscard]] bool other() const noexcept { return other_; }

 private:
  using Short = std::array<std::byte, 16>;  // of a path with its stamp
  static Short short_digest(std::string_view path, std::string_view stamp);
  bool take_image(std::string_view rest, const RunKey& key);
  bool take_file(std::string_view line);

  std::unordered_set<Short, FirstBytes> files_{};
  Digests images_{};
  std::optional<Severity> worst_{};
  bool other_ = false;
};

}  // namespace quell::scan
