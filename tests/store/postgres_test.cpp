// SPDX-License-Identifier: GPL-2.0-or-later
// `quell merge` and `quell query` against a real PostgreSQL server of the test's own, on a Unix socket in a temporary
// folder: whatever SQLite answers, PostgreSQL answers too.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <nlohmann/json.hpp>

#include "store/query.h"
#include "store/records.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using test::Json;
using test::Outcome;
using testing::HasSubstr;

constexpr const char* unprivileged = "setpriv --reuid=65534 --regid=65534 --clear-groups ";

// The newest server that is installed; empty where none is.
fs::path server_programs() {
  fs::path best;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    if (fs::exists(version.path() / "bin/initdb") && version.path() > best) best = version.path();
  }
  return best.empty() ? best : best / "bin";
}

class Postgres : public testing::Test {
 protected:
  static void SetUpTestSuite() {
#ifdef QUELL_HAS_POSTGRES
    const fs::path programs = server_programs();
    if (programs.empty()) return;
    folder_ = std::make_unique<test::TemporaryFolder>();
    // The server refuses to run as root.
    const bool root = ::geteuid() == 0;
    if (root && ::chown(folder_->path().c_str(), 65534, 65534) != 0) return;
    as_server_ = root ? unprivileged : "";
    programs_ = programs.string();
    const std::string data = *folder_ / "data";
    const Outcome outcome = shell(
        as_server_ + programs_ + "/initdb -D " + data + " -U quell -A trust -E UTF8 --locale=C.UTF-8 --no-sync && " +
        as_server_ + programs_ + "/pg_ctl -D " + data + " -w -l " + (*folder_ / "log").string() +
        " -o \"-c listen_addresses= -c fsync=off -k " + folder_->path().string() + "\" start");
    running_ = outcome.status == 0;
    if (!running_) std::puts((outcome.out + outcome.error).c_str());
#endif
  }
  static void TearDownTestSuite() {
    if (running_) shell(as_server_ + programs_ + "/pg_ctl -D " + (*folder_ / "data").string() + " -m immediate stop");
    running_ = false;
    folder_.reset();
  }

  void SetUp() override {
    if (!running_) GTEST_SKIP() << "needs a PostgreSQL server (postgresql-15) and a build with libpq";
    // A database for each test.
    name_ = testing::UnitTest::GetInstance()->current_test_info()->name();
    ASSERT_EQ(sql("postgres", "CREATE DATABASE \"" + name_ + "\"").status, 0);
  }

  static Outcome shell(const std::string& command) { return test::run_program("/bin/sh", {"-c", command}); }
  static Outcome sql(const std::string& database, const std::string& text) {
    return test::run_program(programs_ + "/psql", {"-h", folder_->path(), "-U", "quell", "-At", "-c", text, database});
  }
  [[nodiscard]] std::string uri(const std::string& name) const {
    return "postgresql://quell@/" + name + "?host=" + folder_->path().string();
  }
  [[nodiscard]] std::string uri() const { return uri(name_); }
  [[nodiscard]] Outcome merge(const std::string& records, const std::vector<std::string>& target) const {
    test::write_text(local_ / "records", records);
    return test::run_program(QUELL_PROGRAM, {"merge", local_ / "records", target.at(0), target.at(1)});
  }
  [[nodiscard]] static Outcome query(const std::string& database, const std::string& question) {
    return test::run_program(QUELL_PROGRAM, {"query", database, question, "--json"});
  }
  [[nodiscard]] std::string database() const { return local_ / "fleet.db"; }
  // Both databases have the same rows in all tables.
  void expect_same_content() const {
    for (const store::Table& table : store::tables()) {
      std::string order = "1";
      for (std::size_t i = 2; i <= table.key; ++i) order += ", " + std::to_string(i);
      const std::string all = "SELECT * FROM " + std::string(table.name) + " ORDER BY " + order;
      EXPECT_EQ(query(uri(), all).out, query(database(), all).out) << table.name;
    }
  }

