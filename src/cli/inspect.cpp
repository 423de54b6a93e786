// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/confine.h"
#include "cli/fail_on.h"
#include "cli/overrides.h"
#include "quell/mapped_file.h"
#include "quell/survey/report.h"
#include "report/json_stream.h"
#include "report/text.h"

namespace quell::cli {
namespace {

struct InspectOptions {
  std::vector<std::string> images;
  std::string fail_on;
  bool lines = false;
};

Result<Report> inspect(const std::string& path, const Session& session, bool last) {
  QUELL_TRY(const MappedFile file, MappedFile::open(path));
  if (last) confine(session);
  Image image(path, file.view());
  return examine(image, Depth::structure, {}, session.verbosity > 0);
}

// Prints each file as soon as it was looked at.
class Printer {
 public:
  Printer(const InspectOptions& options, const Session& session)
      : lines_(options.lines),
        json_(session.json),
        quiet_(session.verbosity < 0),
        style_{session.use_color(), session.width(), session.verbosity, &option_of} {}

  void add(const report::InspectedFile& file) {
    if (lines_) return print(report::to_line(command, file, &option_of));
    if (json_) return print(stream_.entry(file));
    const auto* report = std::get_if<Report>(&file);
    if (report == nullptr) return;
    print((first_ || quiet_ ? "" : "\n") + report::to_text(*report, style_));
    first_ = false;
  }
  void end() {
    if (json_ && !lines_) print(stream_.end());
  }

 private:
  static constexpr std::string_view command = "inspect";

  bool lines_;
  bool json_;
  bool quiet_;
  report::TextStyle style_;
  report::JsonStream stream_{command, &option_of};
  bool first_ = true;
};

int run(const InspectOptions& options, const Session& session) {
  int status = done;
  const auto limit = severity_of(options.fail_on);
  Printer printer(options, session);
  const bool alone = options.images.size() == 1;
  if (!alone) confine(session, {}, options.images);
  for (const std::string& path : options.images) {
    auto report = inspect(path, session, alone);
    if (!report) {
      status = std::max(status, complain(report.error(), path));
      printer.add(report::UnreadFile{path, std::move(report).error()});
      continue;
    }
    if (limit && report->worst() >= limit) status = std::max<int>(status, verdict_bad);
    printer.add(*std::move(report));
  }
  printer.end();
  return status;
}

}  // namespace

void add_inspect(const Command& app, Session& session) {
  auto options = std::make_shared<InspectOptions>();
  const Command command =
      add_command(app, session, "inspect", "what is in a firmware image, and what can be done with it",
                  "quell inspect dump.rom", {.more = Prints::More::twice});
  command.option("IMAGE", options->images, "image files; - is standard input").required();
  command.flag("--ndjson", options->lines,
               "print one JSON document a file (schema quell/2), each on a line of its own");
  add_fail_on(command, options->fail_on);
  command.callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
