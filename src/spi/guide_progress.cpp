// SPDX-License-Identifier: GPL-2.0-or-later
#include "spi/guide_progress.h"

#include "base/atomic_file.h"
#include "spi/json_fields.h"
#include "spi/vault.h"

namespace quell::spi {
namespace {

constexpr const char* file_name = "guide.json";

}  // namespace

std::string to_json(const GuideProgress& progress) {
  return to_text(Json{{"programmer", progress.programmer},
                      {"chip", progress.chip},
                      {"backup", progress.backup},
                      {"target", progress.target},
                      {"wired", progress.wired}});
}

GuideProgress parse_guide_progress(std::string_view json) {
  const Json document = parse_object(json);
  GuideProgress progress;
  progress.programmer = text_field(document, "programmer");
  progress.chip = text_field(document, "chip");
  progress.backup = text_field(document, "backup");
  progress.target = text_field(document, "target");
  progress.wired = true_field(document, "wired");
  return progress;
}

GuideProgress load_guide_progress(const std::filesystem::path& vault) {
  return parse_guide_progress(file_text(vault / file_name));
}

Result<void> save_guide_progress(const std::filesystem::path& vault, const GuideProgress& progress) {
  return write_file((vault / file_name).string(), as_bytes(to_json(progress)));
}

void forget_guide_progress(const std::filesystem::path& vault) {
  std::error_code problem;
  std::filesystem::remove(vault / file_name, problem);
}

}  // namespace quell::spi
