// SPDX-License-Identifier: GPL-2.0-or-later
// One damaged variant of one image: wholly decided by the seed and its number.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "campaign/bases.h"

namespace quell::campaign {

struct Variant {
  std::string what{};  // "me8 dump: 3 bits flipped, cut at 0x1234"
  Buffer bytes{};
};

// Flips bits, cuts, repeats and moves parts, stores extreme counts and sizes, cuts the end off. Small images are chosen
// more often than large ones.
Variant damaged(const std::vector<Base>& bases, std::uint64_t seed, std::uint64_t number);

// A field of a structure: where it is and how wide (1, 2 or 4 bytes).
struct Field {
  std::uint64_t offset = 0;
  unsigned width = 4;
  std::string name{};
};

// The fields of descriptor, partition tables, directories, manifest and module headers of a specimen.
std::vector<Field> fields_of(const Base& base);

// Each field in turn as 0, 1, all ones, the top bit alone, the image's size and that less one.
std::uint64_t field_variant_count(const std::vector<Field>& fields);
Variant field_variant(const Base& base, const std::vector<Field>& fields, std::uint64_t number);

}  // namespace quell::campaign
