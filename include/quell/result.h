// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "quell/override.h"

namespace quell {

// What kind of failure it was; the command line turns it into an exit status (docs/exit-status.md).
enum class Errc {
  usage,         // the caller asked for something that makes no sense
  unrecognised,  // nothing known in the input
  damaged,       // a structure is cut off, contradicts itself or points outside
  unsupported,   // recognised, but this operation is not possible on it
  refused,       // possible, but not safe
  io,            // the operating system or a device said no
};

// A failure in words a user can act on, and where in the input it lies (offset from the start of the image).
struct Error {
  Errc code = Errc::damaged;
  std::string message;
  std::optional<std::uint64_t> offset{};
  Overrides lifted_by{};  // of a refusal: what the user has to insist on, all of it; empty when nothing lifts it
};

template <class T>
using Result = tl::expected<T, Error>;

// Shorthand for `return fail(Errc::damaged, "...", offset);` in any function that returns a Result.
inline tl::unexpected<Error> fail(Errc code, std::string message, std::optional<std::uint64_t> offset = std::nullopt) {
  return tl::unexpected<Error>(Error{code, std::move(message), offset});
}

// A refusal that gives way to a user who insists on `lifted_by`.
inline tl::unexpected<Error> refuse(std::string message, Overrides lifted_by,
                                    std::optional<std::uint64_t> offset = std::nullopt) {
  return tl::unexpected<Error>(Error{Errc::refused, std::move(message), offset, lifted_by});
}

}  // namespace quell

#define QUELL_CONCAT_INNER(a, b) a##b
#define QUELL_CONCAT(a, b) QUELL_CONCAT_INNER(a, b)

// `QUELL_TRY(const auto header, parse_header(view));` binds the value or returns the error to the caller.
#define QUELL_TRY(declaration, expression) \
  QUELL_TRY_NAMED(QUELL_CONCAT(quell_try_result_, __LINE__), declaration, expression)
#define QUELL_TRY_NAMED(name, declaration, expression)                                     \
  auto name = (expression);                                                                \
  if (!name.has_value()) return ::tl::unexpected<::quell::Error>(std::move(name).error()); \
  declaration = std::move(name).value()

// The same for a Result<void>.
#define QUELL_CHECK(expression)                                                       \
  do {                                                                                \
    if (auto quell_check_result = (expression); !quell_check_result.has_value())      \
      return ::tl::unexpected<::quell::Error>(std::move(quell_check_result).error()); \
  } while (false)
