// SPDX-License-Identifier: GPL-2.0-or-later
// `quell scan` and `quell inspect --ndjson` as a user runs them.
#include <csignal>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/file_descriptor.h"
#include "scan/lines.h"
#include "scan/zstd_frames.h"
#include "specimen/intel.h"
#include "support/program.h"
#include "support/sanitizers.h"
#include "support/temporary_folder.h"

namespace quell::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

class Scans : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder_ / "in");
    Buffer dump = specimen::intel_small_dump(specimen::IntelFlavour::me8);
    ASSERT_TRUE(write_file(folder_ / "in/a.rom", dump));
    ASSERT_TRUE(write_file(folder_ / "in/copy.rom", dump));
    dump.at(dump.size() - 1) ^= std::byte{1};
    ASSERT_TRUE(write_file(folder_ / "in/b.rom", dump));
    std::ofstream(folder_ / "in/c.txt") << "some text that no parser knows\n";
  }
  // A line of a shell in the folder; "$Q" is the program.
  [[nodiscard]] Outcome shell(const std::string& line) const {
    return run_program("/bin/bash", {"-c", "cd \"$0\"; " + line, folder_.path()}, {std::string("Q=") + QUELL_PROGRAM});
  }
  [[nodiscard]] std::string text(const std::string& name) const { return file_text(folder_ / name); }

  TemporaryFolder folder_;  // NOLINT(cppcoreguidelines-non-private-member-variables-in-classes)
};

TEST_F(Scans, WritesALineForEachFileAndOneForEachContent) {
  const Outcome outcome = shell("$Q scan in -o out.ndjson");
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_THAT(outcome.error, HasSubstr("4 files; 3 contents in"));
  const auto lines = lines_of(text("out.ndjson"));
  EXPECT_EQ(lines.size(), 7U);
  EXPECT_EQ(file_line(lines, "in/copy.rom")["sha256"], file_line(lines, "in/a.rom")["sha256"]);
  const json image = image_line(lines, "in/a.rom");
  EXPECT_EQ(image["status"], "ok");
  EXPECT_EQ(image["kind"], "intel.dump");
  const json& engine = image["engines"][0];
  EXPECT_EQ(engine["id"], "intel-me");
  EXPECT_EQ(engine["family"], "ME");
  EXPECT_EQ(engine["disable_bit_set"], false);
  EXPECT_EQ(engine["keys"].size(), 1U);
  EXPECT_EQ(engine["checks"]["signatures"]["held"], 2);
  EXPECT_EQ(image_line(lines, "in/c.txt")["status"], "unknown");
  EXPECT_THAT(image_line(lines, "in/c.txt")["error"].get<std::string>(), HasSubstr("text"));
  EXPECT_FALSE(fs::exists(folder_ / "out.ndjson.part"));
}

TEST_F(Scans, GiveTheSameLinesWithAnyNumberOfWorkersAndInShards) {
  ASSERT_EQ(shell("$Q scan in -o 1.ndjson --jobs 1 --tree; $Q scan in -o 4.ndjson --jobs 4 --tree").status, 0);
  EXPECT_EQ(comparable(text("1.ndjson")), comparable(text("4.ndjson")));
  ASSERT_EQ(shell("for i in 0 1 2; do $Q scan in -o s$i.ndjson --tree --shard $i/3 || exit 1; done").status, 0);
  // Contents that two shards share have a line in each.
  auto shards = comparable(text("s0.ndjson") + text("s1.ndjson") + text("s2.ndjson"));
  shards.erase(std::unique(shards.begin(), shards.end()), shards.end());
  EXPECT_EQ(shards, comparable(text("1.ndjson")));
}

TEST_F(Scans, TakeShardsFromTheScheduler) {
  ASSERT_EQ(
      shell("export SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=0; for i in 0 1; do "
            "SLURM_ARRAY_TASK_ID=$i $Q scan in -o $i.ndjson --shard auto || exit 1; done; cat 0.ndjson 1.ndjson > all")
          .status,
      0);
  int files = 0;
  for (const json& line : lines_of(text("all"))) files += line.contains("file") ? 1 : 0;
  EXPECT_EQ(files, 4);
  EXPECT_EQ(shell("$Q scan in -o x --shard auto").status, 2);
  EXPECT_EQ(shell("SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=2 $Q scan in -o x --shard auto").status, 2);
}

TEST_F(Scans, ReadTheirWorkListFromAStream) {
  const Outcome outcome = shell("find in -name '*.rom' -print0 | $Q scan --from0 - --progress none");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(lines_of(outcome.out).size(), 5U);
}

