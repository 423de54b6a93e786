// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/postgres.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include <dlfcn.h>
#include <fmt/format.h>

#include "store/schema.h"

namespace quell::store {
namespace {

bool starts_as_uri(std::string_view text) {
  return text.starts_with("postgres://") || text.starts_with("postgresql://");
}

// Without what stands between the user's name and the host.
std::string without_password(const std::string& uri) {
  const auto begin = uri.find("://") + 3;
  const auto at = uri.find('@', begin);
  const auto colon = uri.find(':', begin);
  std::string out = at != std::string::npos && colon < at ? uri.substr(0, colon) + uri.substr(at) : uri;
  const auto parameter = out.find("password=");
  if (parameter != std::string::npos) {
    const auto end = std::min(out.find('&', parameter), out.size());
    out.replace(parameter, end - parameter, "password=...");
  }
  return out;
}

// The server's words are several lines at times.
std::string one_line(std::string_view text) {
  std::string out(text.substr(0, text.find_last_not_of(" \n") + 1));
  std::replace(out.begin(), out.end(), '\n', ' ');
  std::replace(out.begin(), out.end(), '\t', ' ');
  return out;
}

void drop_notice(void* /*context*/, const char* /*text*/) {}

// The class of an SQLSTATE: what the user's own SQL can be blamed for, and what it may not do.
Errc code_of(std::string_view state) {
  if (state == "25006" || state == "42501") return Errc::refused;  // read-only transaction, no privilege
  if (state.starts_with("42") || state.starts_with("22") || state.starts_with("0A")) return Errc::usage;
  return Errc::io;
}

}  // namespace

Result<const Libpq*> load_libpq() {
  static const Libpq library = [] {
    Libpq loaded;
    void* file = ::dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (file == nullptr) return loaded;
      // dlsym gives an object pointer; POSIX guarantees that it may be used as a function.
      // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast)
#define QUELL_LIBPQ(name) loaded.name = reinterpret_cast<decltype(loaded.name)>(::dlsym(file, "PQ" #name));
#include "store/libpq.def"
#undef QUELL_LIBPQ
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    return loaded;
  }();
#define QUELL_LIBPQ(name) \
  if (library.name == nullptr) return fail(Errc::unsupported, "libpq, the library for PostgreSQL, is not installed");
#include "store/libpq.def"
#undef QUELL_LIBPQ
  return &library;
}

Result<Server> Server::connect(const std::string& uri) {
  if (!starts_as_uri(uri)) {
    return fail(Errc::usage, "a PostgreSQL database is named as postgresql://USER@HOST/DATABASE");
  }
  QUELL_TRY(const Libpq* library, load_libpq());
  char* said = nullptr;
  PQconninfoOption* parts = library->conninfoParse(uri.c_str(), &said);
  if (parts == nullptr) {
    const std::string reason = said == nullptr ? "out of memory" : one_line(said);
    library->freemem(said);
    return fail(Errc::usage, fmt::format("{}: {}", without_password(uri), reason));
  }
  library->conninfoFree(parts);
  Server server(library, library->connectdb(uri.c_str()), without_password(uri));
  PGconn* connection = server.connection_.get();
  if (library->status(connection) != CONNECTION_OK) {
    return fail(Errc::io, fmt::format("{}: {}", server.name_, one_line(library->errorMessage(connection))));
  }
  library->setNoticeProcessor(connection, &drop_notice, nullptr);
  QUELL_CHECK(
      server.run("SET client_encoding = 'UTF8'; SET search_path = quell; SET standard_conforming_strings = on"));
  return server;
}

tl::unexpected<Error> Server::failure(Errc code, const PGresult* result) const {
  const char* primary = library_->resultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  return fail(code, fmt::format("{}: {}", name_,
                                one_line(primary == nullptr ? library_->errorMessage(connection_.get()) : primary)));
}

Server::Reply Server::execute(const std::string& sql) {
  return Reply(library_->exec(connection_.get(), sql.c_str()), Clear{library_});
}

Result<Server::Reply> Server::run(const std::string& sql) {
  Reply reply = execute(sql);
  const ExecStatusType status = library_->resultStatus(reply.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN) return reply;
  return failure(Errc::io, reply.get());
}

Result<Server::Reply> Server::run_foreign(const std::string& sql) {
  // With parameters, though none, the server takes one statement only.
  Reply reply(library_->execParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0),
              Clear{library_});
  const ExecStatusType status = library_->resultStatus(reply.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return reply;
  const char* state = library_->resultErrorField(reply.get(), PG_DIAG_SQLSTATE);
  return failure(code_of(state == nullptr ? "" : state), reply.get());
}

Result<void> Server::copy(const std::string& table, const std::string& rows) {
  QUELL_CHECK(run(fmt::format("COPY {} FROM STDIN", table)));
  constexpr std::size_t piece = std::size_t{1} << 20U;
  bool sent = true;
  for (std::size_t at = 0; at < rows.size() && sent; at += piece) {
    const std::string_view part = std::string_view(rows).substr(at, piece);
    sent = library_->putCopyData(connection_.get(), part.data(), static_cast<int>(part.size())) == 1;
  }
  if (sent) sent = library_->putCopyEnd(connection_.get(), nullptr) == 1;
  std::optional<tl::unexpected<Error>> problem;
  for (Reply reply(library_->getResult(connection_.get()), Clear{library_}); reply != nullptr;
       reply.reset(library_->getResult(connection_.get()))) {
    if (library_->resultStatus(reply.get()) != PGRES_COMMAND_OK) problem = failure(Errc::io, reply.get());
    if (library_->status(connection_.get()) != CONNECTION_OK) break;
  }
  if (problem) return *problem;
  if (!sent) return fail(Errc::io, fmt::format("{}: {}", name_, one_line(library_->errorMessage(connection_.get()))));
  return {};
}

Result<std::int64_t> Server::number(const std::string& sql) {
  QUELL_TRY(const Reply reply, run(sql));
  if (library_->ntuples(reply.get()) < 1) return 0;
  const std::string_view text = library_->getvalue(reply.get(), 0, 0);
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Result<bool> holds_scan_database(Server& server) {
  QUELL_TRY(const std::int64_t noted, server.number("SELECT COUNT(*) FROM pg_catalog.pg_tables "
                                                    "WHERE schemaname = 'quell' AND tablename = 'scan_database'"));
  if (noted == 0) {
    QUELL_TRY(const std::int64_t others,
              server.number("SELECT COUNT(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
                            "ON n.oid = c.relnamespace WHERE n.nspname = 'quell'"));
    if (others == 0) return false;
    return fail(Errc::unsupported,
                fmt::format("{}: its schema \"quell\" holds something else than merged scans", server.name()));
  }
  QUELL_TRY(const std::int64_t version, server.number("SELECT MAX(schema_version) FROM quell.scan_database"));
  if (version != schema_version) {
    return fail(Errc::unsupported,
                fmt::format("{}: its tables are of version {}, this program has version {}: drop the schema \"quell\" "
                            "and merge the records of the scans again",
                            server.name(), version, schema_version));
  }
  return true;
}

}  // namespace quell::store
