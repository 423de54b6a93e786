// SPDX-License-Identifier: GPL-2.0-or-later
// `quell merge` into SQLite as a user runs it: nothing is lost without a word, nothing is half-made.
#include <fcntl.h>
#include <sys/stat.h>

#include <gmock/gmock.h>
#ifdef QUELL_HAS_ZSTD
#include <zstd.h>
#endif

#include "store/records.h"
#include "store/schema.h"
#include "support/program.h"
#include "support/temporary_folder.h"

namespace quell {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Outcome quell(const std::vector<std::string>& words) { return test::run_program(QUELL_PROGRAM, words); }

Outcome shell(const std::string& command) { return test::run_program("/bin/sh", {"-c", command}); }

class Merging : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }
  std::string records(const std::string& text, const std::string& name = "records.ndjson") const {
    test::write_text(path(name), text);
    return path(name);
  }
  [[nodiscard]] Outcome merge(const std::vector<std::string>& files) const {
    std::vector<std::string> words{"merge"};
    words.insert(words.end(), files.begin(), files.end());
    words.insert(words.end(), {"--sqlite", path("fleet.db")});
    return quell(words);
  }
  [[nodiscard]] std::string rows(const std::string& sql) const {
    const Outcome outcome = quell({"query", path("fleet.db"), sql, "--format", "csv"});
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    return outcome.out;
  }
  // Every row of every table.
  [[nodiscard]] std::string content() const {
    std::string out;
    for (const store::Table& table : store::tables()) {
      std::string order = "1";
      for (std::size_t i = 2; i <= table.key; ++i) order += ", " + std::to_string(i);
      out += rows("SELECT * FROM " + std::string(table.name) + " ORDER BY " + order);
    }
    return out;
  }

  test::TemporaryFolder folder_{};
};

TEST_F(Merging, TwiceGivesTheSameRows) {
  const std::string file = records(test::joined(test::fleet()));
  const Outcome first = merge({file});
  EXPECT_EQ(first.status, 0) << first.error;
  EXPECT_THAT(first.out, HasSubstr("28 images and 35 files are new"));
  const std::string before = content();
  EXPECT_THAT(before, HasSubstr("INTEL-SA-00102"));
  const Outcome second = merge({file, file});
  EXPECT_EQ(second.status, 0);
  EXPECT_THAT(second.out, HasSubstr("0 images and 0 files are new"));
  EXPECT_EQ(content(), before);
  EXPECT_THAT(folder_.names(), ElementsAre("fleet.db", "records.ndjson"));
}

TEST_F(Merging, OfTheSameRecordsTwiceInOneGoTakesThemOnce) {
  const std::string file = records(test::joined(test::fleet()));
  const Outcome outcome = merge({file, file});
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("28 images and 35 files are new"));
}

TEST_F(Merging, OfShardsIsTheMergeOfTheWhole) {
  const auto lines = test::fleet();
  const auto half = lines.begin() + static_cast<std::ptrdiff_t>(lines.size() / 2);
  EXPECT_EQ(merge({records(test::joined({lines.begin(), half}), "1")}).status, 0);
  EXPECT_EQ(merge({records(test::joined({half, lines.end()}), "2")}).status, 0);
  const std::string piecewise = content();
  fs::remove(path("fleet.db"));
  EXPECT_EQ(merge({records(test::joined(lines))}).status, 0);
  EXPECT_EQ(content(), piecewise);
}

TEST_F(Merging, TellsATornLastLineAndTakesTheRest) {
  const std::string whole = test::joined(test::fleet());
  const std::string file = records(whole.substr(0, whole.size() - 20));
  const Outcome outcome = merge({file});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.error, HasSubstr("records.ndjson: line " + std::to_string(test::fleet().size())));
  EXPECT_THAT(outcome.error, HasSubstr("stops in the middle"));
  EXPECT_THAT(outcome.out, HasSubstr("28 images and 34 files are new"));
}

TEST_F(Merging, TakesAWholeLastLineWithoutItsEnd) {
  const std::string whole = test::joined(test::fleet());
  const Outcome outcome = merge({records(whole.substr(0, whole.size() - 1))});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.error, IsEmpty());
  EXPECT_THAT(outcome.out, HasSubstr("28 images and 35 files are new"));
}

struct BadLineCase {
  const char* what;
  std::string line;
  const char* reason;
};

// Of an image, with one member put in its place.
std::string changed(const char* member, const test::Json& value) {
  test::Json image = test::image_record(1);
  image[member] = value;
  return test::image_line(image);
}