TEST_F(Scans, GoOnWithWhatIsFinishedAndLookAtWhatIsNewAlone) {
  ASSERT_EQ(shell("$Q scan in -o out.ndjson").status, 0);
  const std::string before = text("out.ndjson");
  const Outcome again = shell("$Q scan in -o out.ndjson --resume");
  EXPECT_EQ(again.status, 0);
  EXPECT_THAT(again.error, HasSubstr("4 files, 4 of them before; 0 contents"));
  EXPECT_EQ(text("out.ndjson"), before);
  std::ofstream(folder_ / "in/d.txt") << "another text\n";
  EXPECT_THAT(shell("$Q scan in -o out.ndjson --resume").error, HasSubstr("5 files, 4 of them before; 1 content in"));
  EXPECT_THAT(text("out.ndjson"), testing::StartsWith(before));
  EXPECT_EQ(lines_of(text("out.ndjson")).size(), 9U);
  EXPECT_EQ(shell("$Q scan in -o out.ndjson --resume --level check").status, 2);
  EXPECT_EQ(lines_of(text("out.ndjson")).size(), 9U);
  EXPECT_FALSE(fs::exists(folder_ / "out.ndjson.part"));
}

// What systemd would run, with its own marks taken out.
TEST_F(Scans, OfAWatchedFolderGoOnWithTheRecordsOfTheSameProgram) {
  const std::string source = QUELL_SOURCE;
  const std::string unit = "unit=$(sed -n '/^ExecStart=/,/[^\\\\]$/p' " + source +
                           "/share/quell/scan/quell-scan@.service | sed 's/^ExecStart=//; s/\\\\$//; s/\\$\\$/$/g; "
                           "s|%f|in|; s|%i|dumps|; s|/var/lib/quell/scan|records|'); PATH=${Q%/*}:$PATH; ";
  const Outcome outcome =
      shell(unit + "mkdir records && eval $unit && echo more >in/d.txt && eval $unit && ls records");
  EXPECT_EQ(outcome.status, 0) << outcome.error;
  EXPECT_THAT(outcome.out, testing::MatchesRegex("dumps-[0-9a-f]+\\.ndjson\n"));
  EXPECT_EQ(lines_of(text("records/" + outcome.out.substr(0, outcome.out.size() - 1))).size(), 9U);
}

TEST_F(Scans, RefuseToDropWhatAnUnfinishedScanWrote) {
  std::ofstream(folder_ / "out.ndjson.part") << "";
  const Outcome outcome = shell("$Q scan in -o out.ndjson");
  EXPECT_EQ(outcome.status, 4);
  EXPECT_TRUE(fs::exists(folder_ / "out.ndjson.part"));
  EXPECT_EQ(shell("$Q scan in -o out.ndjson --resume").status, 0);
}

TEST_F(Scans, ReplaceNothingThatNoScanWrote) {
  const std::string own = "what somebody wrote\n";
  const std::string archive = scan::has_compression() ? scan::compress(own).value() : own;
  std::vector<std::string> names = {"notes.txt"};
  if (scan::has_compression()) names.emplace_back("notes.zst");
  for (const std::string& name : names) {
    const std::string& content = name == "notes.txt" ? own : archive;
    for (const std::string& there : {name, name + ".part"}) {
      for (const std::string resume : {"", " --resume"}) {
        std::ofstream(folder_ / there) << content;
        const Outcome outcome = shell("$Q scan in -o " + name + resume);
        EXPECT_EQ(outcome.status, 4) << there << resume << outcome.error;
        EXPECT_THAT(outcome.error, HasSubstr(there + ": is there")) << resume;
        EXPECT_EQ(text(there), content) << resume;
        EXPECT_FALSE(fs::exists(folder_ / (there == name ? name + ".part" : name))) << resume;
        fs::remove(folder_ / there);
      }
    }
  }
  // What a scan wrote is replaced by the next, and so is an empty file.
  std::ofstream(folder_ / "new") << "";
  EXPECT_EQ(shell("$Q scan in -o new && $Q scan in -o new").status, 0);
}

TEST_F(Scans, WriteIntoNothingButAFileWhereTheyWouldGoOn) {
  for (const char* make : {"mkfifo out.part", "mkdir out.part", "ln -s /dev/null out.part"}) {
    for (const char* resume : {"", " --resume"}) {
      const Outcome outcome = shell(std::string(make) + "; $Q scan in -o out" + resume);
      EXPECT_EQ(outcome.status, 4) << make << resume << outcome.error;
      EXPECT_THAT(outcome.error, HasSubstr("out.part: is there, and is no file")) << make << resume;
      EXPECT_TRUE(fs::remove(folder_ / "out.part"));
    }
  }
  EXPECT_EQ(shell("$Q scan in -o out").status, 0);
}

