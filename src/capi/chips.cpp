// SPDX-License-Identifier: GPL-2.0-or-later
// Boards with two flash chips.
#include "capi/handles.h"
#include "flash/two_chips.h"
#include "quell/flash/descriptor.h"

namespace {

using quell::Result;
using quell::capi::give;
using quell::capi::null_argument;

}  // namespace

quell_code quell_second_chip(const quell_image* image, uint64_t* offset, quell_error** error) {
  if (error != nullptr) *error = nullptr;
  if (offset == nullptr) return quell::capi::report(error, QUELL_USAGE, "there is no place for the offset");
  std::uint64_t* place = nullptr;
  const quell_code code = give(&place, error, [&]() -> Result<std::uint64_t> {
    if (image == nullptr) return null_argument("the image");
    QUELL_TRY(const auto descriptor, quell::flash::parse_descriptor(image->view()));
    return quell::flash::second_chip(descriptor, image->view());
  });
  if (place != nullptr) *offset = *place;
  delete place;
  return code;
}

quell_code quell_join(const quell_image* first, const quell_image* second, const char* options, quell_buffer** bytes,
                      quell_error** error) {
  return give(bytes, error, [&]() -> Result<quell_buffer> {
    if (first == nullptr || second == nullptr) return null_argument("an image");
    QUELL_TRY(const auto accepted, quell::capi::parse_join_options(options == nullptr ? "{}" : options));
    QUELL_TRY(const auto descriptor, quell::flash::parse_descriptor(first->view()));
    QUELL_TRY(auto joined, quell::flash::join_chips(descriptor, first->view(), second->view(), accepted));
    return quell_buffer{.bytes = std::move(joined)};
  });
}
