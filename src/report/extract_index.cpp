// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/extract_index.h"

#include "report/document_json.h"
#include "report/documents.h"

namespace quell::report {
namespace {

doc::Section section_of(const ExtractedFile& file) {
  const Artifact& artifact = file.artifact;
  const bool written = !artifact.path.empty() && file.error.empty();
  doc::Section out;
  out.field("path", written ? doc::Value(artifact.path) : doc::Value()).field("kind", artifact.kind);
  // Bytes as they stand in the image can be put back; unpacked ones cannot.
  out.field("stored", artifact.range.has_value() && !artifact.unpack);
  if (artifact.range) out.field("range", *artifact.range);
  if (written) out.field("size", {file.size, doc::As::size}).field("sha256", to_hex(file.sha256));
  if (!artifact.attributes.empty()) out.field("attributes", doc::fields_of(artifact.attributes));
  out.field_unless_empty("error", file.error);
  return out;
}

}  // namespace

doc::Document document_of(const Image& image, std::span<const ExtractedFile> files) {
  doc::Document out{"extract", {}};
  doc::Section about("image");
  about.field("file", image.name())
      .field("size", {std::uint64_t{image.bytes().size()}, doc::As::size})
      .field("sha256", to_hex(image.sha256()))
      .field("kind", image.what.kind)
      .field("title", image.what.title);
  out.body.add(std::move(about));
  doc::Sections artifacts{"artifacts", {}};
  for (const ExtractedFile& file : files) artifacts.sections.push_back(section_of(file));
  out.body.add(std::move(artifacts));
  return out;
}

std::string extract_index(const Image& image, const std::vector<ExtractedFile>& files) {
  return to_json(document_of(image, files));
}

}  // namespace quell::report