  static inline std::unique_ptr<test::TemporaryFolder> folder_{};
  static inline std::string as_server_{};
  static inline std::string programs_{};
  static inline bool running_ = false;
  test::TemporaryFolder local_{};
  std::string name_{};
};

TEST_F(Postgres, AnswersEveryQuestionLikeSqliteAndTwiceTheSame) {
  const std::string records = test::joined(test::fleet());
  ASSERT_EQ(merge(records, {"--sqlite", database()}).status, 0);
  const Outcome first = merge(records, {"--postgres", uri()});
  ASSERT_EQ(first.status, 0) << first.error;
  EXPECT_THAT(first.out, HasSubstr("28 images and 35 files are new"));
  const Outcome second = merge(records, {"--postgres", uri()});
  ASSERT_EQ(second.status, 0) << second.error;
  EXPECT_THAT(second.out, HasSubstr("0 images and 0 files are new"));
  expect_same_content();
  for (const store::Question& question : store::questions()) {
    const std::string name(question.name);
    const Outcome answer = query(uri(), name);
    EXPECT_EQ(answer.status, 0) << answer.error;
    EXPECT_EQ(answer.out, query(database(), name).out) << name;
  }
}

// Paths that a locale orders otherwise than their bytes are, several findings in each, one content without a path.
TEST_F(Postgres, OrdersDamagedImagesAsSqliteDoes) {
  std::string records;
  unsigned number = 200;
  for (const char* path : {"/b", "/B", "/_a", "/a b", "/ab", "/\u00E4", ""}) {
    test::Json image = test::image_record(++number);
    image["status"] = "damaged";
    for (int i = 0; i < 12; ++i) {
      image["findings"].push_back({{"id", "intel.signature.invalid"},
                                   {"severity", i % 2 == 0 ? "error" : "critical"},
                                   {"question", "signatures"},
                                   {"subject", "subject " + std::to_string(12 - i)}});
    }
    records += test::image_line(image) + "\n";
    if (*path != '\0') records += test::file_line(test::file_record(path, number)) + "\n";
  }
  ASSERT_EQ(merge(records, {"--sqlite", database()}).status, 0);
  ASSERT_EQ(merge(records, {"--postgres", uri()}).status, 0);
  for (const store::Question& question : store::questions()) {
    const std::string name(question.name);
    EXPECT_EQ(query(uri(), name).out, query(database(), name).out) << name;
  }
}

TEST_F(Postgres, KeepsWhatSqliteKeepsOfFailuresAndResults) {
  test::Json failed = test::image_record(1);
  failed["status"] = "crash";
  failed["engines"] = test::Json::array();
  const std::string bad = test::image_line(failed) + "\n";
  const std::string good = test::image_line(test::image_record(1)) + "\n";
  const std::string other = test::image_line(test::image_record(2)) + "\n";
  for (const std::string& records : {bad, bad + good, bad + other, other + good + bad}) {
    const Outcome server = merge(records, {"--postgres", uri()});
    const Outcome file = merge(records, {"--sqlite", database()});
    ASSERT_EQ(server.status, 0) << server.error;
    EXPECT_EQ(server.out.substr(server.out.rfind(": ")), file.out.substr(file.out.rfind(": ")));
  }
  expect_same_content();
}

