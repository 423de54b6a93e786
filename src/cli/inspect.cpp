// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include "cli/command.h"
#include "quell/mapped_file.h"
#include "quell/report.h"
#include "quell/report/json.h"

namespace quell::cli {
namespace {

struct InspectOptions {
  std::vector<std::string> images;
};

Result<Report> inspect(const std::string& path) {
  QUELL_TRY(const MappedFile file, MappedFile::open(path));
  Image image(path, file.view());
  return examine(image, Depth::structure);
}

int run(const InspectOptions& options, const Session& /*session*/) {
  int status = done;
  std::vector<Report> reports;
  for (const std::string& path : options.images) {
    auto report = inspect(path);
    if (report) {
      reports.push_back(*std::move(report));
    } else {
      status = complain(report.error(), path);
    }
  }
  if (!reports.empty()) print(report::to_json("inspect", reports));
  return status;
}

}  // namespace

void add_inspect(CLI::App& app, Session& session) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command = add_command(app, session, "inspect", "what is in a firmware image, and what can be done with it",
                                  "quell inspect dump.rom");
  command->add_option("IMAGE", options->images, "image files; - is standard input")->required();
  command->callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
