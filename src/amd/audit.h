// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "amd/firmware.h"

namespace quell::amd {

// Collects findings.
class Findings {
 public:
  Finding& add(std::string_view id, Question question, Severity severity, std::string_view title, std::string detail,
               std::optional<Range> where = std::nullopt);
  [[nodiscard]] std::vector<Finding> take() && { return std::move(list_); }

 private:
  std::vector<Finding> list_{};
};

// Where an entry itself lies.
Range range_of(const Entry& entry) noexcept;

// The first eight hexadecimal digits, by which people tell keys apart.
std::string short_id(const KeyId& id);

// Judges single entries: signatures, checksums, security settings.
void audit_entries(const Rom& rom, Findings& findings);

// Compares the two recovery slots.
void audit_slots(const Rom& rom, Findings& findings);

// Compares each entry's security patch level with the anti-rollback tables of its slot.
void audit_rollback(const Rom& rom, Findings& findings);

}  // namespace quell::amd
