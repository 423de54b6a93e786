// SPDX-License-Identifier: GPL-2.0-or-later
#include "survey/extraction.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/ascii.h"
#include "uefi/extract.h"

namespace quell {
namespace {

constexpr std::size_t most_parts = 8;
constexpr std::size_t longest_part = 80;

// Hands out paths so that no two are the same on a file system that ignores case, and none is a folder of another.
class Names {
 public:
  std::string take(std::string_view wanted) {
    std::string path = safe_path(wanted);
    while (below_a_file(path)) path[path.rfind('/')] = '_';
    if (claim(path)) return path;
    const std::size_t slash = path.rfind('/');
    const std::size_t dot = path.rfind('.');
    const bool has_suffix = dot != std::string::npos && (slash == std::string::npos || dot > slash);
    const std::string stem = has_suffix ? path.substr(0, dot) : path;
    const std::string suffix = has_suffix ? path.substr(dot) : std::string();
    std::uint64_t& next = next_[lower_case(path)];
    while (true) {
      next = std::max<std::uint64_t>(next + 1, 2);
      std::string candidate = fmt::format("{}-{}{}", stem, next, suffix);
      if (claim(candidate)) return candidate;
    }
  }

 private:
  // Every folder on the way to a path.
  static std::vector<std::string> parents(const std::string& path) {
    std::vector<std::string> out;
    for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
      out.push_back(lower_case(path.substr(0, at)));
    }
    return out;
  }

  [[nodiscard]] bool below_a_file(const std::string& path) const {
    return std::ranges::any_of(parents(path), [&](const std::string& parent) { return files_.contains(parent); });
  }

  bool claim(const std::string& path) {
    const std::string key = lower_case(path);
    if (folders_.contains(key) || !files_.insert(key).second) return false;
    for (std::string& parent : parents(path)) folders_.insert(std::move(parent));
    return true;
  }

  std::set<std::string> files_, folders_;
  std::map<std::string, std::uint64_t> next_;
};

Artifact artifact_of(uefi::Piece piece) {
  Artifact out{.path = std::move(piece.path), .kind = std::move(piece.kind), .attributes = std::move(piece.attributes)};
  if (!piece.stream) {
    out.range = piece.range;
    return out;
  }
  out.unpack = [stream = std::move(piece.stream), range = piece.range]() -> Result<Buffer> {
    const Bytes bytes = ByteView(*stream).clip(range).bytes();
    return Buffer(bytes.begin(), bytes.end());
  };
  return out;
}

void add_gap(std::vector<Artifact>& artifacts, const Image& image, Range range) {
  if (range.empty()) return;
  const ByteView bytes = image.bytes().clip(range);
  const std::byte first = bytes.bytes().front();
  Artifact gap{.kind = "gap", .range = range};
  if (bytes.filled_with(first)) {
    gap.kind = "blank";
    gap.attributes.set("fill", std::to_integer<std::uint64_t>(first), Show::hex);
  } else {
    gap.path = fmt::format("gaps/{:08x}.bin", range.offset);
  }
  artifacts.push_back(std::move(gap));
}

void add_gaps(std::vector<Artifact>& artifacts, const Image& image) {
  std::vector<Range> covered;
  for (const Artifact& artifact : artifacts) {
    if (artifact.range && !artifact.unpack) covered.push_back(*artifact.range);
  }
  std::ranges::sort(covered);
  std::uint64_t at = 0;
  for (const Range& range : covered) {
    add_gap(artifacts, image, Range::between(at, std::min(range.offset, image.bytes().size())));
    at = std::max(at, range.end());
  }
  add_gap(artifacts, image, Range::between(at, image.bytes().size()));
}

// Together the pieces can be far larger than the image, when a hostile directory names the same bytes again and again.
std::uint64_t most_output(const Image& image) {
  constexpr std::uint64_t times = 64;
  constexpr std::uint64_t least = std::uint64_t{256} << 20U;
  return std::max(least, image.bytes().size() * times);
}

// A row of a directory takes 16 bytes, and a file takes the system far longer.
std::uint64_t most_files(const Image& image) { return 2048 + image.bytes().size() / 1024; }

}  // namespace

std::string safe_path(std::string_view path) {
  std::string out;
  std::size_t parts = 0;
  while (!path.empty() && parts < most_parts) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    std::string part(path.substr(0, std::min(slash, longest_part)));
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty()) continue;
    for (char& c : part) {
      if (!is_plain_in_names(c)) c = '_';
    }
    if (part.front() == '.') part.front() = '_';
    out += (out.empty() ? "" : "/") + part;
    ++parts;
  }
  return out.empty() ? "unnamed" : out;
}

std::vector<Artifact> collect_artifacts(const Image& image) {
  const Examined examined(image);
  std::vector<Artifact> artifacts;
  for (const NamedRange& region : image.regions) {
    const Range range = region.range.intersection(image.bytes().range());
    if (range.empty()) continue;
    artifacts.push_back(
        {.path = fmt::format("regions/{:08x}-{}.bin", range.offset, region.name), .kind = "region", .range = range});
    artifacts.back().attributes.set("name", region.name);
  }
  for (const Engine* engine : engines()) {
    for (Artifact& artifact : engine->artifacts(examined)) {
      const bool inside = !artifact.range || image.bytes().has(artifact.range->offset, artifact.range->size);
      if (inside) artifacts.push_back(std::move(artifact));
    }
  }
  for (uefi::Piece& piece : uefi::pieces(image)) artifacts.push_back(artifact_of(std::move(piece)));
  add_gaps(artifacts, image);
  const Range body = image.what.body;
  if (!body.empty() && body != image.bytes().range() && image.what.type != FileKind::part) {
    artifacts.push_back({.path = "image.rom", .kind = "image", .range = body});  // what an updater's header wraps
  }
  Names names;
  static_cast<void>(names.take("index.json"));
  for (Artifact& artifact : artifacts) {
    if (artifact.kind != "blank") artifact.path = names.take(artifact.path);
  }
  return artifacts;
}

Result<Bytes> artifact_bytes(const Artifact& artifact, const Image& image, Buffer& storage) {
  if (artifact.unpack) {
    QUELL_TRY(storage, artifact.unpack());
    return Bytes(storage);
  }
  if (!artifact.range) return fail(Errc::unsupported, fmt::format("{} has no bytes", artifact.path));
  QUELL_TRY(const ByteView bytes, image.bytes().sub(*artifact.range));
  return bytes.bytes();
}

Result<std::vector<ExtractedFile>> extract_pieces(const Image& image, const PieceSink& sink) {
  std::vector<ExtractedFile> files;
  std::uint64_t total = 0;
  for (Artifact& artifact : collect_artifacts(image)) {
    ExtractedFile& file = files.emplace_back();
    file.artifact = std::move(artifact);
    if (file.artifact.path.empty()) continue;
    if (files.size() > most_files(image)) {
      return fail(Errc::refused,
                  fmt::format("the image claims more than {} pieces, which no sound one does; nothing was "
                              "extracted",
                              most_files(image)));
    }
    Buffer storage;
    const auto bytes = artifact_bytes(file.artifact, image, storage);
    if (!bytes) {
      file.error = bytes.error().message;
      continue;
    }
    total += bytes->size();
    if (total > most_output(image)) {
      return fail(Errc::refused,
                  fmt::format("the pieces would take more than {} MiB, which no sound image does; nothing "
                              "was extracted",
                              most_output(image) >> 20U));
    }
    file.size = bytes->size();
    file.sha256 = sha256(*bytes);
    QUELL_CHECK(sink(file.artifact.path, *bytes));
  }
  return files;
}

}  // namespace quell
