// SPDX-License-Identifier: GPL-2.0-or-later
// quell.h: the engines of a machine.
#include <memory>

#include "capi/handles.h"
#include "host/tar.h"
#include "quell/survey/status.h"
#include "report/status.h"

namespace {

using quell::Result;
using quell::capi::give;
using quell::capi::null_argument;

Result<quell_buffer> status_of(const quell::host::Root& root) {
  return quell_buffer{.text = quell::report::to_json(quell::collect_status(root, {}))};
}

}  // namespace

quell_code quell_status(const char* root, quell_buffer** document, quell_error** error) {
  return give(document, error, [&]() -> Result<quell_buffer> {
    if (root == nullptr) return status_of(*quell::host::live_root());
    // A file of the name "-" is a file here.
    const std::string_view name = root;
    QUELL_TRY(const auto captured, quell::host::open_root(name == "-" ? "./-" : name));
    return status_of(*captured);
  });
}

quell_code quell_status_bytes(const void* archive, size_t size, quell_buffer** document, quell_error** error) {
  return give(document, error, [&]() -> Result<quell_buffer> {
    if (archive == nullptr) return null_argument("the place of the bytes");
    const quell::ByteView bytes(quell::Bytes(static_cast<const std::byte*>(archive), size));
    QUELL_TRY(const auto captured, quell::host::archive_root(bytes));
    return status_of(*captured);
  });
}
