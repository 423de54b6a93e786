// SPDX-License-Identifier: GPL-2.0-or-later
// JSON files of the vault that notice every changed byte: the last field, "seal", is the SHA-256 of the document
// without it. Files of the first version of the vault have none.
#pragma once

#include "quell/result.h"
#include "spi/json_fields.h"

namespace quell::spi {

// The document with its seal, as it is written to the file.
std::string sealed_text(Json document);

// The document, whose schema is `name`/2 with a seal that holds, or `name`/1 without one. Errc::damaged otherwise.
Result<Json> open_sealed(std::string_view text, std::string_view name);

}  // namespace quell::spi
