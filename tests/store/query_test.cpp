// SPDX-License-Identifier: GPL-2.0-or-later
// `quell query` of a SQLite database as a user runs it: every question has an answer, nothing that is asked changes
// anything.
#include <regex>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "store/query.h"
#include "store/records.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell {
namespace {

using test::Json;
using test::Outcome;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Querying : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TemporaryFolder>();
    test::write_text(*folder_ / "records", test::joined(test::fleet()));
    const Outcome outcome = test::run_program(QUELL_PROGRAM, {"merge", *folder_ / "records", "--sqlite", database()});
    ASSERT_EQ(outcome.status, 0) << outcome.error;
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::string database() { return *folder_ / "fleet.db"; }
  static Outcome query(std::vector<std::string> words) {
    words.insert(words.begin(), {"query", database()});
    return test::run_program(QUELL_PROGRAM, words);
  }

  static std::unique_ptr<test::TemporaryFolder> folder_;
};
std::unique_ptr<test::TemporaryFolder> Querying::folder_;

TEST_F(Querying, EveryQuestionHasAnAnswerHere) {
  for (const store::Question& question : store::questions()) {
    const Outcome outcome = query({std::string(question.name), "--json"});
    ASSERT_EQ(outcome.status, 0) << question.name << outcome.error;
    const Json document = Json::parse(outcome.out);
    EXPECT_EQ(document["question"], question.name);
    EXPECT_FALSE(document["rows"].empty()) << question.name;
    for (const Json& row : document["rows"]) EXPECT_EQ(row.size(), document["columns"].size()) << question.name;
  }
}

struct Expected {
  const char* question;
  std::vector<const char*> csv;  // that stand in the answer
  std::size_t rows;
};

TEST_F(Querying, QuestionsFindWhatWasPutThere) {
  const std::vector<Expected> all{
      {"kinds", {"intel.me-region,ok,22", ",crash,1"}, 6},
      {"advisories", {"INTEL-SA-00100,intel-me,14,14", "INTEL-SA-00101,intel-me,10,0"}, 3},
      {"with-advisory", {"3,2,/images/003.bin"}, 14},
      {"signature-fails", {"layout,,2,0,/images/odd-50.bin", "intel-me,11.0.0.1001,1,2,/images/odd-50.bin"}, 2},
      {"damaged", {"error,intel.signature.invalid"}, 1},
      {"disable-bit", {"intel-me,CSE ME,11.1.0.1002,/images/odd-51.bin"}, 1},
      {"states", {"intel-me,disabled,1", "intel-me,stripped,1"}, 2},
      {"amt", {"CSE ME,11.2.0.1003,yes,/images/odd-52.bin", ",11.2.0.1003,yes,/images/odd-52.bin"}, 2},
      {"unknown-kinds", {"1048629,/images/odd-53.bin,nothing in it is known"}, 1},
      {"crashed", {"crash,11,1048630,/images/odd-54.bin", "timeout,", "memory,"}, 3},
      {"unread", {"unreadable,/images/locked.bin,Permission denied", "not-a-file,/images/pipe,"}, 2},
      {"duplicates", {"5,1048579,/images/003.bin", "2,1048580,/images/004.bin"}, 2},
      {"runs", {"0.1.0,inspect,", "0.2.0,check,"}, 2},
  };
  for (const Expected& one : all) {
    const Outcome outcome = query({one.question, "--format", "csv"});
    for (const char* row : one.csv) EXPECT_THAT(outcome.out, HasSubstr(std::string("\n") + row)) << one.question;
    const Json document = Json::parse(query({one.question, "--json"}).out);
    EXPECT_EQ(document["rows"].size(), one.rows) << one.question << outcome.out;
  }
}

TEST_F(Querying, AContentCountsOnceWithItsLastRecord) {
  EXPECT_EQ(query({"SELECT ms FROM latest WHERE size = 1048581", "--format", "csv"}).out, "ms\n0.125\n");
  EXPECT_EQ(query({"SELECT COUNT(*) AS n FROM latest", "--format", "csv"}).out, "n\n27\n");
}

