// SPDX-License-Identifier: GPL-2.0-or-later
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "store/postgres.h"
#include "store/query.h"

namespace quell::store {
namespace {

// The types of columns whose values are numbers (pg_type.dat of the server's source: they never change).
constexpr Oid int8 = 20;
constexpr Oid int2 = 21;
constexpr Oid int4 = 23;
constexpr Oid float4 = 700;
constexpr Oid float8 = 701;
constexpr Oid numeric = 1700;

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Value value_of(std::string_view text, Oid type) {
  if (type == int2 || type == int4 || type == int8 || type == numeric) {
    if (const auto number = number_in<std::int64_t>(text)) return *number;
  }
  if (type == float4 || type == float8 || type == numeric) {
    if (const auto number = number_in<double>(text)) return *number;
  }
  return std::string(text);
}

class PostgresAnswer final : public Answer {
 public:
  PostgresAnswer(Server& server, Server::Reply first) : server_(server), reply_(std::move(first)) {
    const Libpq& library = server.library();
    for (int i = 0; i < library.nfields(reply_.get()); ++i) columns_.emplace_back(library.fname(reply_.get(), i));
  }
  [[nodiscard]] const std::vector<std::string>& columns() const override { return columns_; }

  Result<bool> next(std::vector<Value>& row) override {
    const Libpq& library = server_.library();
    if (at_ == library.ntuples(reply_.get())) {
      if (at_ == 0) return false;
      QUELL_TRY(reply_, server_.run_foreign(fetch));
      at_ = 0;
      if (library.ntuples(reply_.get()) == 0) return false;
    }
    row.clear();
    for (int i = 0; i < static_cast<int>(columns_.size()); ++i) {
      const PGresult* reply = reply_.get();
      if (library.getisnull(reply, at_, i) == 1) {
        row.emplace_back();
      } else {
        row.push_back(
            value_of({library.getvalue(reply, at_, i), static_cast<std::size_t>(library.getlength(reply, at_, i))},
                     library.ftype(reply, i)));
      }
    }
    ++at_;
    return true;
  }

  static constexpr const char* fetch = "FETCH 1000 FROM quell_answer";

 private:
  Server& server_;
  Server::Reply reply_;
  int at_ = 0;
  std::vector<std::string> columns_{};
};

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(Server server) : server_(std::move(server)) {}

  Result<void> open() {
    QUELL_TRY(const bool made, holds_scan_database(server_));
    if (!made) return fail(Errc::unsupported, fmt::format("{}: nothing was merged into it yet", server_.name()));
    return {};
  }

  // A cursor takes nothing but a query, and the transaction nothing that writes.
  Result<std::unique_ptr<Answer>> ask(const std::string& sql) override {
    QUELL_CHECK(server_.run("ROLLBACK"));
    QUELL_CHECK(server_.run("BEGIN READ ONLY"));
    QUELL_CHECK(server_.run_foreign("DECLARE quell_answer NO SCROLL CURSOR FOR " + sql));
    QUELL_TRY(Server::Reply first, server_.run_foreign(PostgresAnswer::fetch));
    return std::make_unique<PostgresAnswer>(server_, std::move(first));
  }

 private:
  Server server_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres_database(const std::string& uri) {
  QUELL_TRY(Server server, Server::connect(uri));
  auto database = std::make_unique<PostgresDatabase>(std::move(server));
  QUELL_CHECK(database->open());
  return database;
}

}  // namespace quell::store
