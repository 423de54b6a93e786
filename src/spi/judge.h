// SPDX-License-Identifier: GPL-2.0-or-later
// Two identical reads are necessary, not sufficient: people have had repeated, identical and yet useless dumps.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "quell/finding.h"
#include "quell/flash/image_audit.h"

namespace quell::spi {

// What speaks against this content of a chip. The caller gives it: the engines' judgement comes from above this room.
using Judge = std::function<std::vector<Finding>(Bytes content, const flash::ChipContext& chip)>;

// The title of what a content is, for manifests: "full flash dump with an Intel descriptor".
using Title = std::function<std::string(Bytes content)>;

struct JudgeOptions {
  Judge judge{};  // must be set
  Title title{};  // must be set
  flash::ChipContext chip{};
  std::vector<std::string> accepted{};  // findings by id (without "image." too); "all"
};

// Severity error is put to the user. What is critical is refused: no word of theirs makes a good read of it.
bool can_be_accepted(const Finding& finding) noexcept;

// Its title, with the id by which a user accepts it where that is possible.
std::string problem_text(const Finding& finding);

// The first finding that stands in the way: critical, or an error that is not accepted. nullptr when none does.
const Finding* obstacle(const std::vector<Finding>& findings, const std::vector<std::string>& accepted);
}  // namespace quell::spi