TEST_F(Querying, NothingThatIsAskedChangesTheDatabase) {
  const std::string before = test::file_text(database());
  for (const char* sql :
       {"DELETE FROM image", "INSERT INTO cve VALUES (1, 'x')", "UPDATE file SET size = 0", "DROP TABLE image",
        "CREATE TABLE other (x)", "CREATE TEMP TABLE other (x)", "ATTACH 'other.db' AS other", "DETACH main",
        "VACUUM INTO 'other.db'", "PRAGMA user_version = 7", "PRAGMA query_only = OFF", "BEGIN IMMEDIATE",
        "EXPLAIN DELETE FROM image", "SELECT * FROM pragma_table_info('file')", "SELECT load_extension('x.so')",
        "SELECT fts3_tokenizer('simple')", "SELECT FTS3_TOKENIZER('simple', x'4141414141414141')"}) {
    const Outcome outcome = query({sql});
    EXPECT_EQ(outcome.status, 4) << sql << outcome.out;
    EXPECT_THAT(outcome.error, HasSubstr("would do more than read")) << sql;
  }
  EXPECT_EQ(test::file_text(database()), before);
  EXPECT_THAT(folder_->names(), testing::ElementsAre("fleet.db", "records"));
}

TEST_F(Querying, SaysWhatIsWrongWithAQuestion) {
  struct Case {
    std::vector<std::string> words;
    int status;
    const char* message;
  };
  for (const Case& one : std::vector<Case>{{{"nonsense"}, 2, "quell query --list"},
                                           {{"SELECT missing FROM image"}, 2, "no such column: missing"},
                                           {{"SELECT 1; SELECT 2"}, 2, "one statement at a time"},
                                           {{"  "}, 2, "no statement"},
                                           {{"SELECT abs(-9223372036854775807 - 1)"}, 2, "SQL: integer overflow"},
                                           {{"SELECT zeroblob(2000000000)"}, 2, "SQL: string or blob too big"},
                                           {{"SELECT 1 LIMIT 'x'"}, 2, "SQL: datatype mismatch"},
                                           {{"kinds", "--format", "xml"}, 2, "--format"}}) {
    const Outcome outcome = query(one.words);
    EXPECT_EQ(outcome.status, one.status) << one.words.front();
    EXPECT_THAT(outcome.error, HasSubstr(one.message));
    EXPECT_EQ(outcome.out, "");
  }
}

TEST_F(Querying, SaysWhatIsWrongWithTheDatabase) {
  const test::TemporaryFolder folder;
  test::write_text(folder / "text",
                   "hello, this is no database, however long a text it may be: " + std::string(200, '-'));
  test::write_text(folder / "empty", "");
  struct Case {
    std::string name;
    int status;
    const char* message;
  };
  for (const Case& one : std::vector<Case>{{folder / "text", 3, "is no SQLite database"},
                                           {folder / "empty", 3, "nothing was merged into it yet"},
                                           {folder / "not-there", 5, "No such file or directory"},
                                           {folder.path(), 2, "is no file"},
                                           {"mysql://host/x", 2, "postgresql://USER@HOST/DATABASE"}}) {
    const Outcome outcome = test::run_program(QUELL_PROGRAM, {"query", one.name, "kinds"});
    EXPECT_EQ(outcome.status, one.status) << one.name;
    EXPECT_THAT(outcome.error, HasSubstr(one.message));
  }
  EXPECT_THAT(folder.names(), testing::ElementsAre("empty", "text"));
}

TEST_F(Querying, WorksWhereNothingMayBeWritten) {
  const test::TemporaryFolder folder;
  std::filesystem::copy(database(), folder / "fleet.db");
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  EXPECT_EQ(test::run_program(QUELL_PROGRAM, {"query", folder / "fleet.db", "with-advisory"}).status, 0);
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
}

