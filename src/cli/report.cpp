// SPDX-License-Identifier: GPL-2.0-or-later
#include <filesystem>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/confine.h"
#include "cli/outputs.h"
#include "cli/overrides.h"
#include "quell/mapped_file.h"
#include "quell/survey/report.h"
#include "report/built_in.h"
#include "report/cyclonedx.h"
#include "report/page/page.h"
#include "report/report_markdown.h"

namespace quell::cli {
namespace {

struct ReportOptions {
  std::string image;
  std::string before;
  std::string root;
  std::string output;
  std::string format = "html";
  bool this_machine = false;
  bool identifiers = false;

  [[nodiscard]] bool of_machine() const { return this_machine || !root.empty(); }
};

int deliver(const std::string& text, const ReportOptions& options) {
  if (options.output.empty() || options.output == "-") {
    print(text);
    return done;
  }
  Outputs outputs;
  for (const std::string* input : {&options.image, &options.before}) {
    if (!input->empty()) outputs.protect_input(*input);
  }
  const Bytes bytes = as_bytes(text);
  if (const auto added = outputs.add(options.output, Buffer(bytes.begin(), bytes.end())); !added)
    return complain(added.error(), options.output);
  if (const auto written = outputs.write(); !written) return complain(written.error(), options.output);
  return done;
}

// The name that a report calls a file: no folder of it, which is nobody's business.
std::string shown_name(const std::string& path) {
  return path == "-" ? "standard input" : std::filesystem::path(path).filename().string();
}

Result<report::PageImage> look(const std::string& path, ByteView bytes, Depth depth) {
  Image image(shown_name(path), bytes);
  QUELL_TRY(auto report, examine(image, depth));
  report::PageImage out{{.file = report.file}, bytes};
  if (depth == Depth::everything) out.checked.items = check_items(report);
  out.checked.report = std::move(report);
  return out;
}

report::PageStyle style_of(const ReportOptions& options) {
  return {&option_of, report::built_in().tables, options.identifiers};
}

std::string worded(const report::Page& page, const ReportOptions& options) {
  return options.format == "json" ? page.document : report::to_html(page);
}

int report_image(const ReportOptions& options, const Session& session) {
  const auto file = MappedFile::open(options.image);
  if (!file) return complain(file.error(), options.image);
  std::optional<MappedFile> earlier;
  if (!options.before.empty()) {
    auto opened = MappedFile::open(options.before);
    if (!opened) return complain(opened.error(), options.before);
    earlier = *std::move(opened);
  }
  confine(session, {options.output}, {options.image, options.before});
  const bool bill = options.format == "cyclonedx";
  const auto image = look(options.image, file->view(), bill ? Depth::structure : Depth::everything);
  if (!image) return complain(image.error(), options.image);
  if (bill) return deliver(report::to_cyclonedx(*image->checked.report, file->view()), options);
  if (options.format == "markdown") return deliver(report::to_markdown(image->checked), options);
  const report::PageStyle style = style_of(options);
  if (!earlier) return deliver(worded(report::page_of(*image, nullptr, style), options), options);
  const auto before = look(options.before, earlier->view(), Depth::everything);
  if (!before) return complain(before.error(), options.before);
  return deliver(worded(report::page_of(*image, &*before, style), options), options);
}

int report_machine(const ReportOptions& options, const Session& session) {
  const bool captured = !options.root.empty();
  auto root = captured ? host::open_root(options.root) : Result<std::unique_ptr<host::Root>>(host::live_root());
  if (!root) return complain(root.error(), options.root);
  if (captured) {
    confine(session, {options.output}, {options.root});
  } else {
    SandboxNeeds files;
    if (!options.output.empty() && options.output != "-") files.write_files.emplace_back(options.output);
    confine_live(session, std::move(files));
  }
  const HostStatus status = collect_status(**root, {});
  if (options.format == "markdown") return deliver(report::to_markdown(status), options);
  return deliver(worded(report::page_of(status, style_of(options)), options), options);
}

int run(const ReportOptions& options, const Session& session) {
  if (options.of_machine() == !options.image.empty())
    return complain(Error{Errc::usage, "name an image, or --this-machine, or --root; one of them", {}});
  if (!options.of_machine()) return report_image(options, session);
  if (options.format == "cyclonedx" || !options.before.empty() || options.identifiers)
    return complain(Error{Errc::usage, "a machine has a report in html, markdown or json, alone", {}});
  return report_machine(options, session);
}

}  // namespace

void add_report(const Command& app, Session& session) {
  auto options = std::make_shared<ReportOptions>();
  const Command command = add_command(
      app, session, "report", "an image or a machine as a page to look at, for a forum post or as a bill of materials",
      "quell report dump.rom -o dump.html                            one page with everything in it: map, tree, "
      "findings\n"
      "  quell report quiet.rom --before dump.rom -o changes.html      the same, and what changed\n"
      "  quell report dump.rom --format markdown                       for a forum post, a ticket or a wiki\n"
      "  quell report dump.rom --format cyclonedx -o dump.cdx.json     CycloneDX 1.6: engines, parts, advisories\n"
      "  quell report --this-machine -o machine.html                   what `quell status` knows, as a page\n\n"
      "The page asks for nothing and sends nothing. It names no folder, and masks MAC addresses and serial numbers.\n"
      "Exit status: 0 done, 3 the file is not recognised, 5 it cannot be read or the output not written.",
      no_choice);
  command.option("IMAGE", options->image, "the image file; - is standard input");
  command.option("-o,--output", options->output, "where to write it; standard output when left out");
  command.option("--format", options->format, "what to write")
      .one_of({"html", "markdown", "json", "cyclonedx"})
      .shows_default();
  command.option("--before", options->before, "an earlier image: the page tells what changed since");
  command.flag("--identifiers", options->identifiers,
               "MAC addresses and serial numbers in full, and the bytes that hold them");
  const Option machine =
      command.flag("--this-machine", options->this_machine, "the machine that this runs on instead of an image");
  command.option("--root", options->root, "a captured machine: folder, or tar of `quell capture`").excludes(machine);
  command.callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