TEST_F(Scans, SayNamesInOneLine) {
  EXPECT_THAT(shell("$Q scan in -o 'o\nut\x1b[31m'").error, HasSubstr("written: o\\x0aut\\x1b[31m\n"));
  EXPECT_TRUE(fs::exists(folder_ / "o\nut\x1b[31m"));
}

TEST_F(Scans, DoNotGoOnWithoutTreesWhereTreesAreAskedFor) {
  ASSERT_EQ(shell("$Q scan in -o out; $Q scan in -o trees --tree").status, 0);
  const Outcome outcome = shell("$Q scan in -o out --resume --tree");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.error, HasSubstr("without trees"));
  EXPECT_EQ(shell("$Q scan in -o trees --resume --tree; $Q scan in -o trees --resume").status, 0);
}

TEST_F(Scans, ReplaceNoFileOfWhichNoBlockCanBeUnpacked) {
  if (!scan::has_compression()) GTEST_SKIP() << "this build has no zstd";
  const std::string torn = scan::compress(std::string(1000, 'x')).value().substr(0, 10);
  for (const std::string there : {"cut.zst", "cut.zst.part"}) {
    for (const std::string resume : {"", " --resume"}) {
      std::ofstream(folder_ / there) << torn;
      EXPECT_EQ(shell("$Q scan in -o cut.zst" + resume).status, 4) << there << resume;
      EXPECT_EQ(text(there), torn);
      fs::remove(folder_ / there);
    }
  }
}

// What a terminal and a scheduler do: the signal goes to the workers too.
TEST_F(Scans, SayHowFarTheyCameAndHowToGoOnWhenASignalEndsThem) {
  Buffer dump = specimen::intel_small_dump(specimen::IntelFlavour::me8);
  for (unsigned i = 0; i < 200; ++i) {
    dump.at(dump.size() - 1) = static_cast<std::byte>(i);
    ASSERT_TRUE(write_file(folder_ / ("in/" + std::to_string(i)), dump));
  }
  ASSERT_EQ(shell("$Q scan in -o alone").status, 0);
  const Outcome outcome = shell(
      "set -m; $Q scan in -o out --jobs 2 & until [ -s out.part ]; do sleep 0.01; done; kill -TERM -- -$!; wait $!");
  ASSERT_EQ(outcome.status, 128 + SIGTERM) << outcome.error;
  EXPECT_THAT(outcome.error, testing::ContainsRegex("stopped: [0-9]+ of 204 files done, kept in out.part; .*--resume"));
  EXPECT_FALSE(fs::exists(folder_ / "out"));
  EXPECT_EQ(shell("$Q scan in -o out --resume").status, 0);
  EXPECT_EQ(comparable(text("out")), comparable(text("alone")));
  // Who asked for that by nohup is not stopped by it.
  const Outcome ignored = shell(
      "trap '' HUP; $Q scan in -o on --jobs 2 & until [ -s on.part ] || [ -s on ]; do sleep 0.01; done; "
      "kill -HUP $!; wait $!");
  EXPECT_EQ(ignored.status, 0) << ignored.error;
}

TEST_F(Scans, SayWhatIsWrongWithTheirOptions) {
  struct Case {
    const char* options;
    const char* message;
  };
  for (const Case& one : {Case{"--memory abc", "--memory abc: write a size like 64M"},
                          Case{"--memory 1M", "at least 16M"}, Case{"--memory 99999999G", "more than"},
                          Case{"--shard auto", "auto is for array jobs"}, Case{"--from0 lines", "find -print0"}}) {
    const Outcome outcome = shell(std::string("printf 'a\\nb\\n' > lines; $Q scan in -o x ") + one.options);
    EXPECT_EQ(outcome.status, 2) << one.options;
    EXPECT_THAT(outcome.error, HasSubstr(one.message));
  }
  EXPECT_EQ(shell("$Q scan in -o x --memory 64MiB").status, 0);
}

// A file that is replaced by another of its name, again and again, is told as it was or as it is, or as gone: one line.
TEST_F(Scans, TellAFileThatIsReplacedMeanwhileOnce) {
  const Outcome outcome = shell(
      "cp in/a.rom one; cp in/b.rom other; (while [ ! -e stop ]; do cp one new; mv new in/a.rom; cp other new; "
      "mv new in/a.rom; done) & for i in 1 2 3 4 5; do $Q scan in -o out$i || exit 1; done; touch stop; wait");
  ASSERT_EQ(outcome.status, 0) << outcome.error;
  for (int i = 1; i <= 5; ++i) {
    const auto lines = lines_of(text("out" + std::to_string(i)));
    const json file = file_line(lines, "in/a.rom");
    ASSERT_TRUE(file.is_object());
    EXPECT_THAT(file["status"], testing::AnyOf("ok", "changed"));
    if (file["status"] == "ok") {
      EXPECT_TRUE(image_line(lines, "in/a.rom").is_object());
    }
  }
}

