// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/command.h"
#include "cli/confine.h"
#include "cli/output_folder.h"
#include "quell/mapped_file.h"
#include "quell/survey/report.h"
#include "report/extract_index.h"
#include "survey/extraction.h"

namespace quell::cli {
namespace {

struct ExtractOptions {
  std::string image;
  std::string folder;
  bool force = false;
};

// Everything is in place, or taken back, when this returns.
Result<std::vector<ExtractedFile>> write_folder(const Image& image, const ExtractOptions& options, std::string& index) {
  QUELL_TRY(OutputFolder folder, OutputFolder::create(options.folder));
  const auto write = [&folder](const std::string& path, Bytes bytes) { return folder.write(path, bytes); };
  QUELL_TRY(auto files, extract_pieces(image, write));
  index = report::extract_index(image, files);
  QUELL_CHECK(folder.write("index.json", as_bytes(index)));
  QUELL_CHECK(folder.publish(options.force));
  return files;
}

// What is wrong with the whole is wrong with its pieces.
void tell_damage(const Report& report) {
  for (const Finding& finding : report.findings) {
    if (finding.severity < Severity::error) continue;
    say(fmt::format("quell: {}: {}\n", printable(report.file), printable(finding.title)));
  }
}

Result<int> extract(const ExtractOptions& options, const Session& session) {
  QUELL_TRY(const MappedFile file, MappedFile::copy(options.image));
  confine(session, SandboxNeeds{.write_below = {OutputFolder::place_of(options.folder)}});
  Image image(options.image, file.view());
  QUELL_TRY(const Report report, examine(image, Depth::structure));
  std::string index;
  QUELL_TRY(const auto files, write_folder(image, options, index));
  const auto failures = std::ranges::count_if(files, [](const ExtractedFile& one) { return !one.error.empty(); });
  tell_damage(report);
  for (const ExtractedFile& one : files) {
    if (!one.error.empty()) say(fmt::format("quell: {}: not written: {}\n", one.artifact.path, one.error));
  }
  if (session.json) {
    print(index);
  } else if (session.verbosity >= 0) {
    std::string text;
    std::size_t written = 1;
    for (const ExtractedFile& one : files) {
      if (!one.error.empty() || one.artifact.path.empty()) continue;
      ++written;
      if (session.verbosity > 0) text += fmt::format("{:>10}  {}\n", one.size, one.artifact.path);
    }
    print(text + fmt::format("{} files in {}; index.json says what each is and where it was\n", written,
                             printable(options.folder)));
  }
  return failures == 0 ? done : verdict_bad;
}

}  // namespace

void add_extract(const Command& app, Session& session) {
  auto options = std::make_shared<ExtractOptions>();
  const Command command = add_command(app, session, "extract", "take an image apart into files, with an index",
                                      "quell extract dump.rom -d dump.parts", {.color = false});
  command.option("IMAGE", options->image, "image file; - is standard input").required();
  command.option("-d,--directory", options->folder, "folder for the files; made when it is not there").required();
  command.flag("--force", options->force, "replace files that are in the folder already");
  command.callback([options, &session] {
    const auto status = extract(*options, session);
    session.status = status ? *status : complain(status.error(), options->image);
  });
}

}  // namespace quell::cli
