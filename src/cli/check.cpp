// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/confine.h"
#include "quell/mapped_file.h"
#include "report/check.h"

namespace quell::cli {
namespace {

// A file that stays mapped, because further reads are compared with it.
struct Read {
  report::CheckedFile checked{};
  std::optional<MappedFile> file{};
};

Read check_file(const std::string& path, const Session& session, bool alone) {
  Read read;
  read.checked.file = path;
  auto file = MappedFile::open(path);
  if (!file) {
    read.checked.failure = std::move(file).error();
    return read;
  }
  read.file = *std::move(file);
  if (alone) confine(session);
  Image image(path, read.file->view());
  auto report = examine(image, Depth::everything);
  if (!report) {
    read.checked.failure = std::move(report).error();
    return read;
  }
  read.checked.report = *std::move(report);
  read.checked.items = check_items(*read.checked.report);
  return read;
}

// Every further read against the first one that could be checked.
std::vector<report::ReadDifference> compare_reads(const std::vector<Read>& reads) {
  const auto first = std::ranges::find_if(reads, [](const Read& read) { return read.checked.report.has_value(); });
  std::vector<report::ReadDifference> out;
  if (first == reads.end()) return out;
  for (auto other = std::next(first); other != reads.end(); ++other) {
    if (!other->file) continue;
    const ByteView a = first->file->view();
    const ByteView b = other->file->view();
    out.push_back(
        {first->checked.file, other->checked.file, a.size(), b.size(), compare_regions(*first->checked.report, a, b)});
  }
  return out;
}

int status_of_read(const Read& read) {
  if (read.checked.failure) return status_of(read.checked.failure->code);
  return sound(read.checked.items) ? done : verdict_bad;
}

int run(const std::vector<std::string>& paths, const Session& session) {
  const report::TextStyle style{session.use_color(), session.width(), session.verbosity};
  std::vector<Read> reads;
  int status = done;
  const bool alone = paths.size() == 1;
  if (!alone) confine(session, {}, paths);
  for (const std::string& path : paths) {
    reads.push_back(check_file(path, session, alone));
    const Read& read = reads.back();
    status = std::max(status, status_of_read(read));
    if (read.checked.failure) complain(*read.checked.failure, path);
    if (session.json || (read.checked.failure && session.verbosity >= 0)) continue;
    print((reads.size() == 1 || session.verbosity < 0 ? "" : "\n") + report::to_text(read.checked, style));
  }
  const auto differences = compare_reads(reads);
  if (!std::ranges::all_of(differences, &report::ReadDifference::agree)) status = std::max<int>(status, verdict_bad);
  if (session.json) {
    std::vector<report::CheckedFile> files;
    files.reserve(reads.size());
    for (Read& read : reads) files.push_back(std::move(read.checked));
    print(report::check_json(files, differences));
  } else if (!differences.empty()) {
    print((session.verbosity < 0 ? "" : "\n") + report::to_text(differences, style));
  }
  return status;
}

}  // namespace

void add_check(const Command& app, Session& session) {
  auto paths = std::make_shared<std::vector<std::string>>();
  const Command command =
      add_command(app, session, "check", "is this dump sound? several files: do reads of the same chip agree?",
                  "quell check read1.rom read2.rom");
  command.option("IMAGE", *paths, "image files; - is standard input").required();
  command.callback([paths, &session] { session.status = run(*paths, session); });
}

}  // namespace quell::cli
