// SPDX-License-Identifier: GPL-2.0-or-later
// What `extract` writes: every engine's artifacts and the flash regions, under names that are safe and unique, so that
// the pieces that lie in the image cover all of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "quell/engine.h"
#include "quell/image.h"

namespace quell {

// A relative path made of parts of [A-Za-z0-9._-] that neither begin with a dot nor are empty, joined by '/': at most
// 8 parts of 80 characters. Whatever else the given path holds becomes '_'.
std::string safe_path(std::string_view path);

// Artifacts of kind "region" from the image's regions, then every engine's, then what none of them covers: "gap" for
// bytes, "blank" (with the attribute "fill" and no path) where every byte is the same. Paths are safe and unique,
// without regard to case. The image must have been recognised.
std::vector<Artifact> collect_artifacts(const Image& image);

// The bytes of an artifact: unpacked, or a view of its range in the image. `storage` keeps what had to be made.
Result<Bytes> artifact_bytes(const Artifact& artifact, const Image& image, Buffer& storage);

// One line of the index: what became of an artifact.
struct ExtractedFile {
  Artifact artifact{};
  std::uint64_t size = 0;
  Sha256 sha256{};
  std::string error{};  // why there is no file; else empty
};

// Takes the bytes of one piece; its failure ends the extraction.
using PieceSink = std::function<Result<void>(const std::string& path, Bytes bytes)>;

// Hands every artifact of the image that has a path to `sink` and lists all of them. One that cannot be unpacked has
// its reason in the list. Errc::refused where the image claims more or larger pieces than a sound one has. The image
// must have been recognised.
Result<std::vector<ExtractedFile>> extract_pieces(const Image& image, const PieceSink& sink);

}  // namespace quell