TEST_F(Scans, TellAFileThatMayNotBeReadAsUnreadable) {
  if (::geteuid() != 0 || shell("setpriv --version").status != 0) GTEST_SKIP() << "needs root and setpriv";
  fs::permissions(folder_.path(), fs::perms::all);
  fs::permissions(folder_ / "in/b.rom", fs::perms::owner_read);
  const std::string as_nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups ";
  if (shell(as_nobody + "$Q --version").status != 0) GTEST_SKIP() << "others may not run the program";
  const Outcome outcome = shell(as_nobody + "$Q scan in -o out");
  ASSERT_EQ(outcome.status, 0) << outcome.error;
  const auto lines = lines_of(text("out"));
  EXPECT_EQ(file_line(lines, "in/b.rom")["status"], "unreadable");
  EXPECT_EQ(file_line(lines, "in/b.rom")["error"], "Permission denied");
  EXPECT_EQ(file_line(lines, "in/a.rom")["status"], "ok");
}

TEST_F(Scans, LinesAboutRealImagesFollowTheSchema) {
  const fs::path corpus = fs::path(QUELL_SHARED) / "corpus";
  if (!fs::is_directory(corpus)) GTEST_SKIP() << "needs " << corpus;
  if (shell("python3 -c 'import jsonschema'").status != 0) GTEST_SKIP() << "needs python3-jsonschema";
  const std::string source = QUELL_SOURCE;
  // Every eighth file, of at most 16 MiB.
  const Outcome outcome =
      shell("find '" + corpus.string() +
            "' -type f -size -16M -print0 | sort -z | sed -zn '1~8p' | $Q scan --from0 - -o a --tree "
            "&& split -a 4 -l 1 a line- && python3 -W ignore " +
            source + "/tests/report/validate.py " + source + "/docs/schema/quell-scan-1.schema.json line-*");
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.error;
}

// Adds what the whole frames hold to `content`; where they end.
Result<std::uint64_t> read_frames(const fs::path& path, std::string& content) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return scan::for_each_frame(file.get(), [&](std::string_view frame) {
    content += frame;
    return true;
  });
}

TEST_F(Scans, CompressWhereTheNameSaysSo) {
  if (!scan::has_compression()) GTEST_SKIP() << "this build has no zstd";
  ASSERT_EQ(shell("$Q scan in -o out.ndjson; $Q scan in -o out.ndjson.zst").status, 0);
  std::string content;
  const auto end = read_frames(folder_ / "out.ndjson.zst", content);
  ASSERT_TRUE(end);
  EXPECT_EQ(*end, fs::file_size(folder_ / "out.ndjson.zst"));
  EXPECT_EQ(comparable(content), comparable(text("out.ndjson")));
  EXPECT_THAT(shell("$Q scan in -o out.ndjson.zst --resume").error, HasSubstr("4 of them before"));
  fs::create_directory(folder_ / "empty");
  ASSERT_EQ(shell("$Q scan empty -o none.ndjson.zst; $Q scan empty -o none.ndjson.zst --resume").status, 0);
  EXPECT_GT(fs::file_size(folder_ / "none.ndjson.zst"), 0U);
}

TEST_F(Scans, TakeNothingFromAFrameThatLostABit) {
  if (!scan::has_compression()) GTEST_SKIP() << "this build has no zstd";
  ASSERT_EQ(shell("$Q scan in -o out.ndjson").status, 0);
  const std::string lines = text("out.ndjson");
  const std::string frame = scan::compress(lines).value();
  for (std::size_t place = 0; place < frame.size(); place += 17) {
    std::string damaged = frame;
    damaged.at(place) = static_cast<char>(damaged.at(place) ^ 1);
    std::ofstream(folder_ / "frame.zst", std::ios::binary) << damaged;
    std::string taken;
    ASSERT_TRUE(read_frames(folder_ / "frame.zst", taken));
    EXPECT_TRUE(taken.empty() || taken == lines) << "the bit at byte " << place;
  }
}

