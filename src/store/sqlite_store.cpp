// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_descriptor.h"
#include "base/leftovers.h"
#include "base/signals.h"
#include "store/sqlite.h"
#include "store/store.h"

namespace quell::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view temporary_mark = ".quell-";

// A database file that is made: under a name of its own until it is whole. A signal removes it, and so does the next
// merge where this one was killed.
class NewFile {
 public:
  NewFile() = default;
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  NewFile(NewFile&&) = delete;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile() {
    if (temporary_.empty()) return;
    ::unlinkat(folder_.get(), temporary_.c_str(), 0);
    forget_temporary(folder_.get(), temporary_);
  }

  Result<void> create(const fs::path& target) {
    target_ = target;
    name_ = target.filename().string();
    const fs::path parent = target.has_parent_path() ? target.parent_path() : fs::path(".");
    folder_ = FileDescriptor(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder_.valid() || name_.empty()) return failure("cannot be created");
    const std::string prefix = fmt::format(".{}{}", name_.substr(0, 128), temporary_mark);
    remove_leftovers(folder_.get(), prefix);
    const std::string temporary = prefix + random_suffix();
    const SignalsHeld held;
    file_ = FileDescriptor(
        ::openat(folder_.get(), temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!file_.valid()) return failure("cannot be created");
    mark_in_use(file_.get());
    temporary_ = temporary;
    remember_temporary(folder_.get(), temporary_);
    path_ = (parent / temporary_).string();
    return {};
  }
  // Where SQLite finds it meanwhile.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  // Gives it its name, which nothing may have meanwhile.
  Result<void> publish() {
    if (::fsync(file_.get()) != 0) return failure("cannot be flushed to the disk");
    const SignalsHeld held;
    int result = ::renameat2(folder_.get(), temporary_.c_str(), folder_.get(), name_.c_str(), RENAME_NOREPLACE);
    // File systems that cannot do that: it is looked for first.
    if (result != 0 && errno == EINVAL && ::faccessat(folder_.get(), name_.c_str(), F_OK, 0) != 0) {
      result = ::renameat(folder_.get(), temporary_.c_str(), folder_.get(), name_.c_str());
    }
    if (result != 0) return failure("cannot be given its name");
    forget_temporary(folder_.get(), temporary_);
    temporary_.clear();
    ::fsync(folder_.get());
    return {};
  }

 private:
  [[nodiscard]] tl::unexpected<Error> failure(std::string_view doing) const {
    return fail(Errc::io, fmt::format("{}: {}: {}; no database was made", target_.string(), doing,
                                      std::strerror(name_.empty() ? EISDIR : errno)));
  }

  fs::path target_{};
  std::string name_{};
  std::string temporary_{};  // empty while there is none
  std::string path_{};
  FileDescriptor folder_{};
  FileDescriptor file_{};
};

// What SQLite sorts and has no memory for goes to the folder of the database: there is room, and it may write there.
void sort_beside(const fs::path& database) {
  const fs::path folder = database.has_parent_path() ? database.parent_path() : fs::path(".");
  sqlite3_free(sqlite3_temp_directory);
  sqlite3_temp_directory = sqlite3_mprintf("%s", folder.c_str());  // NOLINT(cppcoreguidelines-pro-type-vararg)
}

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::string path) : path_(std::move(path)) {}

  Result<void> open() {
    struct stat status {};
    if (::lstat(path_.c_str(), &status) == 0) return open_existing();
    if (errno != ENOENT) return fail(Errc::io, fmt::format("{}: {}", path_, std::strerror(errno)));
    return make_new();
  }

  [[nodiscard]] const std::string& name() const override { return path_; }

  Result<void> add(const Record& record) override {
    for (const Row& row : record.shared) QUELL_CHECK(insert(row, std::nullopt));
    if (!record.image) {
      QUELL_TRY(const bool fresh, insert(record.rows.front(), std::nullopt));
      counts_.files_new += fresh ? 1 : 0;
      return {};
    }
    const std::int64_t image = ++last_image_;
    QUELL_TRY(bool fresh, insert(record.rows.front(), image));
    if (!fresh) {
      QUELL_TRY(fresh, replace_failure(record.rows.front(), image));
      counts_.images_replaced += fresh ? 1 : 0;
    } else {
      ++counts_.images_new;
    }
    if (!fresh) return {};
    for (std::size_t i = 1; i < record.rows.size(); ++i) QUELL_CHECK(insert(record.rows[i], image));
    return {};
  }

  Result<Counts> commit() override {
    if (new_) {
      for (const std::string& sql : create_indexes()) QUELL_CHECK(execute(sql));
    }
    QUELL_CHECK(execute("COMMIT"));
    for (Statement& statement : inserts_) statement.reset();
    find_.reset();
    connection_.reset();
    if (new_) QUELL_CHECK(file_.publish());
    return counts_;
  }

 private:
  Result<void> execute(const std::string& sql) { return store::execute(connection_.get(), path_, sql); }
  [[nodiscard]] tl::unexpected<Error> failure() const {
    return tl::unexpected(sqlite_failure(connection_.get(), path_));
  }

  Result<void> make_tables() {
    for (const Table& one : tables()) QUELL_CHECK(execute(create_table(one, Dialect::sqlite)));
    QUELL_CHECK(execute(create_image_key()));
    for (const std::string& sql : create_views()) QUELL_CHECK(execute(sql));
    for (const std::string& sql : create_version(Dialect::sqlite)) QUELL_CHECK(execute(sql));
    return {};
  }

  // Nobody sees the file before it is whole: neither a journal on the disk nor waiting for it is of use until then. A
  // crash leaves a file that the next merge removes. (A connection that defends itself takes no journal_mode OFF.)
  Result<void> make_new() {
    new_ = true;
    QUELL_CHECK(file_.create(path_));
    sort_beside(file_.path());
    QUELL_TRY(connection_, open_connection(file_.path(), SQLITE_OPEN_READWRITE));
    // On pages of 8 KiB the facts of an engine stay with its row: a tenth less time than on 4 KiB.
    for (const char* sql : {"PRAGMA page_size = 8192", "PRAGMA journal_mode = MEMORY", "PRAGMA synchronous = OFF",
                            "PRAGMA locking_mode = EXCLUSIVE", "PRAGMA cache_size = -65536", "BEGIN IMMEDIATE"}) {
      QUELL_CHECK(execute(sql));
    }
    QUELL_CHECK(make_tables());
    return prepare_all();
  }

  // What is there has SQLite's own journal and its waiting for the disk: after a crash it is as it was, or all is in
  // it.
  Result<void> open_existing() {
    sort_beside(path_);
    QUELL_TRY(connection_, open_connection(path_, SQLITE_OPEN_READWRITE));
    QUELL_TRY(bool made, holds_scan_database(connection_.get(), path_));
    if (sqlite3_db_readonly(connection_.get(), "main") == 1) {
      return fail(Errc::io, fmt::format("{}: may not be written", path_));
    }
    for (const char* sql : {"PRAGMA cache_size = -65536", "BEGIN IMMEDIATE"}) QUELL_CHECK(execute(sql));
    // Another merge may have made them since.
    QUELL_TRY(made, holds_scan_database(connection_.get(), path_));
    if (!made) {
      QUELL_CHECK(make_tables());
      for (const std::string& sql : create_indexes()) QUELL_CHECK(execute(sql));
    }
    QUELL_TRY(last_image_, ask_number(connection_.get(), path_, "SELECT COALESCE(MAX(image), 0) FROM image"));
    return prepare_all();
  }

  Result<void> prepare_all() {
    for (const Table& one : tables()) {
      std::string marks = "?";
      for (std::size_t i = 1; i < one.columns.size(); ++i) marks += ", ?";
      QUELL_TRY(
          inserts_.at(static_cast<std::size_t>(one.id)),
          prepare(connection_.get(), path_, fmt::format("INSERT OR IGNORE INTO {} VALUES ({})", one.name, marks)));
    }
    QUELL_TRY(find_,
              prepare(connection_.get(), path_,
                      fmt::format("SELECT image FROM image WHERE sha256 = ? AND run = ? AND status IN {}", failures)));
    return {};
  }

  static int bind(sqlite3_stmt* statement, int index, const Cell& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, index, *number);
    if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *real);
    if (const auto* text = std::get_if<std::string_view>(&value)) {
      // Without an address it would be NULL.
      return sqlite3_bind_text64(statement, index, text->empty() ? "" : text->data(), text->size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
    return sqlite3_bind_null(statement, index);
  }

  // Whether the row was not there yet.
  Result<bool> insert(const Row& row, std::optional<std::int64_t> image) {
    sqlite3_stmt* statement = inserts_.at(static_cast<std::size_t>(row.table)).get();
    int index = 0;
    int result = SQLITE_OK;
    if (image) result = sqlite3_bind_int64(statement, ++index, *image);
    for (const Cell& cell : row.cells) {
      if (result == SQLITE_OK) result = bind(statement, ++index, cell);
    }
    if (result == SQLITE_OK) result = sqlite3_step(statement);
    sqlite3_reset(statement);
    if (result != SQLITE_DONE) return failure();
    return sqlite3_changes(connection_.get()) > 0;
  }

  // Takes the image's place where a failure of the same run has it; `image` is its number then.
  Result<bool> replace_failure(const Row& row, std::int64_t image) {
    const auto status = std::get<std::string_view>(row.cells.at(3));
    if (failures.find(fmt::format("'{}'", status)) != std::string_view::npos) return false;
    bind(find_.get(), 1, row.cells.at(0));
    bind(find_.get(), 2, row.cells.at(1));
    const int result = sqlite3_step(find_.get());
    const std::int64_t before = sqlite3_column_int64(find_.get(), 0);
    sqlite3_reset(find_.get());
    if (result == SQLITE_DONE) return false;
    if (result != SQLITE_ROW) return failure();
    for (const Table& one : tables()) {
      if (!one.of_image) continue;
      QUELL_CHECK(execute(fmt::format("DELETE FROM {} WHERE image = {}", one.name, before)));
    }
    return insert(row, image);
  }

  std::string path_;
  NewFile file_{};
  bool new_ = false;
  Connection connection_{};
  std::array<Statement, 11> inserts_{};  // one a table
  Statement find_{};
  std::int64_t last_image_ = 0;
  Counts counts_{};
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path) {
  auto store = std::make_unique<SqliteStore>(path);
  QUELL_CHECK(store->open());
  return store;
}

}  // namespace quell::store
