// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "store/postgres.h"
#include "store/store.h"

namespace quell::store {
namespace {

constexpr std::size_t worth_sending = std::size_t{4} << 20U;  // bytes of rows of one table

// One cell in the text format of COPY: tab and newline separate, a backslash escapes.
void append_cell(std::string& out, const Cell& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    out += fmt::format("{}", *number);
  } else if (const auto* real = std::get_if<double>(&value)) {
    out += fmt::format("{}", *real);
  } else if (const auto* text = std::get_if<std::string_view>(&value)) {
    for (const char c : *text) {
      switch (c) {
        case '\\': out += "\\\\"; break;
        case '\t': out += "\\t"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        default: out += c;
      }
    }
  } else {
    out += "\\N";
  }
}

// Rows go to temporary tables first, then with one statement a table to where they belong.
class PostgresStore final : public Store {
 public:
  explicit PostgresStore(Server server) : server_(std::move(server)) {}

  Result<void> open() {
    QUELL_CHECK(server_.run("BEGIN"));
    // Two merges at once would both make the tables, or give the same numbers.
    QUELL_CHECK(server_.run("SELECT pg_advisory_xact_lock(1903520115)"));
    QUELL_TRY(const bool made, holds_scan_database(server_));
    if (!made) QUELL_CHECK(make_tables());
    QUELL_TRY(last_image_, server_.number("SELECT COALESCE(MAX(image), 0) FROM image"));
    for (const Table& one : tables()) {
      QUELL_CHECK(
          server_.run(fmt::format("CREATE TEMPORARY TABLE staged_{0} (LIKE quell.{0}) ON COMMIT DROP", one.name)));
    }
    return {};
  }

  [[nodiscard]] const std::string& name() const override { return server_.name(); }

  Result<void> add(const Record& record) override {
    for (const Row& row : record.shared) QUELL_CHECK(stage(row, std::nullopt));
    std::optional<std::int64_t> image;
    if (record.image) image = ++last_image_;
    for (const Row& row : record.rows) QUELL_CHECK(stage(row, image));
    return {};
  }

  Result<Counts> commit() override {
    for (const Table& one : tables()) QUELL_CHECK(send(one));
    QUELL_TRY(counts_.images_replaced, drop_replaced());
    for (const Table& one : tables()) {
      QUELL_TRY(const std::uint64_t added, move_staged(one));
      if (one.id == TableId::image) counts_.images_new = added - counts_.images_replaced;
      if (one.id == TableId::file) counts_.files_new = added;
    }
    QUELL_CHECK(server_.run("COMMIT"));
    return counts_;
  }

 private:
  Result<void> make_tables() {
    QUELL_CHECK(server_.run("CREATE SCHEMA IF NOT EXISTS quell"));
    for (const Table& one : tables()) QUELL_CHECK(server_.run(create_table(one, Dialect::postgres)));
    QUELL_CHECK(server_.run(create_image_key()));
    for (const std::string& sql : create_indexes()) QUELL_CHECK(server_.run(sql));
    for (const std::string& sql : create_views()) QUELL_CHECK(server_.run(sql));
    for (const std::string& sql : create_version(Dialect::postgres)) QUELL_CHECK(server_.run(sql));
    return {};
  }

  Result<void> stage(const Row& row, std::optional<std::int64_t> image) {
    std::string& rows = staged_.at(static_cast<std::size_t>(row.table));
    if (image) rows += fmt::format("{}\t", *image);
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      if (i > 0) rows += '\t';
      append_cell(rows, row.cells[i]);
    }
    rows += '\n';
    return rows.size() < worth_sending ? Result<void>() : send(table(row.table));
  }

  Result<void> send(const Table& one) {
    std::string& rows = staged_.at(static_cast<std::size_t>(one.id));
    if (rows.empty()) return {};
    QUELL_CHECK(server_.copy(fmt::format("staged_{}", one.name), rows));
    rows.clear();
    return {};
  }

  Result<std::uint64_t> affected(const std::string& sql) {
    QUELL_TRY(const Server::Reply reply, server_.run(sql));
    const std::string_view text = server_.library().cmdTuples(reply.get());
    std::uint64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
  }

  // Failures in the place of which a result has come. How many images they are.
  Result<std::uint64_t> drop_replaced() {
    QUELL_CHECK(
        server_.run(fmt::format("CREATE TEMPORARY TABLE replaced ON COMMIT DROP AS SELECT i.image FROM image i "
                                "WHERE i.status IN {0} AND EXISTS (SELECT 1 FROM staged_image s WHERE "
                                "s.sha256 = i.sha256 AND s.run = i.run AND s.status NOT IN {0})",
                                failures)));
    std::uint64_t images = 0;
    for (const Table& one : tables()) {
      if (!one.of_image) continue;
      QUELL_TRY(const std::uint64_t rows,
                affected(fmt::format("DELETE FROM {} t USING replaced r WHERE t.image = r.image", one.name)));
      if (one.id == TableId::image) images = rows;
    }
    return images;
  }

  // What is there already stays; of an image that was not taken nothing is. A result goes before a failure.
  Result<std::uint64_t> move_staged(const Table& one) {
    std::string_view chosen;
    std::string order;
    if (one.id == TableId::image) {
      order = fmt::format(" ORDER BY CASE WHEN s.status IN {} THEN 1 ELSE 0 END, s.image", failures);
    } else if (one.of_image) {
      chosen = " JOIN image i ON i.image = s.image";
    }
    return affected(fmt::format("INSERT INTO {0} SELECT s.* FROM staged_{0} s{1}{2} ON CONFLICT DO NOTHING", one.name,
                                chosen, order));
  }

  Server server_;
  std::array<std::string, 11> staged_{};  // one a table
  std::int64_t last_image_ = 0;
  Counts counts_{};
};

}  // namespace

Result<std::unique_ptr<Store>> open_postgres_store(const std::string& uri) {
  QUELL_TRY(Server server, Server::connect(uri));
  auto store = std::make_unique<PostgresStore>(std::move(server));
  QUELL_CHECK(store->open());
  return store;
}

}  // namespace quell::store
