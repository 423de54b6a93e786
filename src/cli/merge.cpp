// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/merge.h"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "base/signals.h"
#include "base/words.h"
#include "cli/confine.h"
#include "model/document.h"
#include "report/document_json.h"
#include "report/document_text.h"

namespace quell::cli {
namespace {

struct MergeOptions {
  std::vector<std::string> files;
  std::string sqlite;
  std::string postgres;
};

std::string title_of(const store::BadLine& line) {
  return line.torn ? fmt::format("line {} stops in the middle, as when a scan is killed: passed over", line.number)
                   : fmt::format("line {}: {}: passed over", line.number, line.reason);
}

doc::Section section_of(const store::MergedFile& file) {
  doc::Section out;
  out.field("file", file.name).field("images", file.images).field("files", file.files);
  out.field("bad_lines", file.bad_count).field("cut_short", file.cut_short || !file.damage.empty());
  out.show(doc::Line{{{fmt::format("{}: {}, {}", file.name, count_text(file.images, "image"),
                                   count_text(file.files, "file"))}}},
           0);
  doc::Table lines{.key = "lines"};
  lines.columns = {{"line"}, {"reason"}, {"torn"}};
  for (const store::BadLine& line : file.bad_lines) {
    lines.rows.push_back({{doc::Value(line.number), doc::Value(line.reason), doc::Value(line.torn)}});
  }
  out.data(std::move(lines));
  return out;
}

// What is not in the database although it stood in the files: a message each.
void tell_losses(const store::MergedFile& file) {
  for (const store::BadLine& line : file.bad_lines) say(fmt::format("quell: {}: {}\n", file.name, title_of(line)));
  const auto told = static_cast<std::uint64_t>(
      std::ranges::count_if(file.bad_lines, [](const store::BadLine& line) { return !line.torn; }));
  if (file.bad_count > told) {
    say(fmt::format("quell: {}: {} more are no records: passed over\n", file.name,
                    count_text(file.bad_count - told, "line")));
  }
  if (file.cut_short) {
    say(fmt::format("quell: {}: the packed data stops early, as when a scan is killed; all whole lines were taken\n",
                    file.name));
  }
  if (!file.damage.empty()) say(fmt::format("quell: {}\n", file.damage));
}

doc::Document document_of(const std::string& database, const store::Merged& merged) {
  doc::Document out{"merge", {}};
  out.body.field("database", database)
      .field("images_new", merged.counts.images_new)
      .field("images_replaced", merged.counts.images_replaced)
      .field("files_new", merged.counts.files_new);
  doc::Sections files{.key = "files"};
  for (const store::MergedFile& file : merged.files) files.sections.push_back(section_of(file));
  out.body.add(std::move(files));
  std::string what = fmt::format("{}: {} and {} are new", database, count_text(merged.counts.images_new, "image"),
                                 count_text(merged.counts.files_new, "file"));
  if (merged.counts.images_replaced > 0) {
    what += fmt::format(", {} took the place of a failure", count_text(merged.counts.images_replaced, "image"));
  }
  out.body.show(doc::Line{{{std::move(what)}}});
  out.body.items.back().from = -1;
  return out;
}

// Opens the database and gives up everything that the merge does not need.
Result<std::unique_ptr<store::Store>> open_store(const MergeOptions& options, const Session& session) {
  if (!options.postgres.empty()) {
    QUELL_TRY(auto opened, store::open_postgres_store(options.postgres));
    SandboxNeeds needs;
    needs.connected = true;
    for (const std::string& file : options.files) {
      if (file != "-") needs.read.emplace_back(file);
    }
    confine(session, needs);
    return opened;
  }
  confine(session, {options.sqlite}, options.files);
  return store::open_sqlite_store(options.sqlite);
}

int merge_files(const MergeOptions& options, const Session& session) {
  // A server takes back by itself what is not committed; a file must be left as it was.
  std::optional<SignalsHeld> held;
  store::MergeSettings settings{.stopped = [] { return false; }};
  if (options.postgres.empty()) {
    held.emplace();
    settings.stopped = &SignalsHeld::waiting;
  }
  const bool shows = session.verbosity >= 0 && !session.json && ::isatty(STDERR_FILENO) == 1;
  if (shows) settings.report = [](std::uint64_t lines) { steer(fmt::format("\r{} lines\x1B[K", lines)); };
  const bool there = !options.postgres.empty() || ::access(options.sqlite.c_str(), F_OK) == 0;
  auto opened = open_store(options, session);
  if (!opened) return complain(opened.error());
  const std::string name = (*opened)->name();
  const auto merged = store::merge(options.files, **opened, settings);
  opened->reset();
  if (shows) steer("\r\x1B[K");
  if (!merged) {
    const char* left = there ? "; the database is as it was" : "";
    return complain({merged.error().code, merged.error().message + left});
  }
  for (const store::MergedFile& file : merged->files) tell_losses(file);
  const doc::Document document = document_of(name, *merged);
  print(session.json ? report::to_json(document)
                     : report::to_text(document.body, {session.use_color(), session.width(), session.verbosity}));
  return merged->complete() ? done : verdict_bad;
}

int run(const MergeOptions& options, const Session& session) {
  if (options.sqlite.empty() && options.postgres.empty()) {
    return complain({Errc::usage, "say where to: --sqlite FILE or --postgres URI"});
  }
  return merge_files(options, session);
}

}  // namespace

void add_merge(const Command& app, Session& session) {
  auto options = std::make_shared<MergeOptions>();
  const Command command = add_command(
      app, session, "merge", "put the records of scans into a database",
      "quell merge shard-*.ndjson.zst --sqlite fleet.db\n"
      "  quell merge records.ndjson --postgres postgresql:///fleet\n\n"
      "Records that the database has already change nothing: merge again whenever there is more, in any order. All of\n"
      "a merge is there afterwards, or nothing. Give PostgreSQL's password in ~/.pgpass or PGPASSWORD.\n"
      "Exit status: 0 every line is in the database, 1 lines that are no records were passed over (each is told), 3 a\n"
      "file or the database is of another kind, 5 it could not be read or written.");
  command.option("FILE", options->files, "what `quell scan` wrote, packed or not; - is standard input").required();
  const Option sqlite = command.option("--sqlite", options->sqlite, "the database, made where it is not there yet");
  command.option("--postgres", options->postgres, "postgresql://USER@HOST/DATABASE; its tables are in the schema quell")
      .excludes(sqlite);
  command.callback([options, &session] { session.status = run(*options, session); });
}

}  // namespace quell::cli