TEST_F(Querying, ValuesSteerNoTerminalAndStayWholeInCsvAndJson) {
  EXPECT_THAT(query({"damaged"}).out, AllOf(HasSubstr("\\x1b[31msignature\\x09"), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(query({"damaged", "--format", "csv"}).out,
              AllOf(HasSubstr(R"("a \x1b[31msignature)"), HasSubstr(R"(does not ""hold"")"), Not(HasSubstr("\x1b"))));
  const Outcome json = query({"damaged", "--json"});
  EXPECT_THAT(json.out, Not(HasSubstr("\x1b")));
  EXPECT_EQ(Json::parse(json.out)["rows"][0][2], "a \x1b[31msignature\t\\ does not \"hold\"\n");
  EXPECT_THAT(query({"SELECT path FROM file WHERE path LIKE '%,%'", "--format", "csv"}).out,
              HasSubstr(R"("/images/a,""b"".bin")"));
}

TEST_F(Querying, TakesSqlFromStandardInput) {
  const Outcome outcome = test::run_program(
      "/bin/sh",
      {"-c", "echo 'SELECT 6 * 7 AS answer' | '" QUELL_PROGRAM "' query '" + database() + "' - --format csv"});
  EXPECT_EQ(outcome.out, "answer\n42\n");
}

TEST_F(Querying, WithoutAQuestionIsAMistakeThatNamesThem) {
  const Outcome outcome = query({});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(outcome.out, "");
  for (const store::Question& question : store::questions()) EXPECT_THAT(outcome.error, HasSubstr(question.name));
  EXPECT_THAT(outcome.error, testing::Not(HasSubstr("\\x"))) << "what cannot be printed is in it";
}

TEST_F(Querying, ListsItsQuestionsWithoutADatabase) {
  const Outcome outcome = test::run_program(QUELL_PROGRAM, {"query", "--list"});
  EXPECT_EQ(outcome.status, 0);
  const std::string guide = test::file_text(QUELL_SOURCE "/docs/guide/query.md");
  for (const store::Question& question : store::questions()) {
    EXPECT_THAT(outcome.out, HasSubstr(question.name));
    EXPECT_THAT(guide, HasSubstr("`" + std::string(question.name) + "`"));
  }
  EXPECT_EQ(test::run_program(QUELL_PROGRAM, {"query"}).status, 2);
}

TEST_F(Querying, DocumentsFollowTheSchema) {
  const auto shell = [](const std::string& command) { return test::run_program("/bin/sh", {"-c", command}); };
  if (shell("python3 -c 'import jsonschema'").status != 0) GTEST_SKIP() << "needs python3-jsonschema";
  const test::TemporaryFolder folder;
  test::write_text(folder / "bad", test::fleet().front() + "\nhello\n{\"torn");
  const std::string quell = "cd '" + folder.path().string() + "'; '" QUELL_PROGRAM "' ";
  shell(quell + "merge bad '" + (*folder_ / "records").string() + "' --sqlite new.db --json > 1.json");
  shell(quell + "query new.db with-advisory --json > 2.json");
  shell(quell + "query new.db 'SELECT NULL AS a, 1.5 AS b, 1 WHERE 0' --json > 3.json");
  shell(quell + "query --list --json > 4.json");
  const Outcome outcome = shell("cd '" + folder.path().string() +
                                "'; python3 -W ignore '" QUELL_SOURCE
                                "/tests/report/validate.py' "
                                "'" QUELL_SOURCE "/docs/schema/quell-2.schema.json' *.json");
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("4 documents, 0 against"));
}

// Each column of each table has a row in the page that describes them.
TEST(ScanDatabase, IsDescribed) {
  const std::string page = test::file_text(QUELL_SOURCE "/docs/formats/scan-database.md");
  for (const store::Table& table : store::tables()) {
    const auto begin = page.find("### `" + std::string(table.name) + "`");
    ASSERT_NE(begin, std::string::npos) << table.name;
    const std::string part = page.substr(begin, page.find("\n### ", begin + 1) - begin);
    for (const store::Column& column : table.columns) {
      EXPECT_THAT(part, HasSubstr("| `" + std::string(column.name) + "` |")) << table.name;
    }
  }
}

}  // namespace
}  // namespace quell