TEST_F(Postgres, NothingThatIsAskedChangesTheDatabase) {
  ASSERT_EQ(merge(test::joined(test::fleet()), {"--postgres", uri()}).status, 0);
  for (const char* text :
       {"DELETE FROM quell.image", "DROP TABLE quell.image", "SELECT 1; DELETE FROM quell.image",
        "COPY (SELECT 1) TO PROGRAM 'true'", "WITH gone AS (DELETE FROM quell.image RETURNING 1) SELECT * FROM gone",
        "SELECT setval('quell.none', 1)", "COMMIT", "SELECT * INTO quell.other FROM quell.image"}) {
    const Outcome outcome = query(uri(), text);
    EXPECT_NE(outcome.status, 0) << text;
    EXPECT_THAT(outcome.out, HasSubstr("\"error\"")) << text;
  }
  EXPECT_EQ(sql(name_, "SELECT COUNT(*) FROM quell.image").out, "28\n");
  ASSERT_EQ(sql(name_,
                "CREATE FUNCTION quell.grow() RETURNS int LANGUAGE sql AS "
                "'INSERT INTO quell.cve VALUES (1, ''x''); SELECT 1'")
                .status,
            0);
  EXPECT_EQ(query(uri(), "SELECT grow()").status, 4);
  EXPECT_EQ(query(uri(), "SELECT missing FROM image").status, 2);
}

TEST_F(Postgres, AMergeThatFailsLeavesNothing) {
  EXPECT_EQ(merge("no record\n", {"--postgres", uri()}).status, 3);
  EXPECT_EQ(sql(name_, "SELECT COUNT(*) FROM pg_namespace WHERE nspname = 'quell'").out, "0\n");
  EXPECT_EQ(query(uri(), "kinds").status, 3);
  // A server that ends the connection in the middle: here by a limit of the transaction.
  ASSERT_EQ(merge(test::joined(test::fleet()), {"--postgres", uri()}).status, 0);
  ASSERT_EQ(sql(name_, "ALTER TABLE quell.file ADD CHECK (path <> '/stop') NOT VALID").status, 0);
  const std::string more =
      test::image_line(test::image_record(90)) + "\n" + test::file_line(test::file_record("/stop", 90)) + "\n";
  const Outcome outcome = merge(more, {"--postgres", uri()});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.error, HasSubstr("the database is as it was"));
  EXPECT_EQ(sql(name_, "SELECT COUNT(*) FROM quell.image").out, "28\n");
}

TEST_F(Postgres, SaysWhatIsWrongWithTheServerOrItsDatabase) {
  ASSERT_EQ(sql(name_, "CREATE SCHEMA quell; CREATE TABLE quell.mine (x int)").status, 0);
  const Outcome foreign = merge(test::joined(test::fleet()), {"--postgres", uri()});
  EXPECT_EQ(foreign.status, 3);
  EXPECT_THAT(foreign.error, HasSubstr("holds something else"));
  ASSERT_EQ(sql(name_, "DROP SCHEMA quell CASCADE").status, 0);
  ASSERT_EQ(merge(test::joined(test::fleet()), {"--postgres", uri()}).status, 0);
  ASSERT_EQ(sql(name_, "UPDATE quell.scan_database SET schema_version = 2").status, 0);
  EXPECT_EQ(query(uri(), "kinds").status, 3);
  EXPECT_EQ(query(uri("not_there"), "kinds").status, 5);
}

TEST(PostgresUri, IsJudgedBeforeAnybodyIsAsked) {
#ifndef QUELL_HAS_POSTGRES
  GTEST_SKIP() << "needs a build with libpq";
#endif
  struct Case {
    const char* uri;
    int status;
    const char* message;
  };
  for (const Case& one :
       {Case{"postgresql://host/x?nonsense", 2, "nonsense"}, Case{"postgresql://host/x?nonsense=1", 2, "nonsense"},
        Case{"postgresql://me:secret@127.0.0.1:1/x", 5, "postgresql://me@127.0.0.1:1/x: "},
        Case{"postgresql:///x?host=/not/there&password=secret", 5, "No such file or directory"},
        Case{"mysql://host/x", 2, "postgresql://USER@HOST/DATABASE"}}) {
    const Outcome outcome = test::run_program(QUELL_PROGRAM, {"query", one.uri, "kinds"});
    EXPECT_EQ(outcome.status, one.status) << one.uri;
    EXPECT_THAT(outcome.error, HasSubstr(one.message)) << one.uri;
    EXPECT_THAT(outcome.error, testing::Not(HasSubstr("secret"))) << one.uri;
  }
}

}  // namespace
}  // namespace quell
