// SPDX-License-Identifier: GPL-2.0-or-later
// quell.h: an image taken apart.
#include <fmt/format.h>

#include "capi/handles.h"
#include "quell/survey/report.h"
#include "report/extract_index.h"
#include "survey/extraction.h"

namespace {

using quell::Errc;
using quell::fail;
using quell::Image;
using quell::Result;
using quell::capi::give;
using quell::capi::null_argument;

// Nothing is kept of what has to be unpacked but how: all of it together can be far larger than the image.
Result<quell_pieces> take_apart(const quell_image& handle) {
  Image image(handle.name, handle.view());
  QUELL_CHECK(examine(image, quell::Depth::structure));
  QUELL_TRY(auto files, extract_pieces(image, [](const std::string&, quell::Bytes) { return Result<void>(); }));
  quell_pieces out{.content = handle.content};
  out.document = quell::report::extract_index(image, files);
  for (auto& file : files) {
    if (file.artifact.path.empty() || !file.error.empty()) continue;
    std::string path = file.artifact.path;
    out.by_path.emplace(std::move(path), std::move(file.artifact));
  }
  return out;
}

}  // namespace

quell_code quell_extract(const quell_image* image, quell_pieces** pieces, quell_error** error) {
  return give(pieces, error, [&]() -> Result<quell_pieces> {
    if (image == nullptr) return null_argument("the image");
    return take_apart(*image);
  });
}

quell_code quell_pieces_document(const quell_pieces* pieces, quell_buffer** document, quell_error** error) {
  return give(document, error, [&]() -> Result<quell_buffer> {
    if (pieces == nullptr) return null_argument("the thing taken apart");
    return quell_buffer{.text = pieces->document};
  });
}

quell_code quell_pieces_bytes(const quell_pieces* pieces, const char* path, quell_buffer** bytes, quell_error** error) {
  return give(bytes, error, [&]() -> Result<quell_buffer> {
    if (pieces == nullptr) return null_argument("the thing taken apart");
    if (path == nullptr) return null_argument("the path");
    const auto found = pieces->by_path.find(std::string_view(path));
    if (found == pieces->by_path.end()) return fail(Errc::usage, fmt::format("no piece has the path \"{}\"", path));
    const Image image("image", pieces->content->view());
    quell::Buffer storage;
    QUELL_TRY(const auto piece, artifact_bytes(found->second, image, storage));
    if (!storage.empty()) return quell_buffer{.bytes = std::move(storage)};
    return quell_buffer{.bytes = quell::Buffer(piece.begin(), piece.end())};
  });
}

void quell_pieces_free(quell_pieces* pieces) { delete pieces; }