std::vector<BadLineCase> bad_lines() {
  test::Json nested = 1;
  for (int i = 0; i < 100; ++i) nested = test::Json::array({nested});
  test::Json without = test::image_record(1);
  without.erase("engines");
  return {
      {"text", "hello", "is no JSON"},
      {"not UTF-8", "{\"schema\":\"quell/scan/1\",\"file\":{\"path\":\"\xFF\"}}", "is no JSON"},
      {"a number", "7", "is no object"},
      {"no schema", "{}", "has no schema"},
      {"another schema", R"({"schema":"quell/scan/2","file":{}})", "quell/scan/2"},
      {"neither", R"({"schema":"quell/scan/1","other":{}})", "neither file nor image"},
      {"a list for an image", R"({"schema":"quell/scan/1","image":[]})", "image is no object"},
      {"no digest", changed("sha256", "12"), "image.sha256 is no SHA-256"},
      {"a size below zero", changed("size", -1), "image.size is no count"},
      {"a size without end", changed("size", 0xFFFFFFFFFFFFFFFFU), "image.size is too large"},
      {"time in words", changed("ms", "long"), "image.ms is no number"},
      {"engines in words", changed("engines", "many"), "image.engines is no array"},
      {"no engines", test::image_line(without), "image has no engines"},
      {"an empty engine", changed("engines", test::Json::array({test::Json::object()})), "engine has no id"},
      {"a file without a path", R"({"schema":"quell/scan/1","file":{"status":"ok"}})", "file has no path"},
      {"nested without end", changed("tree", nested), "nests too deep"},
  };
}

TEST_F(Merging, TellsEachBadLineWithFileAndNumberAndTakesTheRest) {
  const auto good = test::fleet();
  std::vector<std::string> lines{good.front()};
  for (const BadLineCase& one : bad_lines()) lines.push_back(one.line);
  lines.push_back(good.at(1));
  const Outcome outcome = merge({records(test::joined(lines))});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("1 image and 1 file are new"));
  std::size_t number = 1;
  for (const BadLineCase& one : bad_lines()) {
    const std::string place = "records.ndjson: line " + std::to_string(++number) + ": ";
    const auto at = outcome.error.find(place);
    ASSERT_NE(at, std::string::npos) << one.what;
    const std::string said = outcome.error.substr(at, outcome.error.find('\n', at) - at);
    EXPECT_THAT(said, HasSubstr(one.reason)) << one.what;
  }
}

TEST_F(Merging, CountsBadLinesThatAreTooManyToTell) {
  std::string text = test::joined({test::fleet().front()});
  for (int i = 0; i < 30; ++i) text += "x\n";
  const Outcome outcome = merge({records(text)});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.error, HasSubstr("10 lines more are no records"));
}

TEST_F(Merging, AResultTakesThePlaceOfAFailureAndNeverTheOtherWayRound) {
  test::Json failed = test::image_record(1);
  failed["status"] = "timeout";
  failed["engines"] = test::Json::array();
  const std::string good = records(test::joined({test::image_line(test::image_record(1))}), "good");
  const std::string bad = records(test::joined({test::image_line(failed)}), "bad");
  EXPECT_EQ(merge({bad}).status, 0);
  EXPECT_EQ(rows("SELECT status, (SELECT COUNT(*) FROM engine) FROM image"),
            "status,(SELECT COUNT(*) FROM engine)\ntimeout,0\n");
  const Outcome outcome = merge({good});
  EXPECT_THAT(outcome.out, HasSubstr("1 image took the place of a failure"));
  const std::string after = content();
  EXPECT_EQ(rows("SELECT status FROM image"), "status\nok\n");
  EXPECT_EQ(rows("SELECT COUNT(*) AS n FROM engine"), "n\n1\n");
  EXPECT_EQ(merge({bad}).status, 0);
  EXPECT_EQ(content(), after);
}

TEST_F(Merging, ReadsStandardInput) {
  const std::string file = records(test::joined(test::fleet()));
  const Outcome outcome = shell("'" QUELL_PROGRAM "' merge - --sqlite '" + path("fleet.db") + "' < '" + file + "'");
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("28 images and 35 files are new"));
}

#ifdef QUELL_HAS_ZSTD
std::string packed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

