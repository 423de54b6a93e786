// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/extract_index.h"

#include "report/json_values.h"

namespace quell::report {

std::string extract_index(const Image& image, const std::vector<ExtractedFile>& files) {
  Json out = document("extract");
  out["image"] = {{"file", image.name()},
                  {"size", image.bytes().size()},
                  {"sha256", to_hex(image.sha256())},
                  {"kind", image.what.kind},
                  {"title", image.what.title}};
  Json list = Json::array();
  for (const ExtractedFile& file : files) {
    const Artifact& artifact = file.artifact;
    Json item;
    item["path"] = artifact.path.empty() || !file.error.empty() ? Json(nullptr) : Json(artifact.path);
    item["kind"] = artifact.kind;
    // Bytes as they stand in the image can be put back; unpacked ones cannot.
    item["stored"] = artifact.range.has_value() && !artifact.unpack;
    if (artifact.range) item["range"] = json_of(*artifact.range);
    if (!artifact.path.empty() && file.error.empty()) {
      item["size"] = file.size;
      item["sha256"] = to_hex(file.sha256);
    }
    if (!artifact.attributes.empty()) item["attributes"] = json_of(artifact.attributes);
    if (!file.error.empty()) item["error"] = file.error;
    list.push_back(std::move(item));
  }
  out["artifacts"] = std::move(list);
  return dump(out);
}

}  // namespace quell::report
