// SPDX-License-Identifier: GPL-2.0-or-later
#include <memory>

#include "cli/command.h"
#include "cli/outputs.h"
#include "quell/mapped_file.h"
#include "quell/survey/report.h"
#include "report/cyclonedx.h"
#include "report/report_markdown.h"

namespace quell::cli {
namespace {

struct ReportOptions {
  std::string image;
  std::string output;
  std::string format;
};

int deliver(const std::string& text, const ReportOptions& options) {
  if (options.output.empty() || options.output == "-") {
    print(text);
    return done;
  }
  Outputs outputs;
  outputs.protect_input(options.image);
  const Bytes bytes = as_bytes(text);
  if (const auto added = outputs.add(options.output, Buffer(bytes.begin(), bytes.end())); !added)
    return complain(added.error(), options.output);
  if (const auto written = outputs.write(); !written) return complain(written.error(), options.output);
  return done;
}

int run(const ReportOptions& options) {
  const auto file = MappedFile::open(options.image);
  if (!file) return complain(file.error(), options.image);
  Image image(options.image, file->view());
  const auto examined = examine(image, Depth::structure);
  if (!examined) return complain(examined.error(), options.image);
  const bool bill = options.format == "cyclonedx";
  return deliver(bill ? report::to_cyclonedx(*examined, file->view()) : report::to_markdown(*examined), options);
}

}  // namespace

void add_report(const Command& app, Session& session) {
  auto options = std::make_shared<ReportOptions>();
  const Command command = add_command(
      app, session, "report", "an image as a page or as a bill of materials (SBOM)",
      "quell report dump.rom --format cyclonedx -o dump.cdx.json    CycloneDX 1.6: engines, parts, advisories\n"
      "  quell report dump.rom --format markdown                       a page for a ticket or a wiki\n\n"
      "Exit status: 0 done, 3 the file is not recognised, 5 it cannot be read or the output not written.",
      false);
  command.option("IMAGE", options->image, "the image file; - is standard input").required();
  command.option("-o,--output", options->output, "where to write it; standard output when left out");
  command.option("--format", options->format, "what to write").required().one_of({"cyclonedx", "markdown"});
  command.callback([options, &session] { session.status = run(*options); });
}

}  // namespace quell::cli