TEST_F(Merging, UnpacksWhatIsPackedInOnePieceOrSeveral) {
  const auto lines = test::fleet();
  const auto half = lines.begin() + static_cast<std::ptrdiff_t>(lines.size() / 2);
  const std::string text = packed(test::joined({lines.begin(), half})) + packed(test::joined({half, lines.end()}));
  const Outcome outcome = merge({records(text, "records.ndjson.zst")});
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_THAT(outcome.out, HasSubstr("28 images and 35 files are new"));
}

TEST_F(Merging, TakesWhatStandsBeforeTheEndOfPackedDataThatIsCutShort) {
  const std::string whole = packed(test::joined(test::fleet()));
  const std::string more = packed(test::joined({test::image_line(test::image_record(90))}));
  const Outcome outcome = merge({records(whole + more.substr(0, more.size() - 5))});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.error, HasSubstr("records.ndjson: the packed data stops early"));
  EXPECT_THAT(outcome.out, HasSubstr("images and 35 files are new"));
}

TEST_F(Merging, TellsWherePackedDataIsDamaged) {
  const Outcome outcome = merge({records(packed(test::joined(test::fleet())) + "no frame at all")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.error, HasSubstr("what follows is lost; 63 records before it were taken"));
}
#endif

struct WrongTarget {
  const char* what;
  std::string make;  // shell, in the folder; "$QUELL" is the program
  std::string file;
  std::string database;
  int status;
  const char* message;
};

std::vector<WrongTarget> wrong_targets() {
  return {
      {"a text file", "echo hello > x.db", "good", "x.db", 3, "x.db: is no SQLite database"},
      {"a folder", "mkdir x.db", "good", "x.db", 2, "x.db: is no file"},
      {"no folder", "true", "good", "not/there/x.db", 5, "No such file or directory"},
      {"a device", "true", "good", "/dev/null", 2, "/dev/null: is no file"},
      {"a link to nothing", "ln -s nowhere x.db", "good", "x.db", 5, "No such file or directory"},
      {"a text as records", "echo hello > bad", "bad", "x.db", 3, "bad: holds no record of a scan: line 1: is no JSON"},
      {"a folder as records", "mkdir bad", "bad", "x.db", 2, "bad: is a folder"},
      {"no records", "true", "not-there", "x.db", 5, "not-there: No such file or directory"},
      {"another version",
       "$QUELL merge good --sqlite x.db && printf '\\000\\000\\000\\002' | "
       "dd of=x.db bs=1 seek=60 conv=notrunc 2>&1",
       "good", "x.db", 3, "its tables are of version 2"},
      {"a database of something else",
       "$QUELL merge good --sqlite x.db && printf '\\000\\000\\000\\002' | "
       "dd of=x.db bs=1 seek=68 conv=notrunc 2>&1",
       "good", "x.db", 3, "not one of merged scans"},
      {"a damaged database",
       "$QUELL merge good --sqlite x.db && dd if=/dev/zero of=x.db bs=4096 seek=1 count=30 "
       "conv=notrunc 2>&1",
       "good", "x.db", 3, "x.db"},
  };
}

TEST_F(Merging, LeavesEverythingAsItWasWhereItCannotDoIt) {
  for (const WrongTarget& one : wrong_targets()) {
    SCOPED_TRACE(one.what);
    const test::TemporaryFolder folder;
    test::write_text(folder / "good", test::joined(test::fleet()));
    const std::string enter = "cd '" + folder.path().string() + "'; QUELL='" QUELL_PROGRAM "'; ";
    ASSERT_EQ(shell(enter + one.make).status, 0);
    const auto look = [&] { return shell(enter + "ls -A; cat x.db 2>&1 | cksum").out; };
    const std::string before = look();
    const Outcome outcome = shell(enter + "\"$QUELL\" merge " + one.file + " --sqlite " + one.database);
    EXPECT_EQ(outcome.status, one.status);
    EXPECT_THAT(outcome.error, HasSubstr(one.message));
    EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
    EXPECT_THAT(outcome.out, IsEmpty());
    EXPECT_EQ(look(), before);
  }
}

TEST_F(Merging, NeedsOneTarget) {
  const std::string file = records(test::joined(test::fleet()));
  EXPECT_EQ(quell({"merge", file}).status, 2);
  EXPECT_EQ(quell({"merge", file, "--sqlite", path("x.db"), "--postgres", "postgresql://x/y"}).status, 2);
}

// Records that make a database of some MiB.
std::string many_records() {
  std::string out;
  for (unsigned i = 100; i < 800; ++i) out += test::image_line(test::image_record(i)) + "\n";
  return out;
}

TEST_F(Merging, OnAFullDiskLeavesTheDatabaseAsItWas) {
  const std::string more = records(many_records(), "more");
  const std::string limited = "ulimit -f 400; '" QUELL_PROGRAM "' merge '" + more + "' --sqlite ";
  const Outcome fresh = shell(limited + "'" + path("new.db") + "'");
  EXPECT_EQ(fresh.status, 5) << fresh.error;
  EXPECT_THAT(fresh.error, Not(HasSubstr("as it was")));
  EXPECT_THAT(folder_.names(), ElementsAre("more"));
  ASSERT_EQ(merge({records(test::joined(test::fleet()))}).status, 0);
  const std::string before = content();
  const Outcome grown = shell(limited + "'" + path("fleet.db") + "'");
  EXPECT_EQ(grown.status, 5) << grown.error;
  EXPECT_THAT(grown.error, HasSubstr("the database is as it was"));
  EXPECT_EQ(content(), before);
  EXPECT_THAT(folder_.names(), ElementsAre("fleet.db", "more", "records.ndjson"));
}

TEST_F(Merging, WithoutTheRightToWriteSaysSo) {
  ASSERT_EQ(merge({records(test::joined(test::fleet()))}).status, 0);
  fs::permissions(path("fleet.db"), fs::perms(0444));
  fs::permissions(folder_.path(), fs::perms(0555));
  const std::string user = ::geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
  const Outcome existing =
      shell(user + "'" QUELL_PROGRAM "' merge '" + path("records.ndjson") + "' --sqlite '" + path("fleet.db") + "'");
  const Outcome fresh =
      shell(user + "'" QUELL_PROGRAM "' merge '" + path("records.ndjson") + "' --sqlite '" + path("new.db") + "'");
  fs::permissions(folder_.path(), fs::perms(0755));
  if (existing.status == 126 || existing.status == 127) GTEST_SKIP() << "needs setpriv and a program that all may run";
  EXPECT_EQ(existing.status, 5) << existing.error;
  EXPECT_THAT(existing.error, HasSubstr("fleet.db: "));
  EXPECT_EQ(fresh.status, 5) << fresh.error;
  EXPECT_THAT(fresh.error, HasSubstr("new.db: cannot be created: Permission denied"));
}

// Runs a merge of standard input and interrupts it when it has taken all records but waits for more.
int interrupted_merge(const std::string& database, const std::string& text, int signal = SIGINT) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return -1;
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe[0], STDIN_FILENO);
    ::execl(QUELL_PROGRAM, QUELL_PROGRAM, "merge", "-", "--sqlite", database.c_str(), "-q", nullptr);
    ::_exit(127);
  }
  ::close(pipe[0]);
  // A pipe holds less than this: when all of it is written, much of it has been taken.
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = ::write(pipe[1], text.data() + at, text.size() - at);
    if (count <= 0) break;
    at += static_cast<std::size_t>(count);
  }
  ::kill(child, signal);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::close(pipe[1]);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