TEST_F(Scans, WriteTheFileThatALinkNames) {
  fs::create_directory(folder_ / "far");
  fs::create_symlink("far/out.ndjson", folder_ / "out.ndjson");
  for (const char* options : {"", "--resume"})
    EXPECT_EQ(shell(std::string("$Q scan in -o out.ndjson ") + options).status, 0);
  EXPECT_TRUE(fs::is_symlink(folder_ / "out.ndjson"));
  EXPECT_EQ(lines_of(text("far/out.ndjson")).size(), 7U);
}

TEST_F(Scans, LeaveTheirOwnOutputOut) {
  ASSERT_EQ(shell("$Q scan in -o in/out.ndjson; $Q scan in -o in/out.ndjson").status, 0);
  EXPECT_EQ(lines_of(text("in/out.ndjson")).size(), 7U);
  EXPECT_EQ(shell("$Q scan in in/a.rom -o in/a.rom").status, 2);
}

TEST_F(Scans, EndWithTheStatusThatTheirOptionsAsk) {
  EXPECT_EQ(shell("$Q scan in -o - --fail-on critical").status, 0);
  EXPECT_EQ(shell("$Q scan in -o out.ndjson --fail-on info").status, 1);
  EXPECT_EQ(shell("$Q scan in -o out.ndjson --resume --fail-on info").status, 1);
  EXPECT_EQ(shell("$Q scan").status, 2);
  EXPECT_EQ(shell("$Q scan none -o out.ndjson").status, 5);
  EXPECT_EQ(shell("$Q scan in -o none/out.ndjson").status, 5);
  EXPECT_EQ(shell("$Q scan in -o /dev/full").status, 5);
  EXPECT_EQ(shell("$Q scan in -o - --resume").status, 2);
  EXPECT_EQ(shell("$Q scan in -o x --timeout soon").status, 2);
}

TEST_F(Scans, TellProgramsHowFarTheyAre) {
  const Outcome outcome = shell("$Q scan in -o out.ndjson --progress json");
  const json last = lines_of(outcome.error).back();
  EXPECT_EQ(last["done"], 4);
  EXPECT_EQ(last["total"], 4);
  EXPECT_EQ(last["finished"], true);
  EXPECT_EQ(last["files"]["ok"], 4);
  const std::string guide = file_text(QUELL_SOURCE "/docs/guide/scan.md");
  for (const auto& [member, value] : last.items()) EXPECT_THAT(guide, HasSubstr("`" + member + "`"));
}

TEST_F(Scans, LinesFollowTheSchema) {
  if (shell("python3 -c 'import jsonschema'").status != 0) GTEST_SKIP() << "needs python3-jsonschema";
  const std::string source = QUELL_SOURCE;
  const Outcome outcome = shell(
      "ln -s nothing in/broken; $Q scan in -o a.ndjson --tree; $Q scan in -o b.ndjson --level check && cat "
      "a.ndjson b.ndjson | split -l 1 - line- && python3 -W ignore " +
      source + "/tests/report/validate.py " + source + "/docs/schema/quell-scan-1.schema.json line-*");
  EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.error;
}

TEST_F(Scans, InspectPrintsADocumentALine) {
  const Outcome outcome = shell("$Q inspect --ndjson in/a.rom in/none in/c.txt in/b.rom");
  EXPECT_EQ(outcome.status, 5);
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 4U);
  for (const json& line : lines) EXPECT_EQ(line["schema"], "quell/2");
  EXPECT_EQ(lines[0]["images"][0]["kind"], "intel.dump");
  EXPECT_THAT(lines[1]["images"][0]["error"].get<std::string>(), HasSubstr("in/none"));
}

TEST_F(Scans, InspectStreamsTheDocumentOfManyFiles) {
  const Outcome many = shell("$Q inspect --json in/a.rom in/none in/b.rom");
  const json document = json::parse(many.out);
  ASSERT_EQ(document["images"].size(), 3U);
  EXPECT_EQ(document["images"][1]["file"], "in/none");
  const Outcome one = shell("$Q inspect --json in/b.rom");
  EXPECT_EQ(document["images"][2], json::parse(one.out)["images"][0]);
  EXPECT_EQ(one.out, nlohmann::ordered_json::parse(one.out).dump(2) + "\n");
  // 60 files take no more memory than a few do. The sanitizer keeps what was given back.
  if (sanitized) return;
  const std::string peak =
      "import resource,subprocess,sys;subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL);"
      "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
  const auto kilobytes = [&](int files) {
    return std::stol(
        shell("python3 -c '" + peak + "' $Q inspect --json $(yes in/a.rom | head -n " + std::to_string(files) + ")")
            .out);
  };
  EXPECT_LT(kilobytes(60), kilobytes(4) + 2048);
}

}  // namespace
}  // namespace quell::test
