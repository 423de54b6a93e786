// SPDX-License-Identifier: GPL-2.0-or-later
// Two identical reads are necessary, not sufficient: people have had repeated, identical and yet useless dumps.
#pragma once

#include <string>
#include <vector>

#include "quell/byte_view.h"

namespace quell::spi {

struct SanityFinding {
  enum class Weight { information, warning, ask, refuse };
  std::string id{};  // for --accept
  Weight weight = Weight::refuse;
  std::string text{};  // "it has no valid flash descriptor"
  std::string next{};  // what to do
};

struct SanityOptions {
  std::uint64_t chip_size = 0;  // zero: not known
  bool no_descriptor = false;   // the chip is not one of an Intel board
  unsigned component = 0;       // 1 or 2 of a pair; zero: a chip of its own
  std::vector<std::string> accepted{};
};

// What speaks against this dump being the whole and correct content of a chip. Pure.
std::vector<SanityFinding> check_dump(Bytes dump, const SanityOptions& options);

// The first finding that stands in the way: of weight refuse, or ask and not accepted. nullptr when none does.
const SanityFinding* obstacle(const std::vector<SanityFinding>& findings, const SanityOptions& options);

// The title of what the dump is, for manifests: "full flash dump with an Intel descriptor".
std::string title_of(Bytes dump);

}  // namespace quell::spi