TEST_F(Merging, InterruptedInTheMiddleLeavesTheDatabaseAsItWas) {
  EXPECT_EQ(interrupted_merge(path("new.db"), many_records()), 128 + SIGINT);
  EXPECT_THAT(folder_.names(), IsEmpty());
  ASSERT_EQ(merge({records(test::joined(test::fleet()))}).status, 0);
  const std::string before = content();
  EXPECT_EQ(interrupted_merge(path("fleet.db"), many_records()), 128 + SIGINT);
  EXPECT_EQ(content(), before);
  EXPECT_THAT(folder_.names(), ElementsAre("fleet.db", "records.ndjson"));
}

TEST_F(Merging, KilledInTheMiddleLeavesNothingThatTheNextOneDoesNotRemove) {
  EXPECT_EQ(interrupted_merge(path("fleet.db"), many_records(), SIGKILL), 128 + SIGKILL);
  const std::string file = records(test::joined(test::fleet()));
  ASSERT_EQ(merge({file}).status, 0);
  EXPECT_THAT(folder_.names(), ElementsAre("fleet.db", "records.ndjson"));
  const std::string before = content();
  EXPECT_EQ(interrupted_merge(path("fleet.db"), many_records(), SIGKILL), 128 + SIGKILL);
  EXPECT_EQ(content(), before);
  ASSERT_EQ(merge({file}).status, 0);
  EXPECT_EQ(content(), before);
}

}  // namespace
}  // namespace quell
