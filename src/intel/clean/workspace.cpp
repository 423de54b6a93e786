// SPDX-License-Identifier: GPL-2.0-or-later
#include "intel/clean/workspace.h"

#include "intel/firmware.h"

#include <fmt/format.h>

namespace quell::intel {

DisableBits Workspace::disable_bits() const {
  if (is_body()) {
    if (const auto& known = disable_bits_of(examined)) return *known;
  }
  return find_disable_bits(*descriptor, image, firmware_facts(*descriptor, image));
}

Result<void> Workspace::erase(Range me_offsets, std::string reason) {
  const Range part = me_offsets.intersection({0, me_size()});
  if (part.empty()) return {};
  return builder.fill({me_range.offset + part.offset, part.size}, std::byte{0xFF}, std::move(reason));
}

Result<void> Workspace::set_u32(std::uint64_t me_offset, std::uint32_t value, std::string reason) {
  if (!Range{0, me_size()}.contains(Range{me_offset, 4})) {
    return fail(Errc::damaged, fmt::format("{} would leave the ME region", reason), me_range.offset);
  }
  return builder.set_u32(me_range.offset + me_offset, value, std::move(reason));
}

Result<Buffer> Workspace::read(Range me_offsets) const {
  if (!Range{0, me_size()}.contains(me_offsets)) {
    return fail(Errc::damaged, "a structure reaches past the end of the ME region", me_range.offset);
  }
  return builder.read({me_range.offset + me_offsets.offset, me_offsets.size});
}

void Workspace::notice(std::string id, Question question, std::string title, std::string detail) {
  notices.push_back({.id = std::move(id),
                     .question = question,
                     .severity = Severity::warning,
                     .title = std::move(title),
                     .detail = std::move(detail)});
}

}  // namespace quell::intel
