// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/confine.h"
#include "cli/overrides.h"
#include "quell/mapped_file.h"
#include "quell/survey/report.h"
#include "report/json.h"
#include "report/text.h"

namespace quell::cli {
namespace {

struct InspectOptions {
  std::vector<std::string> images;
  std::string fail_on;
};

Result<Report> inspect(const std::string& path, const Session& session, bool last) {
  QUELL_TRY(const MappedFile file, MappedFile::open(path));
  if (last) confine(session);
  Image image(path, file.view());
  return examine(image, Depth::structure, {}, session.verbosity > 0);
}

std::optional<Severity> severity_of(std::string_view name) {
  for (const Severity severity : {Severity::info, Severity::warning, Severity::error, Severity::critical}) {
    if (name == to_string(severity)) return severity;
  }
  return std::nullopt;
}

int run(const InspectOptions& options, const Session& session) {
  int status = done;
  const auto limit = severity_of(options.fail_on);
  const report::TextStyle style{session.use_color(), session.width(), session.verbosity, &option_of};
  std::vector<Report> reports;
  bool first = true;
  const bool alone = options.images.size() == 1;
  if (!alone) confine(session, {}, options.images);
  for (const std::string& path : options.images) {
    auto report = inspect(path, session, alone);
    if (!report) {
      status = std::max(status, complain(report.error(), path));
      continue;
    }
    if (limit && report->worst() >= limit) status = std::max<int>(status, verdict_bad);
    if (session.json) {
      reports.push_back(*std::move(report));
      continue;
    }
    print((first || session.verbosity < 0 ? "" : "\n") + report::to_text(*report, style));
    first = false;
  }
  if (session.json) print(report::to_json("inspect", reports));
  return status;
}

}  // namespace

void add_inspect(const Command& app, Session& session) {
  auto options = std::make_shared<InspectOptions>();
  const Command command = add_command(
      app, session, "inspect", "what is in a firmware image, and what can be done with it", "quell inspect dump.rom");
  command.option("IMAGE", options->images, "image files; - is standard input").required();
  command
      .option("--fail-on", options->fail_on,
              "end with status 1 when a finding is at least: info, warning, error, critical")
      .one_of({"info", "warning", "error", "critical"});
  command.callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
