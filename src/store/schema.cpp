// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/schema.h"

#include <array>

#include <fmt/format.h>

#include "quell/version.h"

namespace quell::store {
namespace {

constexpr std::array run_columns{Column{"run", Type::integer}, Column{"quell"}, Column{"tables"}, Column{"level"}};
constexpr std::array image_columns{
    Column{"image", Type::integer},     Column{"sha256"},         Column{"run", Type::integer},
    Column{"size", Type::integer},      Column{"status"},         Column{"signal", Type::integer, false},
    Column{"error", Type::text, false}, Column{"ms", Type::real}, Column{"kind", Type::text, false},
    Column{"title", Type::text, false}};
constexpr std::array engine_columns{Column{"image", Type::integer},
                                    Column{"position", Type::integer},
                                    Column{"engine"},
                                    Column{"title"},
                                    Column{"family", Type::text, false},
                                    Column{"version", Type::text, false},
                                    Column{"disable_bit", Type::text, false},
                                    Column{"network_stack"},
                                    Column{"network_set_up"},
                                    Column{"facts"}};
constexpr std::array state_columns{Column{"image", Type::integer}, Column{"position", Type::integer}, Column{"state"}};
constexpr std::array checked_columns{
    Column{"image", Type::integer},      Column{"position", Type::integer}, Column{"question"},
    Column{"held", Type::integer},       Column{"failed", Type::integer},   Column{"absent", Type::integer},
    Column{"not_checked", Type::integer}};
constexpr std::array key_columns{
    Column{"image", Type::integer},       Column{"position", Type::integer}, Column{"form"}, Column{"key"},
    Column{"bits", Type::integer, false}, Column{"places", Type::integer}};
constexpr std::array action_columns{Column{"image", Type::integer}, Column{"position", Type::integer}, Column{"action"},
                                    Column{"state"}};
constexpr std::array finding_columns{Column{"image", Type::integer},
                                     Column{"number", Type::integer},
                                     Column{"finding"},
                                     Column{"severity"},
                                     Column{"question"},
                                     Column{"engine", Type::text, false},
                                     Column{"subject"},
                                     Column{"place", Type::integer, false}};
constexpr std::array advisory_columns{Column{"image", Type::integer},
                                      Column{"number", Type::integer},
                                      Column{"advisory"},
                                      Column{"engine"},
                                      Column{"confirmed", Type::integer},
                                      Column{"severity"},
                                      Column{"cves", Type::integer}};
constexpr std::array cve_columns{Column{"cves", Type::integer}, Column{"cve"}};
constexpr std::array file_columns{Column{"path"},
                                  Column{"path_base64"},
                                  Column{"sha256"},
                                  Column{"mtime"},
                                  Column{"status"},
                                  Column{"size", Type::integer, false},
                                  Column{"error", Type::text, false},
                                  Column{"signal", Type::integer, false}};

constexpr std::array all_tables{Table{TableId::run, "run", false, 1, true, run_columns},
                                Table{TableId::image, "image", true, 1, false, image_columns},
                                Table{TableId::engine, "engine", true, 2, false, engine_columns},
                                Table{TableId::state, "state", true, 3, false, state_columns},
                                Table{TableId::checked, "checked", true, 3, false, checked_columns},
                                Table{TableId::key, "key", true, 4, false, key_columns},
                                Table{TableId::action, "action", true, 3, false, action_columns},
                                Table{TableId::finding, "finding", true, 2, false, finding_columns},
                                Table{TableId::advisory, "advisory", true, 2, false, advisory_columns},
                                Table{TableId::cve, "cve", false, 2, true, cve_columns},
                                Table{TableId::file, "file", false, 5, true, file_columns}};

std::string_view type_name(Type type, Dialect dialect) {
  switch (type) {
    case Type::integer: return "BIGINT";
    case Type::real: return "DOUBLE PRECISION";
    // Texts are ordered by their bytes, as SQLite does.
    case Type::text: return dialect == Dialect::postgres ? "TEXT COLLATE \"C\"" : "TEXT";
  }
  return {};
}

}  // namespace

std::span<const Table> tables() noexcept { return all_tables; }

const Table& table(TableId id) noexcept { return all_tables.at(static_cast<std::size_t>(id)); }

std::string create_table(const Table& table, Dialect dialect) {
  std::string columns;
  std::string key;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    // In SQLite the column of this type is the row's own number, and needs no index.
    const bool row_number = dialect == Dialect::sqlite && table.key == 1 && i == 0;
    columns += fmt::format("{} {}{}, ", column.name, row_number ? "INTEGER" : type_name(column.type, dialect),
                           column.required ? " NOT NULL" : "");
    if (i < table.key) key += fmt::format("{}{}", i == 0 ? "" : ", ", column.name);
  }
  const bool by_key = dialect == Dialect::sqlite && table.key > 1;
  return fmt::format("CREATE TABLE {} ({}PRIMARY KEY ({})){}", table.name, columns, key,
                     by_key ? " WITHOUT ROWID" : "");
}

std::string create_image_key() { return "CREATE UNIQUE INDEX image_once ON image (sha256, run)"; }

std::vector<std::string> create_indexes() {
  return {
      "CREATE INDEX image_failed ON image (status) WHERE status <> 'ok'",
      "CREATE INDEX image_slow ON image (ms)",
      "CREATE INDEX engine_version ON engine (engine, family, version)",
      "CREATE INDEX engine_disabled ON engine (disable_bit) WHERE disable_bit = 'set'",
      "CREATE INDEX engine_network ON engine (network_stack) WHERE network_stack = 'present'",
      "CREATE INDEX checked_failed ON checked (question) WHERE failed > 0",
      "CREATE INDEX key_seen ON key (key)",
      "CREATE INDEX finding_seen ON finding (finding)",
      "CREATE INDEX advisory_seen ON advisory (advisory)",
      "CREATE INDEX cve_seen ON cve (cve)",
      "CREATE INDEX file_content ON file (sha256, path)",
      "CREATE INDEX file_failed ON file (status) WHERE status <> 'ok'",
  };
}

std::vector<std::string> create_views() {
  return {
      "CREATE VIEW latest AS SELECT i.image, i.sha256, i.size, i.status, i.signal, i.error, i.ms, i.kind, i.title, "
      "r.quell, r.tables, r.level, "
      "(SELECT MIN(f.path) FROM file f WHERE f.sha256 = i.sha256) AS path "
      "FROM image i JOIN run r ON r.run = i.run "
      "WHERE NOT EXISTS (SELECT 1 FROM image later WHERE later.sha256 = i.sha256 AND later.image > i.image)",
  };
}

std::vector<std::string> create_version(Dialect dialect) {
  std::vector<std::string> out{
      "CREATE TABLE scan_database (schema_version BIGINT NOT NULL, made_by TEXT NOT NULL)",
      fmt::format("INSERT INTO scan_database VALUES ({}, 'quell {}')", schema_version, version),
  };
  if (dialect == Dialect::sqlite) {
    out.push_back(fmt::format("PRAGMA application_id = {}", application_id));
    out.push_back(fmt::format("PRAGMA user_version = {}", schema_version));
  }
  return out;
}

}  // namespace quell::store
