// SPDX-License-Identifier: GPL-2.0-or-later
#include "uefi/guid.h"

#include "base/guid.h"

namespace quell::uefi {

Guid Guid::at(ByteView view, std::uint64_t offset) {
  Guid out;
  const auto field = view.sub(offset, out.bytes.size());
  if (!field) return out;
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    out.bytes.at(i) = std::to_integer<std::uint8_t>(field->bytes()[i]);
  }
  return out;
}

std::string to_string(const Guid& guid) { return guid_text(ByteView(std::as_bytes(std::span(guid.bytes))), 0); }

}  // namespace quell::uefi
