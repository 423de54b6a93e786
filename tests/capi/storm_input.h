// SPDX-License-Identifier: GPL-2.0-or-later
// What the storm of calls gives to the C interface: random and damaged.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "host/tar.h"
#include "quell/byte_view.h"

namespace quell::test {

class Input {
 public:
  explicit Input(std::uint64_t seed) : random_(seed) {}

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  // Noise, or a seed with damage.
  Buffer content(const std::vector<Buffer>& seeds);
  // A captured machine with damage in its files, or in the archive.
  Buffer archive(const host::Entries& machine);
  // The text, or with damage.
  std::string worn(std::string_view text);

 private:
  void damage(Buffer& bytes);

  std::mt19937_64 random_;
};

}  // namespace quell::test
