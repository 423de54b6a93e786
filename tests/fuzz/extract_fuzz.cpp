// SPDX-License-Identifier: GPL-2.0-or-later
// `quell extract` gets images of any origin, and names in them become names of files.
#include <cstdint>
#include <set>
#include <span>

#include "quell/survey/recognise.h"
#include "report/extract_index.h"
#include "survey/extraction.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quell;
  const Bytes bytes = std::as_bytes(std::span(data, size));
  const std::string as_name(reinterpret_cast<const char*>(data), size);  // NOLINT
  if (safe_path(safe_path(as_name)) != safe_path(as_name)) __builtin_trap();
  Image image("fuzz", ByteView(bytes));
  recognise(image);
  std::set<std::string> paths;
  std::vector<ExtractedFile> files;
  std::uint64_t budget = std::uint64_t{8} << 20U;
  for (const Artifact& artifact : collect_artifacts(image)) {
    files.push_back({.artifact = artifact});
    if (artifact.path.empty()) continue;
    if (!paths.insert(artifact.path).second || safe_path(artifact.path) != artifact.path) __builtin_trap();
    Buffer storage;
    const auto piece = artifact_bytes(artifact, image, storage);
    if (!piece || piece->size() > budget) break;
    budget -= piece->size();
    files.back().size = piece->size();
  }
  static_cast<void>(report::extract_index(image, files));
  return 0;
}
