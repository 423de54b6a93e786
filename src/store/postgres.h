// SPDX-License-Identifier: GPL-2.0-or-later
// libpq, as far as the two sides of a scan database share it. It is loaded when a server is named, so that a program
// without it still starts.
#pragma once

#include <memory>
#include <string>

#include <libpq-fe.h>

#include "quell/result.h"

namespace quell::store {

// The functions of libpq that are used, by their own names without PQ.
struct Libpq {
#define QUELL_LIBPQ(name) decltype(&PQ##name) name = nullptr;
#include "store/libpq.def"
#undef QUELL_LIBPQ
};
// Errc::unsupported where the library is not installed.
Result<const Libpq*> load_libpq();

// A connection to a server.
class Server {
 public:
  // Errc::usage for what is no URI of a PostgreSQL database.
  static Result<Server> connect(const std::string& uri);

  struct Clear {
    const Libpq* library;
    void operator()(PGresult* result) const noexcept { library->clear(result); }
  };
  using Reply = std::unique_ptr<PGresult, Clear>;

  // One statement, or several where nothing comes back. Errc::io with the server's words where it fails.
  Result<Reply> run(const std::string& sql);
  // The same for what the user wrote: errors of the SQL are Errc::usage, what may not be done Errc::refused.
  Result<Reply> run_foreign(const std::string& sql);
  // The rows of one table, in the text format of COPY.
  Result<void> copy(const std::string& table, const std::string& rows);
  // The number that stands first in the reply.
  Result<std::int64_t> number(const std::string& sql);

  [[nodiscard]] const Libpq& library() const noexcept { return *library_; }
  // The URI without the password.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  struct Finish {
    const Libpq* library;
    void operator()(PGconn* connection) const noexcept { library->finish(connection); }
  };
  Server(const Libpq* library, PGconn* connection, std::string name)
      : library_(library), connection_(connection, Finish{library}), name_(std::move(name)) {}
  [[nodiscard]] Reply execute(const std::string& sql);
  [[nodiscard]] tl::unexpected<Error> failure(Errc code, const PGresult* result) const;

  const Libpq* library_;
  std::unique_ptr<PGconn, Finish> connection_;
  std::string name_;
};

// Whether the database holds scans of this version of the tables; false where it has no tables of ours at all.
Result<bool> holds_scan_database(Server& server);

}  // namespace quell::store
