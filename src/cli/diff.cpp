// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include "cli/command.h"
#include "cli/confine.h"
#include "quell/mapped_file.h"
#include "report/diff.h"

namespace quell::cli {
namespace {

struct DiffOptions {
  std::string before;
  std::string after;
};

// What is known of the file; a file that nothing knows can be compared all the same.
Report look(const std::string& path, ByteView bytes) {
  Image image(path, bytes);
  auto report = examine(image, Depth::structure);
  if (report) return *std::move(report);
  Report plain{.file = path, .size = bytes.size(), .sha256 = image.sha256(), .what = image.what};
  plain.layout = {"image", path, bytes.range()};
  return plain;
}

int run(const DiffOptions& options, const Session& session) {
  const auto before = MappedFile::open(options.before);
  if (!before) return complain(before.error(), options.before);
  const auto after = MappedFile::open(options.after);
  if (!after) return complain(after.error(), options.after);
  confine(session);
  const Report before_report = look(options.before, before->view());
  const Report after_report = look(options.after, after->view());
  const Comparison comparison = compare(before_report, before->view(), after_report, after->view());
  const report::TextStyle style{session.use_color(), session.width(), session.verbosity};
  print(session.json ? report::diff_json(before_report, after_report, comparison)
                     : report::diff_text(before_report, after_report, comparison, style));
  return comparison.same ? done : verdict_bad;
}

}  // namespace

void add_diff(const Command& app, Session& session) {
  auto options = std::make_shared<DiffOptions>();
  const Command command =
      add_command(app, session, "diff", "what differs, told by region, partition, module, strap and bit",
                  "quell diff dump.rom clean.rom\n\nExit status: 0 the same, 1 different.");
  command.option("BEFORE", options->before, "the first image").required();
  command.option("AFTER", options->after, "the second image").required();
  command.callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
