// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/printable.h"
#include "capi/handles.h"

namespace quell::capi {

quell_code code_of(Errc code) noexcept {
  switch (code) {
    case Errc::usage: return QUELL_USAGE;
    case Errc::unrecognised: return QUELL_UNRECOGNISED;
    case Errc::damaged: return QUELL_DAMAGED;
    case Errc::unsupported: return QUELL_UNSUPPORTED;
    case Errc::refused: return QUELL_REFUSED;
    case Errc::io: return QUELL_IO;
  }
  return QUELL_INTERNAL;
}

tl::unexpected<Error> null_argument(std::string_view what) { return fail(Errc::usage, std::string(what) + " is NULL"); }

quell_code report(quell_error** out, quell_code code, std::string_view text) noexcept {
  if (out == nullptr) return code;
  try {
    // Words of the image and of the caller are in it: bytes that are no UTF-8, a NUL that would end it for C.
    *out = new quell_error{code, printable(text), {}, {}};
  } catch (const std::bad_alloc&) {
    *out = nullptr;
  }
  return code;
}

quell_code report(quell_error** out, const Error& error) noexcept {
  const quell_code code = report(out, code_of(error.code), error.message);
  if (out == nullptr || *out == nullptr) return code;
  try {
    (*out)->offset = error.offset;
    for (const Override one : error.lifted_by.list()) {
      if (!(*out)->accept.empty()) (*out)->accept += ' ';
      (*out)->accept += to_string(one);
    }
  } catch (const std::bad_alloc&) {
    // The text and the code are there.
  }
  return code;
}

}  // namespace quell::capi

quell_code quell_error_code(const quell_error* error) { return error == nullptr ? QUELL_OK : error->code; }

const char* quell_error_text(const quell_error* error) { return error == nullptr ? "" : error->text.c_str(); }

int quell_error_offset(const quell_error* error, uint64_t* offset) {
  if (error == nullptr || !error->offset) return 0;
  if (offset != nullptr) *offset = *error->offset;
  return 1;
}

const char* quell_error_accept(const quell_error* error) { return error == nullptr ? "" : error->accept.c_str(); }

void quell_error_free(quell_error* error) { delete error; }
