// SPDX-License-Identifier: GPL-2.0-or-later
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "cli/confine.h"
#include "cli/print_rows.h"
#include "store/query.h"

namespace quell::cli {
namespace {

struct QueryOptions {
  std::string database;
  std::string asked;
  std::string format = "table";
  bool list = false;
};

RowFormat format_of(const QueryOptions& options, const Session& session) {
  if (session.json) return RowFormat::json;
  return options.format == "csv" ? RowFormat::csv : RowFormat::table;
}

// All of standard input.
Result<std::string> read_sql() {
  constexpr std::size_t most = std::size_t{1} << 20U;
  std::string out;
  std::string block(std::size_t{4096}, '\0');
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(Errc::io, fmt::format("standard input: {}", std::strerror(errno)));
    if (count == 0) return out;
    out.append(block, 0, static_cast<std::size_t>(count));
    if (out.size() > most) return fail(Errc::usage, "standard input: the SQL is too long");
  }
}

Result<Asked> asked_of(const QueryOptions& options) {
  if (options.asked == "-") {
    QUELL_TRY(std::string sql, read_sql());
    return Asked{{}, std::move(sql)};
  }
  if (const store::Question* question = store::find_question(options.asked)) {
    return Asked{options.asked, std::string(question->sql)};
  }
  // SQL has more than one word.
  if (options.asked.find_first_of(" \t\n") != std::string::npos) return Asked{{}, options.asked};
  return fail(Errc::usage,
              fmt::format("\"{}\" is no question: `quell query --list` has them all; SQL is one argument, in quotation "
                          "marks",
                          options.asked));
}

// Opens the database and gives up everything else.
Result<std::unique_ptr<store::Database>> open_database(const std::string& name, const Session& session) {
  if (name.find("://") != std::string::npos) {
    QUELL_TRY(auto database, store::open_postgres_database(name));
    SandboxNeeds needs;
    needs.connected = true;
    confine(session, needs);
    return database;
  }
  confine(session, {}, {name, name + "-journal", name + "-wal"});
  return store::open_sqlite_database(name);
}

// In one line: a message has no other.
std::string usage_text() {
  std::vector<std::string_view> names;
  for (const store::Question& question : store::questions()) names.push_back(question.name);
  return fmt::format("name a database, and SQL or a question: {} (`quell query --list` says what each asks)",
                     fmt::join(names, ", "));
}

int run(const QueryOptions& options, const Session& session) {
  const RowFormat format = format_of(options, session);
  if (options.list) {
    print_questions(format, session);
    return done;
  }
  if (options.asked.empty()) return complain({Errc::usage, usage_text()});
  const auto asked = asked_of(options);
  if (!asked) return complain(asked.error());
  const auto database = open_database(options.database, session);
  if (!database) return complain(database.error());
  const auto answer = (*database)->ask(asked->sql);
  if (!answer) return complain(answer.error());
  const auto printer = make_row_printer(format, session);
  std::vector<store::Value> row;
  Result<bool> more = (*answer)->next(row);
  if (!more) return complain(more.error());
  printer->begin(*asked, (*answer)->columns());
  for (; more && *more; more = (*answer)->next(row)) printer->row(row);
  if (!more) return complain(more.error());
  printer->end();
  return done;
}

}  // namespace

void add_query(const Command& app, Session& session) {
  auto options = std::make_shared<QueryOptions>();
  const Command command = add_command(
      app, session, "query", "ask a database of scans: by a question's name, or in SQL",
      "quell query --list                          the questions that have a name\n"
      "  quell query fleet.db versions-by-family\n"
      "  quell query fleet.db with-advisory --format csv\n"
      "  quell query fleet.db \"SELECT path FROM file WHERE status <> 'ok'\"\n"
      "  quell query postgresql:///fleet amt\n\n"
      "Nothing that is asked can change the database. The tables are described in docs/formats/scan-database.md.\n"
      "Exit status: 0 answered, 2 not a question or wrong SQL, 3 not a database of scans, 4 the SQL would do more "
      "than\n"
      "read, 5 the database or its server cannot be read.");
  command.option("DB|URI", options->database, "a file that `quell merge` made, or postgresql://USER@HOST/DATABASE");
  command.option("NAME|SQL", options->asked,
                 "a question by its name, one SQL statement, or - for SQL on standard input");
  command.flag("--list", options->list, "list the questions that have a name");
  command.option("--format", options->format, "how to print the rows").one_of({"table", "csv", "json"}).shows_default();
  command.callback([options, &session] {
    session.json = session.json || options->format == "json";
    session.status = run(*options, session);
  });
}

}  // namespace quell::cli
